// Package registry delivers finished, de-identified reports to the places that
// collect them: by STOW-RS, by SFTP, into a folder, or through Orthanc to a DICOM
// node or another Orthanc. All of them are one interface.
//
// Nothing of what a registry says leaves this package as text. An answer can
// quote the object, its headers can name anything, and what is returned here
// goes to the ledger, the log and the page. It is reduced to numbers, and errors
// are made of this package's own words.
package registry

import (
	"context"
	"fmt"
	"time"
)

// Object is what is sent: a whole DICOM file, the UIDs in it, and the facility
// that the registry knows its station by, "" where it has none.
type Object struct {
	SOPClassUID, SOPInstanceUID, StudyInstanceUID string
	Facility                                      string
	File                                          []byte
}

// Receipt is what a registry answered.
type Receipt struct {
	Status        int  // of HTTP; 0: it did not answer
	FailureReason int  // (0008,1197) of our object; 0: none given
	Warning       bool // taken, yet not as it was: (0008,1196), or it was there before
	Count         int  // objects that it says it stored
}

// Registry is a place that takes reports. It is safe for concurrent use.
type Registry interface {
	// Name is the one in the configuration.
	Name() string
	// Send delivers one object. Without an error the registry has said that
	// it has this very object. Any error is an *Error. Sending an object twice
	// is sending it once, so a caller that is not sure sends again.
	Send(ctx context.Context, o Object) (Receipt, error)
	// Check finds out whether Send would be heard, and stores nothing.
	Check(ctx context.Context) error
}

// Kind says what a failed delivery means for the next one.
type Kind int

const (
	// Transient: try again later. Also whatever is not understood: a registry
	// that takes the report in the end is better than one given up too early.
	Transient Kind = iota
	// Rejected: this report will never be taken as it is; others may be.
	Rejected
	// Paused: the registry, or what claims to be it, refuses us: no report will
	// be taken until somebody has seen to it.
	Paused
)

func (k Kind) String() string {
	switch k {
	case Transient:
		return "transient"
	case Rejected:
		return "rejected"
	case Paused:
		return "paused"
	}
	return fmt.Sprintf("Kind(%d)", int(k))
}

// Error is a delivery that did not happen, or of which nobody knows.
type Error struct {
	Kind       Kind
	Receipt    Receipt
	RetryAfter time.Duration // that the registry asked for; 0: it did not
	Op         string        // what failed, in our own words
	Err        error         // nil, ErrNoFacility, or a cause whose text is the system's own
}

func (e *Error) Error() string {
	if e.Err == nil {
		return e.Op
	}
	return e.Op + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// failure makes the error of a delivery that did not happen. The words are ours,
// the cause's are the system's.
func failure(registry string, kind Kind, words string, cause error) *Error {
	return &Error{Kind: kind, Op: "registry " + registry + ": " + words, Err: cause}
}
