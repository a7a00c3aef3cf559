package ledger

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Hold takes an accepted report back into the holding area, or gives a held one
// another reason or another day. Its queued deliveries wait with it. A report
// with nothing left to deliver cannot be held.
func (l *Ledger) Hold(ctx context.Context, id string, v Verdict, until time.Time, by string) error {
	return l.changeReport(ctx, "hold report", id, func(t *txn, was Report) error {
		return t.hold(was, was, v, until, by)
	})
}

// hold writes r, which is was or what came in its place, as held.
func (t *txn) hold(was, r Report, v Verdict, until time.Time, by string) error {
	switch was.State {
	case Held:
	case Accepted:
		if err := t.mustWait(was); err != nil {
			return err
		}
		r.HeldSince = t.now
	default:
		return conflict(was.State) // only Record and Reopen open a report again
	}
	r.State, r.ReasonCode, r.Reason, r.HeldUntil = Held, v.ReasonCode, v.Reason, until
	return t.moveReport(was, r, v.Reason, by)
}

// Accept lets a held report go to the registries, or changes where an accepted
// one goes: missing deliveries are queued, those that waited in the holding
// area are due now, and queued ones to other registries are dropped. What is
// delivered or rejected stays as it is.
func (l *Ledger) Accept(ctx context.Context, id string, v Verdict, registries []string, by string) error {
	return l.changeReport(ctx, "accept report", id, func(t *txn, was Report) error {
		if was.State != Held && was.State != Accepted {
			return conflict(was.State) // only Record and Reopen open a report again
		}
		if err := was.mustLie(); err != nil {
			return err
		}
		return t.accept(was, was, v, registries, by)
	})
}

// accept writes r, which is was or what came in its place, as accepted.
func (t *txn) accept(was, r Report, v Verdict, registries []string, by string) error {
	r.State, r.ReasonCode, r.Reason = Accepted, v.ReasonCode, v.Reason
	r.HeldSince, r.HeldUntil = time.Time{}, time.Time{}
	if err := t.moveReport(was, r, v.Reason, by); err != nil {
		return err
	}
	return t.route(r.ID, was.State != Accepted, registries, by)
}

// route makes the deliveries of an accepted report those to the registries.
func (t *txn) route(id string, dueNow bool, registries []string, by string) error {
	have, _, err := t.deliveries(id)
	if err != nil {
		return err
	}
	for _, name := range registries {
		was, ok := have[name]
		d := was
		switch {
		case !ok:
			d = Delivery{ReportID: id, Registry: name, State: Queued, QueuedAt: t.now, NextAttemptAt: t.now}
		case was.State == Queued && dueNow:
			d.NextAttemptAt = t.now
		default:
			continue
		}
		if err := t.moveDelivery(was, d, "", by); err != nil {
			return err
		}
		have[name] = d
	}
	for name, was := range have {
		if was.State != Queued || slices.Contains(registries, name) {
			continue
		}
		gone := Delivery{ReportID: id, Registry: name}
		if err := t.moveDelivery(was, gone, "the report does not go there any more", by); err != nil {
			return err
		}
		delete(have, name)
	}
	if len(have) == 0 {
		return errors.New("it would go to no registry")
	}
	return nil
}

// Reopen decides anew on a report that is held, or whose time was up in an
// archive, where it still lies. The report becomes what Orthanc holds of it now
// and the verdict is on that, in one transaction: a report is never sent under
// a description that is not its own. Who calls it has looked at the report as
// of s.Seq; when the feed has shown a newer change meanwhile, it is refused.
func (l *Ledger) Reopen(ctx context.Context, s Seen, by string) error {
	return l.changeReport(ctx, "reopen report", s.ID, func(t *txn, was Report) error {
		if err := s.check(); err != nil {
			return err
		}
		if was.State != Held && was.State != Expired {
			return conflict(was.State)
		}
		if was.Seq != s.Seq {
			return errors.Join(errors.New("it has just come again"), ErrConflict)
		}
		s.Source, s.OrthancID, s.FirstSeenAt, s.LastSeenAt = was.Source, was.OrthancID, was.FirstSeenAt, was.LastSeenAt
		if was.State == Expired || was.Digest != s.Digest {
			// Rejected as it was; as it is now it is worth another attempt.
			if err := t.requeue(was.ID, isRejected, "the report is decided on anew", by); err != nil {
				return err
			}
		}
		return t.open(was, s, by)
	})
}

// Expire ends the wait of a held report whose day has come. That the day has
// come is checked here and not left to the caller: of all mistakes this is the
// one that deletes.
func (l *Ledger) Expire(ctx context.Context, id, why, by string, also ...Also) error {
	return l.changeReport(ctx, "expire report", id, func(t *txn, was Report) error {
		if was.State == Held && (was.HeldUntil.IsZero() || t.now.Before(was.HeldUntil)) {
			return errors.Join(errors.New("its day has not come"), ErrConflict)
		}
		r := was
		r.State = Expired
		return t.end(was, r, why, by, also)
	})
}

// Discard ends the wait of a held report before its day, because a person says
// so. Why takes the place of the reason that it was held for.
func (l *Ledger) Discard(ctx context.Context, id, why, by string, also ...Also) error {
	return l.changeReport(ctx, "discard report", id, func(t *txn, was Report) error {
		r := was
		r.State, r.Reason = Expired, why
		return t.end(was, r, why, by, also)
	})
}

// Withdraw records that a report is gone from Orthanc by another hand. One that
// is wholly delivered has nothing left to withdraw.
func (l *Ledger) Withdraw(ctx context.Context, id, by string) error {
	return l.changeReport(ctx, "withdraw report", id, func(t *txn, was Report) error {
		if was.State == Accepted {
			if err := t.mustWait(was); err != nil {
				return err
			}
		}
		r := was
		r.State, r.Reason = Withdrawn, "gone from Orthanc, where somebody else deleted it"
		return t.moveReport(was, r, r.Reason, by)
	})
}

// mustWait refuses what makes sense only while something is still to be sent.
func (t *txn) mustWait(r Report) error {
	_, queued, err := t.deliveries(r.ID)
	if err == nil && queued == 0 {
		return errors.Join(errors.New("nothing of it is queued"), ErrConflict)
	}
	return err
}

// changeReport is a change that starts from the report as it stands.
func (l *Ledger) changeReport(ctx context.Context, op, id string, fn func(*txn, Report) error) error {
	return l.change(ctx, op, func(t *txn) error {
		was, err := t.report(id)
		if err != nil {
			return err
		}
		return fn(t, was)
	})
}
