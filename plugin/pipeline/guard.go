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

	// Since when, by both clocks, the wall clock has gone with the steady one, and by
	// how much it had jumped before, all in all, since the start.
	wall, steady time.Time
	jumped       time.Duration
}

// quieten forbids expiry for a time.
func (g *guard) quieten(steady time.Time, d time.Duration, why string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if until := steady.Add(d); until.After(g.settledAt) {
		g.settledAt, g.why = until, why
	}
}

// unsettled says why nothing may expire yet, "" when it may.
func (g *guard) unsettled(steady time.Time) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if steady.Before(g.settledAt) {
		return g.why
	}
	return ""
}

// jump is what happened to the wall clock.
type jump struct {
	by    time.Duration // 0: nothing; less: it was set back
	right bool          // it was set back to what it was at the start
}

// compare tells by how much the wall clock does not go with the steady one. It says
// the same again until that is believed.
func (g *guard) compare(wall, steady time.Time) jump {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.steady.IsZero() {
		g.wall, g.steady = wall, steady
	}
	by := wall.Round(0).Sub(g.wall.Round(0)) - steady.Sub(g.steady)
	if by.Abs() < clockTolerance {
		return jump{}
	}
	return jump{by, by < 0 && (g.jumped+by).Abs() < clockTolerance}
}

// believe has the wall clock count from now on.
func (g *guard) believe(wall, steady time.Time, j jump) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.wall, g.steady, g.jumped = wall, steady, g.jumped+j.by
}
