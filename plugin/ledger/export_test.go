package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"time"
)

// FillDisk makes the ledger one that cannot grow any more. The limit belongs to
// a connection; there is one that writes.
func (l *Ledger) FillDisk(ctx context.Context) error {
	var pages int
	if err := l.writer.QueryRowContext(ctx, "PRAGMA page_count").Scan(&pages); err != nil {
		return err
	}
	_, err := l.writer.ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", pages))
	return err
}

// Moment gives the transaction that a copy reads in.
func (l *Ledger) Moment(ctx context.Context) (*sql.Tx, error) { return l.kind.moment(ctx, l.db) }

// DB gives plan_test the connection, to ask how SQLite would run a query.
func (l *Ledger) DB() *sql.DB { return l.db }

// Queries are those that must stay fast, with their arguments.
func Queries() map[string][]any {
	queries := map[string][]any{
		selectDue:     {"dir", 0, 100},
		selectNextDue: {"dir"},
		selectHeld:    {"", 100},
		selectWaiting: {"", 100},
		selectExpired: {"gw", "", 100},
		selectToClear: {"gw", 0, "", 100},

		selectFirstReceived: {"orthanc-1"},
		selectSentAs:        {"2.25.1", "dir", "x"},
		selectOtherCopies:   {"2.25.1", "x", "d"},
		selectUnmarked:      {"gw", "", 100},
	}
	for state := range conditions {
		for _, after := range []Cursor{{}, {ID: "x"}} {
			query, args, err := Query{State: state, Limit: 100, After: after}.sql()
			if err != nil {
				panic(err)
			}
			queries[query] = args
		}
	}
	for state := range conditions {
		for _, s := range []Search{{}, {Stations: []string{"CT1"}}, {Kind: "CT"}, {From: time.UnixMilli(1), To: time.UnixMilli(2)}, {After: Cursor{ID: "x"}}} {
			s.State, s.Limit = state, 100
			query, args, err := s.sql()
			if err != nil {
				panic(err)
			}
			queries[query] = args
		}
	}
	return queries
}

// Recount is what Totals should be.
func (l *Ledger) Recount(ctx context.Context) ([]Total, error) {
	return read(ctx, l, "count", func(row scanner) (t Total, err error) {
		err = row.Scan(&t.Source, &t.Station, &t.Registry, &t.State, &t.Count)
		return t, err
	}, `SELECT source, station_name, '', state, COUNT(*) FROM reports GROUP BY source, station_name, state
		UNION ALL SELECT '', '', registry, state, COUNT(*) FROM deliveries GROUP BY registry, state
		ORDER BY 3, 1, 2, 4`)
}

// Downgrade makes the ledger one of an older dosegate.
func (l *Ledger) Downgrade(ctx context.Context, version int64) error {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := l.kind.provider(l.db, dir)
	if err != nil {
		return err
	}
	_, err = p.DownTo(ctx, version)
	return err
}

// Stuck begins a write, has something happen in its middle, and leaves it there.
func (l *Ledger) Stuck(ctx context.Context, meanwhile func()) error {
	tx, err := l.kind.begin(ctx, l.writer)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO settings (name, value) VALUES ('stuck', '')`)
	meanwhile()
	return err
}
