package ledger

import (
	"context"
	"time"
)

// Work is a delivery that is due, with its report.
type Work struct {
	Report   Report
	Delivery Delivery
}

// The plus keeps SQLite from choosing the index by next_attempt_at, from which it
// would have to sort everything that is due to find the first of it.
const selectDue = `SELECT ` + joinedReportColumns + `, ` + deliveryColumns + `
	FROM deliveries d JOIN reports r ON r.id = d.report_id
	WHERE d.state = 'queued' AND d.report_state = 'accepted' AND d.registry = $1 AND +d.next_attempt_at <= $2
	ORDER BY d.received_at, d.report_id LIMIT $3`

// Due gives the deliveries to a registry whose time has come, in order of the
// reports' arrival. One that waits for its next attempt blocks none behind it.
func (l *Ledger) Due(ctx context.Context, now time.Time, registry string, limit int) ([]Work, error) {
	return read(ctx, l, "read queue", scanWork, selectDue, registry, instant(now), limit)
}

// Hurry makes everything that is queued due now.
func (l *Ledger) Hurry(ctx context.Context) error {
	return l.change(ctx, "bring the queue forward", func(t *txn) error {
		_, err := t.exec(`UPDATE deliveries SET next_attempt_at = $1
			WHERE state = 'queued' AND report_state = 'accepted' AND next_attempt_at > $1`, instant(t.now))
		return err
	})
}

func scanWork(row scanner) (w Work, err error) {
	err = row.Scan(append(w.Report.fields(), w.Delivery.fields()...)...)
	return w, err
}

const selectNextDue = `SELECT COALESCE(MIN(next_attempt_at), 0) FROM deliveries
	WHERE state = 'queued' AND report_state = 'accepted' AND registry = $1`

// NextDue gives the time of the next attempt at a registry, and whether there is
// one to wait for.
func (l *Ledger) NextDue(ctx context.Context, registry string) (time.Time, bool, error) {
	at, _, err := readOne(ctx, l, "read queue", scanInto[instant], selectNextDue, registry)
	return time.Time(at), !time.Time(at).IsZero(), err
}

const selectHeld = `SELECT ` + reportColumns + ` FROM reports
	WHERE state = 'held' AND id > $1 ORDER BY id LIMIT $2`

// Held gives held reports in the order of their ids, those after the id given;
// "" begins. The sweep walks the holding area with it in pages.
func (l *Ledger) Held(ctx context.Context, after string, limit int) ([]Report, error) {
	return l.page(ctx, selectHeld, after, limit)
}

const selectExpired = `SELECT ` + reportColumns + ` FROM reports
	WHERE state = 'expired' AND source = $1 AND id > $2 ORDER BY id LIMIT $3`

// Expired gives the expired reports of a source, as Held does: in an archive
// they still lie there, and a person may have them decided on again.
func (l *Ledger) Expired(ctx context.Context, source, after string, limit int) ([]Report, error) {
	return l.page(ctx, selectExpired, source, after, limit)
}

const selectWaiting = `SELECT ` + reportColumns + ` FROM reports WHERE id IN (
		SELECT DISTINCT report_id FROM deliveries
		WHERE state = 'queued' AND report_state = 'accepted' AND report_id > $1
		ORDER BY report_id LIMIT $2
	) ORDER BY id`

// Waiting gives accepted reports that something is queued of, as Held does. The
// sweep looks at them as well when a registry is away for so long that deliver
// does not.
func (l *Ledger) Waiting(ctx context.Context, after string, limit int) ([]Report, error) {
	return l.page(ctx, selectWaiting, after, limit)
}

const selectToClear = `SELECT ` + joinedReportColumns + ` FROM reports r
	WHERE r.state = 'accepted' AND r.cleared_at = 0 AND r.source = $1 AND r.last_seen_at <= $2
		AND (r.last_seen_at, r.id) > (COALESCE((SELECT last_seen_at FROM reports WHERE id = $3), -1), $3)
		AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.report_id = r.id
			AND (d.state <> 'delivered' OR d.delivered_at > $2 OR d.sent_digest <> r.digest))
	ORDER BY r.last_seen_at, r.id LIMIT $4`

// ToClear gives the reports of a source that lie there although they, as they
// are, were wholly delivered by a time, and have not come again since then: those
// after the one whose id is given, the longest seen first.
func (l *Ledger) ToClear(ctx context.Context, source string, by time.Time, after string, limit int) ([]Report, error) {
	return l.page(ctx, selectToClear, source, instant(by), after, limit)
}

func (l *Ledger) page(ctx context.Context, query string, args ...any) ([]Report, error) {
	return read(ctx, l, "read reports", scanReport, query, args...)
}
