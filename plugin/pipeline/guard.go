package pipeline

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// clockTolerance is how far two clocks may be apart and still agree.
const clockTolerance = 2 * time.Minute

// guard distrusts what an expiry depends on besides the report: the clock, the
// stations list, and a process that has only just started.
type guard struct {
	mu        sync.Mutex
	settledAt time.Time // no expiry before
	why       string
	wall      time.Time // at the last tick
	monotonic time.Time // at the last tick; its monotonic reading counts
}

// quieten forbids expiry for a time.
func (g *guard) quieten(now time.Time, d time.Duration, why string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if until := now.Add(d); until.After(g.settledAt) {
		g.settledAt, g.why = until, why
	}
}

// tick compares how far the wall clock came since the last tick with how much
// time has passed; it returns by how much the clock jumped, 0 for not.
func (g *guard) tick(wall, monotonic time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	jump := time.Duration(0)
	if !g.wall.IsZero() {
		jump = wall.Round(0).Sub(g.wall.Round(0)) - monotonic.Sub(g.monotonic)
	}
	g.wall, g.monotonic = wall, monotonic
	if jump.Abs() < clockTolerance {
		return 0
	}
	return jump
}

// unsettled says why nothing may expire yet, "" when it may.
func (g *guard) unsettled(now time.Time) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now.Before(g.settledAt) {
		return g.why
	}
	return ""
}

// settling is how long things have to be calm before anything expires.
func (g *Gate) settling() time.Duration { return g.HoldFor / 100 }

// compareClock notices a clock that was set back while nobody looked, or that is
// behind that of the dosegate that led before: the ledger was written last at a
// time that is still to come. Expiry waits as after every jump, and then for the
// sources' clocks, which have to agree.
func (g *Gate) compareClock() {
	now := g.Now()
	if behind := g.Ledger.WrittenBefore().Sub(now); behind > clockTolerance {
		g.Log.Error("the clock is behind the last time that the ledger was written: nothing expires for a while", "by", behind.Round(time.Second))
		g.guard.quieten(now, 2*g.settling(), "the clock is behind the last time that the ledger was written")
	}
}

// noExpiry says why nothing may expire now, "" when it may (rule 6). It asks
// every source for its clock: one that does not answer is a reason.
func (g *Gate) noExpiry(ctx context.Context) string {
	now := g.Now()
	if why := g.guard.unsettled(now); why != "" {
		return why
	}
	if why := g.Stations.Trouble(); why != "" {
		return why
	}
	for _, src := range g.Sources {
		theirs, err := src.Client.Now(ctx)
		if err != nil {
			return fmt.Sprintf("source %s does not tell the time", src.Name)
		}
		if apart := g.Now().Sub(theirs).Abs(); apart > clockTolerance {
			return fmt.Sprintf("the clock of source %s is %s from this machine's", src.Name, apart.Round(time.Second))
		}
	}
	return ""
}
