package ledger

import (
	"context"
	"errors"
	"time"
)

// Clear records that a wholly delivered report is needed no more in its gateway,
// and is deleted there or is to be. The report stays accepted and its deliveries
// delivered: what became of it does not change. Only that it is looked at no more.
func (l *Ledger) Clear(ctx context.Context, id, why, by string, also ...Also) error {
	return l.changeReport(ctx, "clear report", id, func(t *txn, was Report) error {
		if was.State != Accepted {
			return conflict(was.State)
		}
		if err := was.mustLie(); err != nil {
			return err
		}
		if err := t.mustBeDelivered(was); err != nil {
			return err
		}
		r := was
		r.ClearedAt = t.now
		if err := t.end(was, r, "", by, also); err != nil {
			return err
		}
		return t.event(Event{ReportID: id, From: was.State, To: was.State, Why: why, By: by})
	})
}

// mustBeDelivered refuses a report that was not, as it is, delivered to every
// registry that it goes to.
func (t *txn) mustBeDelivered(r Report) error {
	all, _, err := t.deliveries(r.ID)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return errors.Join(errors.New("it went nowhere"), ErrConflict)
	}
	for _, d := range all {
		if d.State != Delivered || d.SentDigest != r.Digest {
			return errors.Join(errors.New("it is not wholly delivered"), ErrConflict)
		}
	}
	return nil
}

// mustLie refuses what makes sense only while the report lies in its source.
func (r Report) mustLie() error {
	if r.ClearedAt.IsZero() {
		return nil
	}
	return errors.Join(errors.New("it was deleted in Orthanc on "+r.ClearedAt.UTC().Format(time.DateOnly)+", after it was delivered"), ErrConflict)
}
