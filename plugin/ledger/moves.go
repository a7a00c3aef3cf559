package ledger

import (
	"database/sql"
	"errors"
	"fmt"
)

// move is a change of state.
type move struct{ from, to State }

// reportMoves and deliveryMoves are the two state machines of the package
// documentation. A move that is not here is never written.
var (
	reportMoves = map[move]bool{
		{None, Held}: true, {None, Accepted}: true,
		{Held, Held}: true, {Held, Accepted}: true, {Held, Expired}: true, {Held, Withdrawn}: true,
		{Accepted, Accepted}: true, {Accepted, Held}: true, {Accepted, Withdrawn}: true,
		{Expired, Held}: true, {Expired, Accepted}: true,
		{Withdrawn, Held}: true, {Withdrawn, Accepted}: true,
	}
	deliveryMoves = map[move]bool{
		{None, Queued}: true, {None, Delivered}: true,
		{Queued, Queued}: true, {Queued, Delivered}: true, {Queued, Rejected}: true, {Queued, None}: true,
		{Delivered, Queued}: true, {Rejected, Queued}: true,
	}
)

// moveReport writes r over was; it is the one place where a report's state
// changes. The statement names the state it starts from, so that of two that
// race only one wins.
func (t *txn) moveReport(was, r Report, why, by string) error {
	if !reportMoves[move{was.State, r.State}] {
		return conflict(was.State)
	}
	if was.State == None {
		if err := t.insertReport(r); err != nil {
			return err
		}
	} else if err := t.updateReport(was.State, r); err != nil {
		return err
	}
	if was.over() && !r.over() {
		if _, err := t.crossOut(r.ID); err != nil {
			return err
		}
	}
	t.known[r.ID] = r
	t.moved(was, r, "", was.State, r.State)
	if was.State == r.State && was.ReasonCode == r.ReasonCode && was.Reason == r.Reason {
		return nil // nothing that a history should tell
	}
	return t.event(Event{ReportID: r.ID, From: was.State, To: r.State, Why: why, By: by})
}

func (t *txn) insertReport(r Report) error {
	_, err := t.exec(`INSERT INTO reports (`+reportColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
		r.ID, r.Source, r.OrthancID, r.Seq, r.State, r.ReasonCode, r.Reason, r.StationName, r.Template, r.Kind,
		string(r.Input), r.SOPInstance, r.Digest,
		instant(r.ReceivedAt), instant(r.FirstSeenAt), instant(r.LastSeenAt),
		instant(r.HeldSince), instant(r.HeldUntil), instant(r.ClearedAt))
	return err
}

func (t *txn) updateReport(from State, r Report) error {
	n, err := t.exec(`UPDATE reports SET seq = $3, state = $4, reason_code = $5, reason = $6,
		station_name = $7, template = $8, kind = $9, input = $10, sop_instance = $11, digest = $12,
		received_at = $13, last_seen_at = $14, held_since = $15, held_until = $16, cleared_at = $17 WHERE id = $1 AND state = $2`,
		r.ID, from, r.Seq, r.State, r.ReasonCode, r.Reason,
		r.StationName, r.Template, r.Kind, string(r.Input), r.SOPInstance, r.Digest,
		instant(r.ReceivedAt), instant(r.LastSeenAt), instant(r.HeldSince), instant(r.HeldUntil), instant(r.ClearedAt))
	return changedOne(n, err, from)
}

