package ledger

import (
	"context"
	"errors"
	"sync"
	"time"
)

// A leader that was frozen, and wakes, does not know that another one leads. Its
// writes to the ledger are refused. What it does elsewhere, nobody refuses: so it
// has to be over before another one can lead.

// beaten is until when a leader can be sure that no other leads.
type beaten struct {
	surely time.Duration // after a beat

	mu sync.Mutex
	at time.Time // before the last beat that the ledger took
}

// surely is for how long after its last beat a leader knows that it leads: a good
// third of the time is left until another one may.
func (m Member) surely() time.Duration { return m.For * 2 / 3 }

func (b *beaten) confirm(at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.at = at
}

// left is for how long it is sure, by the steady clock, or by the wall clock where
// now has no reading of the steady one.
func (b *beaten) left(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.surely - now.Sub(b.at)
}

// WhileLeading bounds what is to be done elsewhere, outside the ledger: the context
// ends before another one can lead. It is ErrFenced where that may be so already.
// A ledger that nobody shares bounds nothing.
func (l *Ledger) WhileLeading(ctx context.Context) (context.Context, context.CancelFunc, error) {
	if l.beaten == nil {
		ctx, cancel := context.WithCancel(ctx)
		return ctx, cancel, nil
	}
	// A machine that slept may have stopped one of its clocks.
	now := time.Now()
	left := min(l.beaten.left(now), l.beaten.left(now.Round(0)))
	if left <= 0 {
		return nil, nil, errors.Join(errors.New("it is not sure that this dosegate still leads"), ErrFenced)
	}
	ctx, cancel := context.WithTimeout(ctx, left)
	return ctx, cancel, nil
}
