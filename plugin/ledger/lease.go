package ledger

import (
	"context"
	"time"
)

// Several dosegates may share a PostgreSQL ledger. One of them leads: it runs
// the loops, the others stand by. Who leads is a lease in the ledger:
//
//	            take: generation + 1
//	free ───────────────────────────────▶ held ──╮ beat, by the leader alone
//	  ▲                                    │ ▲◀──╯
//	  ╰──── give back: the leader stops ───╯ ╰──── take: generation + 1, when it
//	                                               has not beaten for long enough
//
// No two clocks are compared. Whoever stands by watches whether the leader's
// beat changes, and counts the time that it does not by its own steady clock; a
// leader that could not beat for a shorter time than that stops by itself. And
// if it does not stop, since its machine was frozen, every write of its loops
// names the generation that it took, and is refused when that is over.

// Lease is the state of the lead.
type Lease struct {
	Generation int64
	Leader     string // who took it last
	Held       bool
	Beat       int64
}

const selectLease = `SELECT generation, leader, held, beat FROM lease`

func scanLease(row scanner) (s Lease, err error) {
	var held int
	err = row.Scan(&s.Generation, &s.Leader, &held, &s.Beat)
	s.Held = held != 0
	return s, err
}

// Lease gives the state of the lead. That it is held does not say that its
// leader lives.
func (l *Ledger) Lease(ctx context.Context) (Lease, error) {
	s, _, err := readOne(ctx, l, "read the lease", scanLease, selectLease)
	return s, err
}

// Led gives the state of the lead and whether its leader lives: within the time
// that a lease lasts it beats.
func (l *Ledger) Led(ctx context.Context, long time.Duration) (Lease, bool, error) {
	var w watch
	for {
		s, err := l.Lease(ctx)
		if err != nil {
			return s, false, err
		}
		seen := w.seen
		if free := w.look(s, time.Now(), long); free {
			return s, false, nil
		}
		if seen.Generation == s.Generation && seen.Beat != s.Beat {
			return s, true, nil
		}
		select {
		case <-ctx.Done():
			return s, false, ctx.Err()
		case <-time.After(long / 12):
		}
	}
}

// take makes us the leader, if nothing has changed since the lease was looked
// at. It queues like every write, so it comes after those of the leader before.
func (l *Ledger) take(ctx context.Context, was Lease, m Member) (fenced *Ledger, err error) {
	own := &beaten{at: time.Now(), surely: m.surely()}
	before, err := l.LastWrite(ctx)
	if err != nil {
		return nil, err
	}
	err = l.change(ctx, "take the lead", func(t *txn) error {
		n, err := t.exec(`UPDATE lease SET generation = generation + 1, leader = $1, held = 1, beat = 0
			WHERE generation = $2 AND beat = $3`, m.Name, was.Generation, was.Beat)
		if err == nil && n != 1 {
			return ErrFenced
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	led := *l
	led.fence, led.before, led.beaten = was.Generation+1, before, own
	return &led, nil
}

// beat says that the leader lives. It does not queue with the writes: a long one
// must not cost the lead.
func (l *Ledger) beat(ctx context.Context) error {
	return l.amendLease(ctx, "keep the lead", `UPDATE lease SET beat = beat + 1 WHERE generation = $1`)
}

// giveBack lets the next one lead at once.
func (l *Ledger) giveBack(ctx context.Context) error {
	return l.amendLease(ctx, "give the lead back", `UPDATE lease SET held = 0 WHERE generation = $1`)
}

func (l *Ledger) amendLease(ctx context.Context, op, query string) error {
	ctx, cancel := l.bounded(ctx)
	defer cancel()
	res, err := l.db.ExecContext(ctx, query, l.fence)
	if err != nil {
		return l.fail(op, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return l.fail(op, err)
	}
	return l.fail(op, ErrFenced)
}

// watch tells a leader that beats from one that does not.
type watch struct {
	seen  Lease
	since time.Time // when we first saw it so; its monotonic reading counts
}

// look notes the lease, and reports whether anybody may take it who has waited
// for so long.
func (w *watch) look(s Lease, at time.Time, long time.Duration) (free bool) {
	if w.since.IsZero() || s != w.seen {
		w.seen, w.since = s, at
	}
	return !s.Held || at.Sub(w.since) >= long
}
