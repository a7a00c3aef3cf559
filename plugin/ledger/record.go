package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Page is what follow made of one page of a source's change feed.
type Page struct {
	Seq     int64  // of the page's last change: the new position
	Mark    string // of that change
	Reports []Seen
	Ignored []Ignored
}

// Seen is a report as the feed showed it, with the verdict: its State is Held or
// Accepted. ID and FirstSeenAt are made here when the report is new.
type Seen struct {
	Report
	Registries []string // where an accepted report goes
}

// Ignored is an instance that is no dose report.
type Ignored struct {
	Seq      int64
	At       time.Time
	Sender   string // AE title
	Station  string
	SOPClass string
}

// Record takes in one page of the feed and moves the position, in one
// transaction. The same page may come again, after a kill or with a lost
// position: a change that is not newer than what is known changes nothing.
//
// A newer change of a known report means that Orthanc stored it again. Expired
// and withdrawn ones are opened again with the new verdict. The others keep
// their state when the content is what it was; with other content they are held
// as "changed", unless everything was delivered already. So are two copies of a
// report that came by different ways with other content.
func (l *Ledger) Record(ctx context.Context, source string, p Page) error {
	return l.change(ctx, "record feed page", func(t *txn) error {
		position, _, err := t.position(source)
		if err != nil {
			return err
		}
		for _, s := range p.Reports {
			s.Source = source
			if err := t.record(s); err != nil {
				return fmt.Errorf("change %d: %w", s.Seq, err)
			}
		}
		if err := t.ignore(source, position.Seq, p.Ignored); err != nil {
			return err
		}
		if p.Seq <= position.Seq {
			return nil
		}
		return t.setPosition(source, Position{p.Seq, p.Mark})
	})
}

func (t *txn) record(s Seen) error {
	if err := s.check(); err != nil {
		return err
	}
	was, err := scanReport(t.tx.QueryRowContext(t.ctx,
		`SELECT `+reportColumns+` FROM reports WHERE source = $1 AND orthanc_id = $2`, s.Source, s.OrthancID))
	if errors.Is(err, sql.ErrNoRows) {
		return t.recordNew(s)
	}
	if err != nil {
		return err
	}
	t.known[was.ID] = was
	s.ID, s.FirstSeenAt, s.LastSeenAt = was.ID, was.FirstSeenAt, t.now
	switch {
	case s.Seq <= was.Seq:
		return nil
	case was.State == Expired || was.State == Withdrawn:
		if err := t.requeue(was.ID, s.owes(was), "the report came again", ByFollow); err != nil {
			return err
		}
		if s, err = t.beside(s); err != nil {
			return err
		}
		return t.open(was, s, ByFollow)
	case s.Digest == was.Digest:
		return t.recordAgain(was, s.Seq)
	default:
		return t.recordChanged(was, s.Report)
	}
}

func (t *txn) recordNew(s Seen) error {
	id, err := newID()
	if err != nil {
		return err
	}
	s.ID, s.FirstSeenAt, s.LastSeenAt = id, t.now, t.now
	if s, err = t.beside(s); err != nil {
		return err
	}
	return t.open(Report{}, s, ByFollow)
}

// recordAgain takes in that Orthanc stored the same content again. What was
// deleted there after its delivery lies there again; it is not sent twice.
func (t *txn) recordAgain(was Report, seq int64) error {
	r := was
	r.Seq, r.LastSeenAt, r.ClearedAt = seq, t.now, time.Time{}
	if err := t.moveReport(was, r, "", ByFollow); err != nil || was.ClearedAt.IsZero() {
		return err
	}
	return t.event(Event{ReportID: was.ID, From: was.State, To: was.State,
		Why: "the report came again after it was delivered and deleted", By: ByFollow})
}

// check refuses what is no verdict on a report.
func (s Seen) check() error {
	if s.State != Held && s.State != Accepted {
		return fmt.Errorf("a report cannot come as %q", s.State)
	}
	return nil
}

// open writes a new or reopened report with its verdict.
func (t *txn) open(was Report, s Seen, by string) error {
	if s.State == Accepted {
		return t.accept(was, s.Report, Verdict{s.ReasonCode, s.Reason}, s.Registries, by)
	}
	s.HeldSince = was.HeldSince
	if was.State != Held {
		s.HeldSince = t.now
	}
	return t.moveReport(was, s.Report, s.Reason, by)
}

// owes says which deliveries a report that came again still owes: what was
// rejected, and what went out when another UID was derived for the report.
// Under the same UID it stands; the registry has that object.
func (s Seen) owes(was Report) func(Delivery) bool {
	other := was.SOPInstance != "" && s.SOPInstance != "" && s.SOPInstance != was.SOPInstance
	return func(d Delivery) bool { return d.State == Rejected || d.State == Delivered && other }
}

func isRejected(d Delivery) bool { return d.State == Rejected }

// requeue queues those deliveries of a report again for which owed says so.
func (t *txn) requeue(id string, owed func(Delivery) bool, why, by string) error {
	all, _, err := t.deliveries(id)
	if err != nil {
		return err
	}
	for _, was := range all {
		if !owed(was) {
			continue
		}
		d := was
		d.State, d.Attempts, d.LastError, d.QueuedAt, d.NextAttemptAt = Queued, 0, "", t.now, t.now
		if err := t.moveDelivery(was, d, why, by); err != nil {
			return err
		}
	}
	return nil
}

// recordChanged describes what Orthanc holds now, and holds it. What was
// rejected is worth another attempt with other content; what was delivered is
// not, since the registry keeps the first object of a UID.
func (t *txn) recordChanged(was, r Report) error {
	if err := t.requeue(was.ID, isRejected, "the report came again", ByFollow); err != nil {
		return err
	}
	_, queued, err := t.deliveries(was.ID)
	if err != nil {
		return err
	}
	if was.State == Held || queued > 0 {
		r.HeldSince = was.HeldSince
		v := Verdict{ReasonChanged, "the report came again with other content"}
		return t.hold(was, r, v, time.Time{}, ByFollow)
	}
	r.State, r.ReasonCode, r.Reason = was.State, was.ReasonCode, was.Reason
	r.HeldSince, r.HeldUntil = was.HeldSince, was.HeldUntil
	if err := t.moveReport(was, r, "", ByFollow); err != nil {
		return err
	}
	return t.event(Event{ReportID: was.ID, From: was.State, To: was.State,
		Why: "the report came again with other content after it was delivered", By: ByFollow})
}
