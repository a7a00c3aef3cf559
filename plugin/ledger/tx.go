package ledger

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/base32"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/google/uuid"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// txn is one transaction, and the one moment that everything in it happens at.
type txn struct {
	ctx context.Context
	tx  *sql.Tx
	now time.Time
}

// change runs fn in a transaction: all that it writes stands, or nothing.
func (l *Ledger) change(ctx context.Context, op string, fn func(*txn) error) error {
	tx, err := l.begin(ctx)
	if err != nil {
		return l.fail(op, err)
	}
	defer tx.Rollback() // without effect after Commit
	if err := fn(&txn{ctx: ctx, tx: tx, now: l.now()}); err != nil {
		return l.fail(op, err)
	}
	return l.fail(op, tx.Commit())
}

// begin waits for its turn among processes. SQLite's own waiting ends up looking
// ten times a second, and starves beside a serve that writes one transaction
// after the other; this looks often enough to find the gaps.
func (l *Ledger) begin(ctx context.Context) (*sql.Tx, error) {
	for deadline := time.Now().Add(patience); ; {
		tx, err := l.writer.BeginTx(ctx, nil)
		var busy *sqlite.Error
		if !errors.As(err, &busy) || busy.Code()&0xff != sqlite3.SQLITE_BUSY || time.Now().After(deadline) {
			return tx, err
		}
		select {
		case <-time.After(rand.N(4 * time.Millisecond)):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// exec runs a statement and says how many rows it changed.
func (t *txn) exec(query string, args ...any) (int64, error) {
	res, err := t.tx.ExecContext(t.ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// event appends to the history.
func (t *txn) event(e Event) error {
	id, err := newID()
	if err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO events (id, report_id, registry, at, from_state, to_state, why, caused_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		id, e.ReportID, e.Registry, instant(t.now), e.From, e.To, e.Why, e.By)
	return err
}

// newID makes an id that sorts by age: a version 7 UUID, whose first bytes are
// the time, in the base32 whose letters keep the order of the bytes.
func newID() (string, error) {
	u, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("make an id: %w", err)
	}
	return strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(u[:])), nil
}

// instant is how a time stands in the database: milliseconds since 1970, and 0
// for the zero time.
type instant time.Time

// Value gives what the database keeps.
func (i instant) Value() (driver.Value, error) {
	if time.Time(i).IsZero() {
		return int64(0), nil
	}
	return time.Time(i).UnixMilli(), nil
}

// Scan takes what the database keeps.
func (i *instant) Scan(v any) error {
	ms, ok := v.(int64)
	if !ok && v != nil {
		return fmt.Errorf("read a time from %T", v)
	}
	*i = instant{}
	if ms != 0 {
		*i = instant(time.UnixMilli(ms).UTC())
	}
	return nil
}
