package pipeline

import (
	"sync"
	"time"
)

// clockTolerance is how far two clocks may be apart and still agree.
const clockTolerance = 2 * time.Minute

// guard distrusts what an expiry depends on besides the report: the clock, and a
// process or a stations list that is only just there. It goes by a steady clock,
// which nobody sets.
type guard struct {
	mu        sync.Mutex
	settledAt time.Time // no expiry before; by the steady clock
	why       string

	// Since when, by both clocks, the wall clock has gone with the steady one; since
	// when it is ahead of that by the steady one, zero: it is not; and by how much it
	// was off, with its sign, when that was last said.
	wall, steady, ahead time.Time
	told                time.Duration
}

// quieten forbids expiry for a time.
func (g *guard) quieten(steady time.Time, d time.Duration, why string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calm(steady, d, why)
}

func (g *guard) calm(steady time.Time, d time.Duration, why string) {
	if until := steady.Add(d); until.After(g.settledAt) {
		g.settledAt, g.why = until, why
	}
}

// jump is what happened to the wall clock.
type jump struct {
	by    time.Duration // 0: nothing; less: it was set back
	lasts time.Duration // for how long nothing expires because of it
}

// compare notices when the wall clock does not go with the steady one.
//
// A clock that jumped ahead would end every wait too early, and a second clock on
// the same machine agrees with it. So it is believed only when as much time has
// passed, or a whole wait; and soon when it is set back to what it was. A clock
// that was set back lengthens every wait, and counts from then on.
func (g *guard) compare(wall, steady time.Time, settle, longest time.Duration) jump {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.steady.IsZero() {
		g.wall, g.steady = wall, steady
	}
	off := wall.Round(0).Sub(g.wall.Round(0)) - steady.Sub(g.steady)
	j := jump{off - g.told, settle}
	if j.by.Abs() < clockTolerance {
		j = jump{}
	} else {
		g.told = off
		g.calm(steady, settle, "the clock jumped")
	}
	switch {
	case off < clockTolerance && off > -clockTolerance:
		g.ahead = time.Time{}
	case off > 0 && j.by > 0:
		g.ahead, j.lasts = steady, max(settle, min(off, longest))
	case off < 0, steady.Sub(g.ahead) >= min(off, longest):
		g.wall, g.steady, g.ahead, g.told = wall, steady, time.Time{}, 0
	}
	return j
}

// unsettled says why nothing may expire yet, "" when it may.
func (g *guard) unsettled(steady time.Time) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case steady.Before(g.settledAt):
		return g.why
	case !g.ahead.IsZero():
		return "the clock jumped ahead: either it is set back, or as much time has to pass"
	}
	return ""
}