// moveDelivery writes d over was; it is the one place where a delivery's state
// changes.
func (t *txn) moveDelivery(was, d Delivery, why, by string) error {
	if !deliveryMoves[move{was.State, d.State}] {
		return conflict(was.State)
	}
	var err error
	switch {
	case was.State == None:
		err = t.insertDelivery(d)
	case d.State == None:
		n, e := t.exec(`DELETE FROM deliveries WHERE report_id = $1 AND registry = $2 AND state = $3`,
			d.ReportID, d.Registry, was.State)
		err = changedOne(n, e, was.State)
	default:
		err = t.updateDelivery(was.State, d)
	}
	if err != nil {
		return err
	}
	r := t.known[d.ReportID]
	t.moved(r, r, d.Registry, was.State, d.State)
	// A registry that is down for days fails alike at every attempt; its first
	// failure is history, the others are a number in the delivery's row.
	if was.State == d.State && was.LastError == d.LastError {
		return nil
	}
	return t.event(Event{ReportID: d.ReportID, Registry: d.Registry, From: was.State, To: d.State, Why: why, By: by})
}

// insertDelivery takes the copies of the report's columns from the report.
func (t *txn) insertDelivery(d Delivery) error {
	n, err := t.exec(`INSERT INTO deliveries (report_id, registry, report_state, received_at, state, edition,
			attempts, next_attempt_at, last_error, queued_at, delivered_at,
			sent_sop_instance_uid, sent_sha256, sent_digest, profile, status, failure_reason, object_count, facility, warning, answered_at)
		SELECT id, $2, state, received_at, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19
		FROM reports WHERE id = $1`,
		d.ReportID, d.Registry, d.State, d.Edition, d.Attempts, instant(d.NextAttemptAt), d.LastError,
		instant(d.QueuedAt), instant(d.DeliveredAt), d.SentSOPInstanceUID, d.SentSHA256, d.SentDigest, d.Profile,
		d.Status, d.FailureReason, d.Count, d.Facility, flag(d.Warning), instant(d.AnsweredAt))
	return changedOne(n, err, None)
}

func (t *txn) updateDelivery(from State, d Delivery) error {
	n, err := t.exec(`UPDATE deliveries SET state = $4, edition = $5, attempts = $6, next_attempt_at = $7,
			last_error = $8, queued_at = $9, delivered_at = $10, sent_sop_instance_uid = $11, sent_sha256 = $12,
			sent_digest = $13, profile = $14, status = $15, failure_reason = $16, object_count = $17,
			facility = $18, warning = $19, answered_at = $20
		WHERE report_id = $1 AND registry = $2 AND state = $3`,
		d.ReportID, d.Registry, from, d.State, d.Edition, d.Attempts, instant(d.NextAttemptAt),
		d.LastError, instant(d.QueuedAt), instant(d.DeliveredAt), d.SentSOPInstanceUID, d.SentSHA256,
		d.SentDigest, d.Profile, d.Status, d.FailureReason, d.Count, d.Facility, flag(d.Warning), instant(d.AnsweredAt))
	return changedOne(n, err, from)
}

// changedOne turns a statement that found no row in the state it names into a
// conflict.
func changedOne(n int64, err error, from State) error {
	if err == nil && n != 1 {
		return conflict(from)
	}
	return err
}

func conflict(s State) error {
	if s == None {
		s = "unknown"
	}
	return fmt.Errorf("it is %s: %w", s, ErrConflict)
}

// report reads a report for a change.
func (t *txn) report(id string) (Report, error) {
	r, err := scanReport(t.tx.QueryRowContext(t.ctx, `SELECT `+reportColumns+` FROM reports WHERE id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return r, fmt.Errorf("report %s: %w", id, ErrNotFound)
	}
	t.known[id] = r
	return r, err
}

// deliveries reads a report's deliveries, and how many of them are queued.
func (t *txn) deliveries(id string) (all map[string]Delivery, queued int, err error) {
	rows, err := t.tx.QueryContext(t.ctx, `SELECT `+deliveryColumns+` FROM deliveries d WHERE report_id = $1`, id)
	if err != nil {
		return nil, 0, err
	}
	all = map[string]Delivery{}
	err = each(rows, scanDelivery, func(d Delivery) error {
		all[d.Registry] = d
		if d.State == Queued {
			queued++
		}
		return nil
	})
	return all, queued, err
}
