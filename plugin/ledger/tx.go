package ledger

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/base32"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
)

// txn is one transaction, and the one moment that everything in it happens at.
type txn struct {
	ctx context.Context
	tx  *sql.Tx
	now time.Time

	known   map[string]Report // the reports that were read or written, by id
	counts  counts            // what is to be counted in the end
	marked  []string          // sources whose reports bear marks
	changed map[string]bool   // the reports whose marks are not right any more, by id
}

// change runs fn in a transaction: all that it writes stands, or nothing.
func (l *Ledger) change(ctx context.Context, op string, fn func(*txn) error) error {
	ctx, cancel := l.bounded(ctx)
	defer cancel()
	tx, err := l.kind.begin(ctx, l.writer)
	if err != nil {
		return l.fail(op, err)
	}
	defer tx.Rollback() // without effect after Commit
	t := &txn{ctx: ctx, tx: tx, now: l.now(), known: map[string]Report{}, counts: counts{}, marked: l.marked, changed: map[string]bool{}}
	err = t.begin(l.fence)
	if err == nil {
		err = fn(t)
	}
	if err == nil {
		err = t.count()
	}
	if err == nil {
		err = t.unmark()
	}
	if err != nil {
		return l.fail(op, err)
	}
	return l.fail(op, tx.Commit())
}

// begin makes sure that we still lead, if that is what this ledger is for, and
// notes the time. Whoever takes the lead queues for its turn like every writer,
// so what is true here stays true until the transaction ends.
func (t *txn) begin(fence int64) error {
	var generation int64
	var written time.Time
	err := t.tx.QueryRowContext(t.ctx, `SELECT generation, written_at FROM lease, clock`).Scan(&generation, (*instant)(&written))
	if err != nil {
		return err
	}
	if fence != 0 && fence != generation {
		return ErrFenced
	}
	if since := t.now.Sub(written); since >= 0 && since < time.Second {
		return nil // near enough; a row that every write changed would grow old copies
	}
	_, err = t.exec(`UPDATE clock SET written_at = $1`, instant(t.now))
	return err
}

// exec runs a statement and says how many rows it changed. PostgreSQL takes only
// text that is text, so both get that.
func (t *txn) exec(query string, args ...any) (int64, error) {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
		}
	}
	res, err := t.tx.ExecContext(t.ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// event appends to the history, which nothing here changes or deletes. The
// numbers of a report's events are in order also when the clock was set back.
func (t *txn) event(e Event) error {
	id, err := newID()
	if err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO events (id, report_id, number, registry, at, from_state, to_state, why, caused_by)
		VALUES ($1, $2, (SELECT COALESCE(MAX(number), 0) + 1 FROM events WHERE report_id = $2), $3, $4, $5, $6, $7, $8)`,
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

// flag is how a yes or no stands in the database: as 1 or 0.
type flag bool

// Value gives what the database keeps.
func (f flag) Value() (driver.Value, error) {
	if f {
		return int64(1), nil
	}
	return int64(0), nil
}

// Scan takes what the database keeps.
func (f *flag) Scan(v any) error {
	n, ok := v.(int64)
	*f = n != 0
	if !ok {
		return fmt.Errorf("%T is no flag", v)
	}
	return nil
}
