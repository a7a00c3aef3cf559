package pipeline

import (
	"context"
	"fmt"
	"time"
)

// settling is how long things have to be calm before anything expires.
func (g *Gate) settling() time.Duration { return g.HoldFor / 100 }

// steadyNow is a clock that nobody sets: its differences count.
func (g *Gate) steadyNow() time.Time {
	if g.steady != nil {
		return g.steady()
	}
	return time.Now()
}

// begin has nothing expire for a while after a start, and notices a clock that was
// set back while nobody looked, or that is behind that of the dosegate that led
// before: the ledger was written last at a time that is still to come.
func (g *Gate) begin(ctx context.Context) {
	now, steady := g.Now(), g.steadyNow()
	g.guard.quieten(steady, g.settling(), "dosegate has just started")
	g.guard.compare(now, steady)
	if behind := g.Ledger.WrittenBefore().Sub(now); behind > clockTolerance {
		g.Log.Error("the clock is behind the last time that the ledger was written: nothing expires for a while", "by", behind.Round(time.Second))
		g.guard.quieten(steady, 2*g.settling(), "the clock is behind the last time that the ledger was written")
		g.hurry(ctx)
	}
}

// watchClock notices a clock that jumps. Nothing expires for a while, and every wait
// stays as long as it was: a clock that jumps ahead would end it before its time, and
// another one on the same machine agrees with it.
func (g *Gate) watchClock(ctx context.Context) {
	now, steady := g.Now(), g.steadyNow()
	j := g.guard.compare(now, steady)
	if j.by == 0 {
		return
	}
	g.guard.quieten(steady, g.settling(), "the clock jumped")
	if err := g.keepWaits(ctx, j); err != nil {
		if ctx.Err() == nil {
			g.Log.Error("the clock jumped, and the ledger cannot be told: nothing expires, trying on", "by", j.by.Round(time.Second), "error", err)
		}
		return
	}
	g.guard.believe(now, steady, j)
	g.Log.Error("the clock jumped: nothing expires for a while, and every wait stays as long as it was", "by", j.by.Round(time.Second))
}

func (g *Gate) keepWaits(ctx context.Context, j jump) error {
	if j.by > 0 {
		return g.Ledger.ClockJumpedAhead(ctx, j.by, g.HoldFor, g.ClearAfter > 0)
	}
	err := g.Ledger.Hurry(ctx)
	if err == nil && j.right {
		err = g.Ledger.ClockIsRightAgain(ctx, g.HoldFor)
	}
	return err
}

// incomplete says of which source reports are missing, or may be, "" of none.
func (g *Gate) incomplete(ctx context.Context) string {
	for _, src := range g.Sources {
		_, missing, err := MissingFrom(ctx, g.Ledger, src.Name)
		other, _, err2 := g.Ledger.Setting(ctx, otherSetting(src.Name))
		switch {
		case err != nil || err2 != nil:
			return "the ledger does not say whether reports are missing"
		case missing:
			return fmt.Sprintf("reports of source %s are missing", src.Name)
		case len(other) > 0:
			return fmt.Sprintf("source %s has another database than before", src.Name)
		}
	}
	return ""
}

// hurry has everything that is queued tried now: when the clock was set back, a
// time that was near lies far ahead, and a source that is back need not wait.
func (g *Gate) hurry(ctx context.Context) {
	if err := g.Ledger.Hurry(ctx); err != nil && ctx.Err() == nil {
		g.Log.Error("cannot bring the queue forward", "error", err)
	}
}

// Suspended says why nothing expires at present, as far as no source has to be
// asked, "" where that is no reason.
func (g *Gate) Suspended(ctx context.Context) string {
	if why := g.guard.unsettled(g.steadyNow()); why != "" {
		return why
	}
	if why := g.Stations.Doubt(); why != "" {
		return why
	}
	return g.incomplete(ctx)
}

// noExpiry says why nothing may expire now, "" when it may (rule 6). It asks
// every source for its clock: one that does not answer is a reason.
func (g *Gate) noExpiry(ctx context.Context) string {
	g.watchClock(ctx) // for whom a jump is not believed yet it is unsettled
	if why := g.Suspended(ctx); why != "" {
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
