package ledger

import (
	"context"
	"database/sql"
	"errors"
)

// Position is how far a source's feed was taken in.
type Position struct {
	Seq  int64  // of the last change
	Mark string // what tells that change from another one of its number; empty where nothing does
}

// Position gives how far the feed of a source was taken in, and whether it was ever
// read.
func (l *Ledger) Position(ctx context.Context, source string) (Position, bool, error) {
	return readOne(ctx, l, "read position", scanPosition, selectPosition, source)
}

func scanPosition(row scanner) (p Position, err error) {
	err = row.Scan(&p.Seq, &p.Mark)
	return p, err
}

// SetPosition moves the position anywhere: to where a first start begins. Record
// only moves it forward.
func (l *Ledger) SetPosition(ctx context.Context, source string, p Position) error {
	return l.change(ctx, "set position", func(t *txn) error { return t.setPosition(source, p) })
}

const selectPosition = `SELECT seq, mark FROM positions WHERE source = $1`

func (t *txn) position(source string) (Position, bool, error) {
	p, err := scanPosition(t.tx.QueryRowContext(t.ctx, selectPosition, source))
	if errors.Is(err, sql.ErrNoRows) {
		return Position{}, false, nil
	}
	return p, err == nil, err
}

func (t *txn) setPosition(source string, p Position) error {
	_, err := t.exec(`INSERT INTO positions (source, seq, mark) VALUES ($1, $2, $3)
		ON CONFLICT (source) DO UPDATE SET seq = excluded.seq, mark = excluded.mark`, source, p.Seq, p.Mark)
	return err
}
