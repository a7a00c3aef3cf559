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

// ClockJumpedAhead keeps every wait as long as it was when the wall clock has jumped
// ahead: the day of a held report lies as far ahead as it did, but no further than a
// whole wait. Where delivered reports are cleared away after a time, that begins anew.
func (l *Ledger) ClockJumpedAhead(ctx context.Context, by, longest time.Duration, clears bool) error {
	return l.change(ctx, "keep the waits", func(t *txn) error {
		_, err := t.exec(`UPDATE reports SET held_until = CASE WHEN held_until + $1 < $2 THEN held_until + $1 ELSE $2 END
			WHERE state = 'held' AND held_until > 0 AND held_until < $2`, by.Milliseconds(), instant(t.now.Add(longest)))
		if err == nil && clears {
			_, err = t.exec(`UPDATE reports SET last_seen_at = $1 WHERE state = 'accepted' AND cleared_at = 0 AND last_seen_at < $1`, instant(t.now))
		}
		return err
	})
}

// ClockIsRightAgain ends waits that a clock that was ahead made longer than a whole
// one.
func (l *Ledger) ClockIsRightAgain(ctx context.Context, longest time.Duration) error {
	return l.change(ctx, "shorten the waits", func(t *txn) error {
		_, err := t.exec(`UPDATE reports SET held_until = $1 WHERE state = 'held' AND held_until > $1`, instant(t.now.Add(longest)))
		return err
	})
}
