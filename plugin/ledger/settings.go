package ledger

import (
	"bytes"
	"context"
	"errors"
	"unicode/utf8"
)

// Setting gives a value that the installation keeps beside its reports, such as
// the fingerprint of its key or the last good list of stations, and whether
// there is one.
func (l *Ledger) Setting(ctx context.Context, name string) ([]byte, bool, error) {
	return readOne(ctx, l, "read setting "+name, scanInto[[]byte], `SELECT value FROM settings WHERE name = $1`, name)
}

// SetSetting keeps a value, which is text: PostgreSQL would take nothing else in
// such a column.
func (l *Ledger) SetSetting(ctx context.Context, name string, value []byte) error {
	if !utf8.Valid(value) || bytes.ContainsRune(value, 0) {
		return errors.New("keep setting " + name + ": its value is not text")
	}
	return l.change(ctx, "keep setting "+name, func(t *txn) error {
		_, err := t.exec(`INSERT INTO settings (name, value) VALUES ($1, $2)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, string(value))
		return err
	})
}
