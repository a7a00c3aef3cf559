package ledger

import (
	"errors"
	"fmt"
)

var (
	// ErrConflict means that the report or delivery is not, or no longer, in a
	// state that the operation may start from. Nothing was written. A loop
	// leaves it: somebody else was quicker, and the next look finds out.
	ErrConflict = errors.New("not possible in its present state")

	// ErrNotFound means that the ledger has no such report or delivery.
	ErrNotFound = errors.New("not in the ledger")

	// ErrNone means that there is no ledger at an address yet. A first start makes it.
	ErrNone = errors.New("there is none yet")

	// ErrOlder means that an older dosegate made the ledger. A start of this one
	// brings it up to date.
	ErrOlder = errors.New("it is an older dosegate's")

	// ErrLocked means that another serve holds the ledger.
	ErrLocked = errors.New("locked by another dosegate serve")

	// ErrFenced means that another dosegate has taken the lead. Nothing was
	// written, and nothing will be.
	ErrFenced = errors.New("another dosegate leads now")

	// ErrAway means that the ledger's server cannot be spoken to now: it is down,
	// or just starting, or the way to it is cut. It comes back by itself, or
	// somebody sees to it, so waiting is right.
	ErrAway = errors.New("the ledger is away")
)

// awayError is an error that is ErrAway, in its own words.
type awayError struct{ error }

func (e awayError) Unwrap() error        { return e.error }
func (e awayError) Is(target error) bool { return target == ErrAway }

// fail is the border that every error passes on its way out: it says what was
// tried, and names the ledger, in words for the person who has to mend it, when
// that is the trouble.
func (l *Ledger) fail(op string, err error) error {
	if err == nil {
		return nil
	}
	words := l.kind.trouble(err)
	if words == "" {
		return fmt.Errorf("%s: %w", op, err)
	}
	err = fmt.Errorf("%s: ledger %s %s: %w", op, l.name, words, err)
	if passes[words] {
		return awayError{err}
	}
	return err
}
