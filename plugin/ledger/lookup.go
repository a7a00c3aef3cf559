package ledger

import (
	"context"
	"fmt"
)

// Lookup finds a report by where it lies.
func (l *Ledger) Lookup(ctx context.Context, source, orthancID string) (Report, bool, error) {
	return readOne(ctx, l, "read report", scanReport,
		`SELECT `+reportColumns+` FROM reports WHERE source = $1 AND orthanc_id = $2`, source, orthancID)
}

// Get finds a report by its id, or returns ErrNotFound.
func (l *Ledger) Get(ctx context.Context, id string) (Report, error) {
	r, ok, err := readOne(ctx, l, "read report", scanReport, `SELECT `+reportColumns+` FROM reports WHERE id = $1`, id)
	if err == nil && !ok {
		err = fmt.Errorf("read report %s: %w", id, ErrNotFound)
	}
	return r, err
}

// Deliveries gives the deliveries of a report by the name of the registry.
func (l *Ledger) Deliveries(ctx context.Context, id string) ([]Delivery, error) {
	return read(ctx, l, "read deliveries", scanDelivery,
		`SELECT `+deliveryColumns+` FROM deliveries d WHERE report_id = $1 ORDER BY registry`, id)
}

// Rows gives what a person sees of one report, as List does.
func (l *Ledger) Rows(ctx context.Context, r Report) (rows []Row, err error) {
	deliveries, err := l.Deliveries(ctx, r.ID)
	for _, d := range deliveries {
		rows = append(rows, Row{r, d, shown(r.State, d.State)})
	}
	if len(deliveries) == 0 {
		rows = []Row{{Report: r, State: shown(r.State, None)}}
	}
	return rows, err
}

// History gives what happened to a report, from the beginning.
func (l *Ledger) History(ctx context.Context, id string) ([]Event, error) {
	return read(ctx, l, "read history", scanEvent, `SELECT report_id, registry, at, from_state, to_state, why, caused_by
		FROM events WHERE report_id = $1 ORDER BY number, id`, id)
}

func scanEvent(row scanner) (e Event, err error) {
	err = row.Scan(&e.ReportID, &e.Registry, (*instant)(&e.At), &e.From, &e.To, &e.Why, &e.By)
	return e, err
}
