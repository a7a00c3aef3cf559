package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Delivered records that a registry has the report. A receipt is a fact, so it
// is taken even when the report was held, given up or routed elsewhere while it
// was under way; if nothing is left to send then, the report becomes accepted.
func (l *Ledger) Delivered(ctx context.Context, id, registry string, s Sent) error {
	return l.changeReport(ctx, "record delivery", id, func(t *txn, r Report) error {
		all, queued, err := t.deliveries(id)
		if err != nil {
			return err
		}
		was, ok := all[registry]
		d := was
		if !ok {
			d = Delivery{ReportID: id, Registry: registry, QueuedAt: t.now}
		}
		d.State, d.Sent, d.DeliveredAt, d.AnsweredAt, d.LastError = Delivered, s, t.now, t.now, ""
		d.Attempts++
		if err := t.moveDelivery(was, d, "", ByDeliver); err != nil {
			return err
		}
		if was.State == Queued {
			queued--
		}
		if r.State == Accepted || queued > 0 {
			return nil
		}
		done := r
		done.State, done.HeldSince, done.HeldUntil = Accepted, time.Time{}, time.Time{}
		return t.moveReport(r, done, "it was delivered meanwhile", ByDeliver)
	})
}

// Retry records an attempt that failed for now, and when the next one is.
func (l *Ledger) Retry(ctx context.Context, id, registry string, at time.Time, lastError string) error {
	return l.changeQueued(ctx, "record failed attempt", id, registry, func(t *txn, was, d Delivery) error {
		d.Attempts++
		d.NextAttemptAt, d.LastError = at, lastError
		return t.moveDelivery(was, d, lastError, ByDeliver)
	})
}

// Postpone leaves a delivery for a later time without an attempt at it.
func (l *Ledger) Postpone(ctx context.Context, id, registry string, at time.Time) error {
	return l.changeQueued(ctx, "postpone delivery", id, registry, func(t *txn, was, d Delivery) error {
		d.NextAttemptAt = at
		return t.moveDelivery(was, d, "", ByDeliver)
	})
}

// Rejected records that a registry will never take the report as it is. What a
// registry took earlier stays on record as sent: it still has that.
func (l *Ledger) Rejected(ctx context.Context, id, registry string, s Sent, lastError string) error {
	return l.changeQueued(ctx, "record rejection", id, registry, func(t *txn, was, d Delivery) error {
		d.Attempts++
		d.State, d.LastError, d.AnsweredAt = Rejected, lastError, t.now
		if !d.DeliveredAt.IsZero() {
			s.SentSOPInstanceUID, s.SentSHA256, s.SentDigest, s.Profile = d.SentSOPInstanceUID, d.SentSHA256, d.SentDigest, d.Profile
		}
		d.Sent = s
		return t.moveDelivery(was, d, lastError, ByDeliver)
	})
}

// Resend queues a delivered or rejected report again. As new, it gets another
// edition and with it other UIDs. A report that has left Orthanc, or is about
// to, has nothing to send.
func (l *Ledger) Resend(ctx context.Context, id, registry string, asNew bool, by string) error {
	return l.changeReport(ctx, "resend report", id, func(t *txn, r Report) error {
		if r.State != Accepted && r.State != Held {
			return conflict(r.State)
		}
		if err := r.mustLie(); err != nil {
			return err
		}
		was, err := t.delivery(id, registry)
		if err != nil {
			return err
		}
		if was.State == Queued {
			return conflict(was.State)
		}
		d := was
		d.State, d.Attempts, d.LastError = Queued, 0, ""
		d.QueuedAt, d.NextAttemptAt = t.now, t.now
		why := "sent again"
		if asNew {
			d.Edition++
			why = "sent again as new"
		}
		return t.moveDelivery(was, d, why, by)
	})
}

// SendAlso queues an accepted report for a registry that it did not go to before: a
// route that came later names it.
func (l *Ledger) SendAlso(ctx context.Context, id, registry, by string) error {
	return l.changeReport(ctx, "send report to another registry", id, func(t *txn, r Report) error {
		if r.State != Accepted {
			return conflict(r.State)
		}
		if err := r.mustLie(); err != nil {
			return err
		}
		was, err := t.delivery(id, registry)
		if err == nil {
			return conflict(was.State)
		}
		if !errors.Is(err, ErrNotFound) {
			return err
		}
		return t.moveDelivery(Delivery{}, Delivery{ReportID: id, Registry: registry, State: Queued, QueuedAt: t.now, NextAttemptAt: t.now},
			"sent there as well", by)
	})
}

// changeQueued is a change of a delivery of an accepted report. While the
// report is anything else, its queued deliveries rest.
func (l *Ledger) changeQueued(ctx context.Context, op, id, registry string, fn func(t *txn, was, d Delivery) error) error {
	return l.changeReport(ctx, op, id, func(t *txn, r Report) error {
		if r.State != Accepted {
			return conflict(r.State)
		}
		was, err := t.delivery(id, registry)
		if err != nil {
			return err
		}
		if was.State != Queued {
			return conflict(was.State)
		}
		return fn(t, was, was)
	})
}

// delivery reads one delivery for a change.
func (t *txn) delivery(id, registry string) (Delivery, error) {
	all, _, err := t.deliveries(id)
	if err != nil {
		return Delivery{}, err
	}
	d, ok := all[registry]
	if !ok {
		return d, fmt.Errorf("delivery of %s to %s: %w", id, registry, ErrNotFound)
	}
	return d, nil
}
