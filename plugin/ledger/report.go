package ledger

import "time"

// State is the state of a report or of a delivery.
type State string

// The states of a report. None, the empty state, is what a report or a
// delivery that the ledger has no row for is in.
const (
	None      State = ""
	Held      State = "held"      // waits in Orthanc's storage
	Accepted  State = "accepted"  // goes to registries, or has gone
	Expired   State = "expired"   // its time was up, or a person discarded it
	Withdrawn State = "withdrawn" // gone from Orthanc by another hand
)

// The states of a delivery.
const (
	Queued    State = "queued"
	Delivered State = "delivered"
	Rejected  State = "rejected" // the registry will never take it as it is
)

// ReasonChanged is the reason code of a report that came again with other
// content before it was wholly delivered. Nobody but a person can say which of
// the two is right, so it never expires.
const ReasonChanged = "changed"

// Who causes an event, beside "person:" and the name of a command.
const (
	ByFollow  = "follow"
	ByDeliver = "deliver"
	BySweep   = "sweep"
)

// Report is one dose report of one source.
type Report struct {
	ID        string // made here, sorts by age, the same over its deliveries
	Source    string
	OrthancID string // unique together with Source
	Seq       int64  // of the last change seen

	State      State
	ReasonCode string
	Reason     string // in words, without a value of the patient's

	StationName string
	Template    string
	Kind        string
	Input       []byte // the filter's whole input as JSON: deciding again needs no fetch
	SOPInstance string // the derived SOP Instance UID
	Digest      string // a keyed digest of the data set; tells a changed report from a repeated one

	ReceivedAt  time.Time // by Orthanc
	FirstSeenAt time.Time // by this ledger
	LastSeenAt  time.Time // when the change of Seq came
	HeldSince   time.Time // zero unless held, expired or withdrawn out of a hold
	HeldUntil   time.Time // zero: never expires
	ClearedAt   time.Time // when it was deleted in its gateway after it was delivered; zero: not
}

// Delivery is one report on its way to one registry.
type Delivery struct {
	ReportID string
	Registry string
	State    State
	Edition  int // raised by a resend as new, so that its UIDs differ from those sent before

	Attempts      int
	NextAttemptAt time.Time
	LastError     string // our words, never the answer's
	QueuedAt      time.Time
	DeliveredAt   time.Time
	AnsweredAt    time.Time // when it was delivered or rejected

	Sent
}

// Sent is what went out and what the registry answered, reduced to numbers.
type Sent struct {
	SentSOPInstanceUID string // the derived one
	SentSHA256         string // of the file
	SentDigest         string // of the report as it was when it was sent
	Profile            string // fingerprint of the de-identification in force
	Facility           string // the registry's ID of it, that the report was sent for
	Status             int
	FailureReason      int
	Count              int
	Warning            bool // taken, yet not as it was, or it was there before
}

// Verdict is why a report is held or accepted.
type Verdict struct {
	ReasonCode string
	Reason     string
}

// Event is one line of a report's history.
type Event struct {
	ReportID string
	Registry string // empty: the report itself
	At       time.Time
	From, To State // None: no row before, or none after
	Why      string
	By       string
}
