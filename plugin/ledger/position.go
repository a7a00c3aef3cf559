package ledger

import (
	"context"
	"database/sql"
	"errors"
)

// Position gives the seq of the last change of a source that was taken in, and
// whether there is one.
func (l *Ledger) Position(ctx context.Context, source string) (seq int64, ok bool, err error) {
	return readOne(ctx, l, "read position", scanInto[int64], selectPosition, source)
}

// SetPosition moves the position anywhere: to where a first start begins, or
// back to the beginning of an Orthanc that was replaced. Record only moves it
// forward.
func (l *Ledger) SetPosition(ctx context.Context, source string, seq int64) error {
	return l.change(ctx, "set position", func(t *txn) error { return t.setPosition(source, seq) })
}

const selectPosition = `SELECT seq FROM positions WHERE source = $1`

func (t *txn) position(source string) (int64, bool, error) {
	seq, err := scanInto[int64](t.tx.QueryRowContext(t.ctx, selectPosition, source))
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return seq, err == nil, err
}

func (t *txn) setPosition(source string, seq int64) error {
	_, err := t.exec(`INSERT INTO positions (source, seq) VALUES ($1, $2)
		ON CONFLICT (source) DO UPDATE SET seq = excluded.seq`, source, seq)
	return err
}
