package ledger

import (
	"context"
	"time"
)

// LastWrite is what the wall clock said, of this machine or of another one that
// shares the ledger, when anything was last written, to the second; zero in a
// new ledger. A clock that is behind it has jumped.
func (l *Ledger) LastWrite(ctx context.Context) (time.Time, error) {
	at, _, err := readOne(ctx, l, "read the clock", scanInto[instant], `SELECT written_at FROM clock`)
	return time.Time(at), err
}

// WrittenBefore is what LastWrite was when the ledger was opened, or when the
// lead was taken: before we wrote anything by a clock of ours.
func (l *Ledger) WrittenBefore() time.Time { return l.before }
