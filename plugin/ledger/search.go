package ledger

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Search says which rows a person looks for. What is empty leaves none out.
type Search struct {
	State      State
	Stations   []string // Station Names, any of them
	Kind       string
	Registry   string
	ReasonCode string
	From, To   time.Time // of reception: from the first, before the second
	Limit      int       // 0: no limit
	After      Cursor    // the last row of the page before
}

// Search calls fn for every row that is looked for, the last received first, as
// List does.
func (l *Ledger) Search(ctx context.Context, s Search, fn func(Row) error) error {
	query, args, err := s.sql()
	if err != nil {
		return err
	}
	rows, err := l.db.QueryContext(ctx, query, args...)
	if err == nil {
		err = each(rows, scanRow, fn)
	}
	return l.fail("search reports", err)
}

// sql walks the index that leaves least to look at: that of the deliveries' states
// where few are in the one that is asked for, else that of the reports of a station
// or of a kind, else that of all.
func (s Search) sql() (string, []any, error) {
	where, ok := conditions[s.State]
	if !ok {
		return "", nil, fmt.Errorf("search reports: there is no state %q", s.State)
	}
	from, received, id, station := "reports r LEFT JOIN deliveries d ON d.report_id = r.id", "r.received_at", "r.id", "r.station_name"
	if s.State == Queued || s.State == Rejected || s.State == Delivered && len(s.Stations) == 0 && s.Kind == "" {
		from, received, id = "deliveries d JOIN reports r ON r.id = d.report_id", "d.received_at", "d.report_id"
		station = "COALESCE(r.station_name, '')"
	} else if s.State == Delivered {
		where = kept(where)
	}
	w := &conditionsOf{text: []string{where}}
	w.anyOf(station, s.Stations)
	w.equal(strings.Replace(station, "station_name", "kind", 1), s.Kind)
	if s.Registry != "" {
		w.add(kept("d.registry = %s"), s.Registry)
	}
	w.equal("r.reason_code", s.ReasonCode)
	if !s.From.IsZero() {
		w.add(received+" >= %s", instant(s.From))
	}
	if !s.To.IsZero() {
		w.add(received+" < %s", instant(s.To))
	}
	if s.After != (Cursor{}) {
		// As in Query.sql: the first is for the index, the second for what the
		// cursor's own report has listed already.
		w.add("("+received+", "+id+") <= (%s, %s)", instant(s.After.ReceivedAt), s.After.ID)
		w.add("NOT (r.id = %s AND COALESCE(d.registry, '') <= %s)", s.After.ID, s.After.Registry)
	}
	query := "SELECT " + joinedReportColumns + ", " + outerDeliveryColumns + " FROM " + from +
		" WHERE " + strings.Join(w.text, " AND ") + " ORDER BY " + received + " DESC, " + id + " DESC, d.registry"
	if s.Limit > 0 {
		query += fmt.Sprintf(" LIMIT %d", s.Limit)
	}
	return query, w.args, nil
}

// kept words a condition on a delivery so that its report is kept where it has
// none, though none such is ever found: no report is without a state. It keeps both
// databases from beginning with the deliveries, of which they would have to sort all
// to find the first of a station, and PostgreSQL from underrating how many fit.
func kept(condition string) string { return "(" + condition + " OR d.state IS NULL AND r.state = '')" }

// conditionsOf gathers conditions and their parameters.
type conditionsOf struct {
	text []string
	args []any
}

// add puts a condition in, with a %s for each parameter.
func (w *conditionsOf) add(text string, args ...any) {
	marks := make([]any, len(args))
	for i := range args {
		marks[i] = fmt.Sprintf("$%d", len(w.args)+i+1)
	}
	w.text, w.args = append(w.text, fmt.Sprintf(text, marks...)), append(w.args, args...)
}

func (w *conditionsOf) equal(column, value string) {
	if value != "" {
		w.add(column+" = %s", value)
	}
}

func (w *conditionsOf) anyOf(column string, values []string) {
	if len(values) == 0 {
		return
	}
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = v
	}
	w.add(column+" IN ("+strings.TrimSuffix(strings.Repeat("%s, ", len(values)), ", ")+")", args...)
}
