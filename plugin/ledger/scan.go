package ledger

import (
	"context"
	"database/sql"
	"errors"
)

// The columns in the order that the scan functions read them. Queries give the
// tables the names r and d where they join them.
const (
	reportColumns = `id, source, orthanc_id, seq, state, reason_code, reason, station_name, template, kind,
		input, sop_instance, digest, received_at, first_seen_at, last_seen_at, held_since, held_until, cleared_at`

	joinedReportColumns = `r.id, r.source, r.orthanc_id, r.seq, r.state, r.reason_code, r.reason, r.station_name,
		r.template, r.kind, r.input, r.sop_instance, r.digest,
		r.received_at, r.first_seen_at, r.last_seen_at, r.held_since, r.held_until, r.cleared_at`

	deliveryColumns = `d.report_id, d.registry, d.state, d.edition, d.attempts, d.next_attempt_at, d.last_error,
		d.queued_at, d.delivered_at, d.sent_sop_instance_uid, d.sent_sha256, d.sent_digest, d.profile,
		d.status, d.failure_reason, d.object_count, d.facility, d.warning, d.answered_at`

	// For a report that has no delivery.
	outerDeliveryColumns = `COALESCE(d.report_id, ''), COALESCE(d.registry, ''), COALESCE(d.state, ''),
		COALESCE(d.edition, 0), COALESCE(d.attempts, 0), COALESCE(d.next_attempt_at, 0), COALESCE(d.last_error, ''),
		COALESCE(d.queued_at, 0), COALESCE(d.delivered_at, 0), COALESCE(d.sent_sop_instance_uid, ''),
		COALESCE(d.sent_sha256, ''), COALESCE(d.sent_digest, ''), COALESCE(d.profile, ''),
		COALESCE(d.status, 0), COALESCE(d.failure_reason, 0), COALESCE(d.object_count, 0), COALESCE(d.facility, ''), COALESCE(d.warning, 0), COALESCE(d.answered_at, 0)`
)

// scanner is a row, alone or among others.
type scanner interface{ Scan(...any) error }

func (r *Report) fields() []any {
	return []any{&r.ID, &r.Source, &r.OrthancID, &r.Seq, &r.State, &r.ReasonCode, &r.Reason,
		&r.StationName, &r.Template, &r.Kind, &r.Input, &r.SOPInstance, &r.Digest,
		(*instant)(&r.ReceivedAt), (*instant)(&r.FirstSeenAt), (*instant)(&r.LastSeenAt),
		(*instant)(&r.HeldSince), (*instant)(&r.HeldUntil), (*instant)(&r.ClearedAt)}
}

func (d *Delivery) fields() []any {
	return []any{&d.ReportID, &d.Registry, &d.State, &d.Edition, &d.Attempts, (*instant)(&d.NextAttemptAt),
		&d.LastError, (*instant)(&d.QueuedAt), (*instant)(&d.DeliveredAt), &d.SentSOPInstanceUID, &d.SentSHA256, &d.SentDigest,
		&d.Profile, &d.Status, &d.FailureReason, &d.Count, &d.Facility, (*flag)(&d.Warning), (*instant)(&d.AnsweredAt)}
}

func scanReport(row scanner) (r Report, err error) {
	err = row.Scan(r.fields()...)
	return r, err
}

func scanDelivery(row scanner) (d Delivery, err error) {
	err = row.Scan(d.fields()...)
	return d, err
}

// each reads rows one after the other, and closes them.
func each[T any](rows *sql.Rows, scan func(scanner) (T, error), fn func(T) error) (err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return err
		}
		if err := fn(v); err != nil {
			return err
		}
	}
	return rows.Err()
}

// all reads rows into a slice.
func all[T any](rows *sql.Rows, scan func(scanner) (T, error)) (list []T, err error) {
	err = each(rows, scan, func(v T) error {
		list = append(list, v)
		return nil
	})
	return list, err
}

// read runs a query outside a transaction and gives all its rows.
func read[T any](ctx context.Context, l *Ledger, op string, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	ctx, cancel := l.bounded(ctx)
	defer cancel()
	rows, err := l.query(ctx, query, args...)
	if err != nil {
		return nil, l.fail(op, err)
	}
	list, err := all(rows, scan)
	return list, l.fail(op, err)
}

// readOne gives the first row of a query, and whether there is one.
func readOne[T any](ctx context.Context, l *Ledger, op string, scan func(scanner) (T, error), query string, args ...any) (v T, ok bool, err error) {
	ctx, cancel := l.bounded(ctx)
	defer cancel()
	rows, err := l.query(ctx, query, args...)
	if err != nil {
		return v, false, l.fail(op, err)
	}
	defer rows.Close()
	if rows.Next() {
		v, err = scan(rows)
		ok = err == nil
	}
	return v, ok, l.fail(op, errors.Join(err, rows.Err()))
}

// scanInto makes a scan function of one column.
func scanInto[T any](row scanner) (v T, err error) {
	err = row.Scan(&v)
	return v, err
}
