package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Lookup finds a report by where it lies.
func (l *Ledger) Lookup(ctx context.Context, source, orthancID string) (Report, bool, error) {
	r, err := scanReport(l.db.QueryRowContext(ctx,
		`SELECT `+reportColumns+` FROM reports WHERE source = $1 AND orthanc_id = $2`, source, orthancID))
	if errors.Is(err, sql.ErrNoRows) {
		return r, false, nil
	}
	return r, err == nil, l.fail("read report", err)
}

// Get finds a report by its id, or returns ErrNotFound.
func (l *Ledger) Get(ctx context.Context, id string) (Report, error) {
	r, err := scanReport(l.db.QueryRowContext(ctx, `SELECT `+reportColumns+` FROM reports WHERE id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		err = fmt.Errorf("report %s: %w", id, ErrNotFound)
	}
	return r, l.fail("read report", err)
}

// Deliveries gives the deliveries of a report by the name of the registry.
func (l *Ledger) Deliveries(ctx context.Context, id string) ([]Delivery, error) {
	rows, err := l.db.QueryContext(ctx,
		`SELECT `+deliveryColumns+` FROM deliveries d WHERE report_id = $1 ORDER BY registry`, id)
	if err != nil {
		return nil, l.fail("read deliveries", err)
	}
	list, err := all(rows, scanDelivery)
	return list, l.fail("read deliveries", err)
}

// History gives what happened to a report, from the beginning.
func (l *Ledger) History(ctx context.Context, id string) ([]Event, error) {
	rows, err := l.db.QueryContext(ctx, `SELECT report_id, registry, at, from_state, to_state, why, caused_by
		FROM events WHERE report_id = $1 ORDER BY id`, id)
	if err != nil {
		return nil, l.fail("read history", err)
	}
	list, err := all(rows, scanEvent)
	return list, l.fail("read history", err)
}

func scanEvent(row scanner) (e Event, err error) {
	err = row.Scan(&e.ReportID, &e.Registry, (*instant)(&e.At), &e.From, &e.To, &e.Why, &e.By)
	return e, err
}
