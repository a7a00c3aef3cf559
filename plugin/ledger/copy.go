package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
)

// tables are those that a copy takes along, in the order in which their rows can
// be written. Not among them: the lease, since who led where the copy was made
// does not lead where it is put, and the pauses, which belong to the moment.
var tables = []string{"reports", "deliveries", "events", "positions", "ignored", "settings", "totals", "daily", "deletions", "unmarked"}

// ErrNotEmpty means that a copy was to be put where a ledger is already.
var ErrNotEmpty = errors.New("there are reports or settings in it already")

// CopyTo makes a copy of the ledger as it is at one moment, in an SQLite file
// that must not exist yet, while others read and write. The copy is a ledger, of
// whichever kind this one is.
func (l *Ledger) CopyTo(ctx context.Context, path string) error {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("copy ledger to %s: it exists already", path)
	}
	if _, isFile := l.kind.(sqliteFile); isFile {
		// The copy must not be readable by others at any moment.
		if err := makePrivate(path); err != nil {
			return err
		}
		_, err := l.db.ExecContext(ctx, `VACUUM INTO $1`, path)
		return l.fail("copy to "+path, err)
	}
	to, err := Open(ctx, path, Options{Now: l.now})
	if err != nil {
		return err
	}
	err = to.CopyFrom(ctx, l)
	// A file that is one whole, without a log beside it, is easier to carry. For
	// that nobody else may have it open.
	err = errors.Join(err, to.db.Close())
	if err == nil {
		_, err = to.writer.ExecContext(ctx, `PRAGMA journal_mode = DELETE`)
	}
	return to.fail("copy", errors.Join(err, to.writer.Close()))
}

// CopyFrom fills an empty ledger with what is in another one at one moment.
func (l *Ledger) CopyFrom(ctx context.Context, from *Ledger) error {
	read, err := from.kind.moment(ctx, from.db)
	if err != nil {
		return from.fail("copy", err)
	}
	defer read.Rollback()
	write, err := l.kind.begin(ctx, l.writer)
	if err != nil {
		return l.fail("copy", err)
	}
	defer write.Rollback()
	for _, table := range []string{"reports", "settings"} {
		var n int
		if err := write.QueryRowContext(ctx, "SELECT COUNT(*) FROM (SELECT 1 FROM "+table+" LIMIT 1) AS some_rows").Scan(&n); err != nil {
			return l.fail("copy", err)
		}
		if n > 0 {
			return fmt.Errorf("copy into ledger %s: %w", l.name, ErrNotEmpty)
		}
	}
	for _, table := range tables {
		if err := copyTable(ctx, write, read, table); err != nil {
			return l.fail("copy "+table, err)
		}
	}
	return l.fail("copy", write.Commit())
}

// copyTable copies all rows of a table that is empty in the other one.
func copyTable(ctx context.Context, to, from *sql.Tx, table string) error {
	rows, err := from.QueryContext(ctx, "SELECT * FROM "+table)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	marks := make([]string, len(columns))
	for i := range marks {
		marks[i] = fmt.Sprintf("$%d", i+1)
	}
	insert, err := to.PrepareContext(ctx, fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)",
		table, strings.Join(columns, ", "), strings.Join(marks, ", ")))
	if err != nil {
		return err
	}
	defer insert.Close()
	values, places := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		places[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(places...); err != nil {
			return err
		}
		if _, err := insert.ExecContext(ctx, values...); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Sound has the database itself look whether it is whole. PostgreSQL does not
// tell; it looks whenever it reads a page.
func (l *Ledger) Sound(ctx context.Context) error {
	if _, isFile := l.kind.(sqliteFile); !isFile {
		return nil
	}
	var words string
	err := l.db.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&words)
	if err == nil && words != "ok" {
		err = fmt.Errorf("ledger %s is damaged: %s", l.name, words)
	}
	return l.fail("check the ledger", err)
}
