package ledger

import (
	"context"
	"fmt"
	"time"
)

// Row is what a person sees: one for each delivery, and one with the zero
// Delivery for a report that has none.
type Row struct {
	Report   Report
	Delivery Delivery
	State    State // what happened, seen from outside; see shown
}

// Query says which rows to list.
type Query struct {
	State State  // empty: all; else held, queued, delivered, rejected, expired or withdrawn
	Limit int    // 0: no limit
	After Cursor // the last row of the page before
}

// Cursor is a place in the list.
type Cursor struct {
	ReceivedAt time.Time
	ID         string
	Registry   string
}

// Cursor is the row's place in the list.
func (r Row) Cursor() Cursor { return Cursor{r.Report.ReceivedAt, r.Report.ID, r.Delivery.Registry} }

// shown is the state that a row shows: a receipt stands whatever becomes of the
// report later, and a queued delivery shares the fate of its report.
func shown(report, delivery State) State {
	switch {
	case delivery == Delivered || delivery == Rejected:
		return delivery
	case report == Accepted:
		return Queued
	default:
		return report
	}
}

// conditions says shown in SQL, in terms that the indexes know.
var conditions = map[State]string{
	None:      "1 = 1",
	Held:      "r.state = 'held' AND (d.state IS NULL OR d.state = 'queued')",
	Expired:   "r.state = 'expired' AND (d.state IS NULL OR d.state = 'queued')",
	Withdrawn: "r.state = 'withdrawn' AND (d.state IS NULL OR d.state = 'queued')",
	Queued:    "d.state = 'queued' AND d.report_state = 'accepted'",
	Delivered: "d.state = 'delivered'",
	Rejected:  "d.state = 'rejected'",
}

// List calls fn for every row, the last received first, without holding them
// all in memory. An error of fn ends it and is returned.
func (l *Ledger) List(ctx context.Context, q Query, fn func(Row) error) error {
	query, args, err := q.sql()
	if err != nil {
		return err
	}
	rows, err := l.query(ctx, query, args...)
	if err == nil {
		err = each(rows, scanRow, fn)
	}
	return l.fail("list reports", err)
}

func (q Query) sql() (string, []any, error) {
	where, ok := conditions[q.State]
	if !ok {
		return "", nil, fmt.Errorf("list reports: there is no state %q", q.State)
	}
	from, place := "reports r LEFT JOIN deliveries d ON d.report_id = r.id", "r.received_at, r.id"
	if q.State == Queued || q.State == Delivered || q.State == Rejected {
		from, place = "deliveries d JOIN reports r ON r.id = d.report_id", "d.received_at, d.report_id"
	}
	var args []any
	if q.After != (Cursor{}) {
		// The first comparison is what an index can do; the second leaves out
		// the deliveries of the cursor's own report that were already listed.
		where += " AND (" + place + `) <= ($1, $2) AND NOT (r.id = $2 AND COALESCE(d.registry, '') <= $3)`
		args = append(args, instant(q.After.ReceivedAt), q.After.ID, q.After.Registry)
	}
	order := map[string]string{
		"r.received_at, r.id":        "r.received_at DESC, r.id DESC, d.registry",
		"d.received_at, d.report_id": "d.received_at DESC, d.report_id DESC, d.registry",
	}[place]
	query := "SELECT " + joinedReportColumns + ", " + outerDeliveryColumns +
		" FROM " + from + " WHERE " + where + " ORDER BY " + order
	if q.Limit > 0 {
		query += fmt.Sprintf(" LIMIT %d", q.Limit)
	}
	return query, args, nil
}

func scanRow(row scanner) (r Row, err error) {
	err = row.Scan(append(r.Report.fields(), r.Delivery.fields()...)...)
	r.State = shown(r.Report.State, r.Delivery.State)
	return r, err
}
