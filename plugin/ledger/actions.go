package ledger

import (
	"context"
	"errors"
	"time"
)

// Note puts into the history what a person did, or why, where no change of state
// tells it. Without an id it is about no report.
func (l *Ledger) Note(ctx context.Context, id, registry, why, by string) error {
	return l.change(ctx, "note an act", func(t *txn) error {
		return t.event(Event{ReportID: id, Registry: registry, Why: why, By: by})
	})
}

// Acts gives the last acts of persons, about reports or not, the last first.
func (l *Ledger) Acts(ctx context.Context, limit int) ([]Event, error) {
	return read(ctx, l, "read acts", scanEvent, `SELECT report_id, registry, at, from_state, to_state, why, caused_by
		FROM events WHERE caused_by LIKE 'person:%' ORDER BY id DESC LIMIT $1`, limit)
}

// Prolong lets a held report wait longer than it would, because a person says
// so. It never shortens a wait, and leaves one alone that never ends.
func (l *Ledger) Prolong(ctx context.Context, id string, until time.Time, why, by string) error {
	return l.changeReport(ctx, "prolong a wait", id, func(t *txn, was Report) error {
		if was.State != Held {
			return conflict(was.State)
		}
		if was.HeldUntil.IsZero() {
			return errors.Join(errors.New("it waits for a person, and never expires"), ErrConflict)
		}
		if !until.After(was.HeldUntil) {
			return errors.Join(errors.New("it waits longer than that already"), ErrConflict)
		}
		r := was
		r.HeldUntil = until
		if err := t.moveReport(was, r, "", by); err != nil {
			return err
		}
		return t.event(Event{ReportID: id, From: was.State, To: was.State, Why: why, By: by})
	})
}
