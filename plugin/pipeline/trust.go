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

// suspended is where the ledger keeps until when, by the wall clock, nothing
// expires because that clock jumped ahead: a restart does not end that.
const suspended = "nothing expires until"

// begin has nothing expire for a while after a start, and notices a clock that was
// set back while nobody looked, or that is behind that of the dosegate that led
// before: the ledger was written last at a time that is still to come.
func (g *Gate) begin(ctx context.Context) {
	now, steady := g.Now(), g.steadyNow()
	g.guard.quieten(steady, g.settling(), "dosegate has just started")
	g.guard.compare(now, steady, 0, 0)
	behind := g.Ledger.WrittenBefore().Sub(now)
	if behind > clockTolerance {
		g.Log.Error("the clock is behind the last time that the ledger was written: nothing expires for a while", "by", behind.Round(time.Second))
		g.guard.quieten(steady, 2*g.settling(), "the clock is behind the last time that the ledger was written")
		g.hurry(ctx)
	}
	until, err := g.suspend(ctx, jump{by: -max(behind, 0)})
	if err != nil {
		g.Log.Error("cannot tell whether the clock jumped before the start: nothing expires for now", "error", err)
		until = now.Add(g.HoldFor)
	}
	g.guard.quieten(steady, until.Sub(now), "the clock jumped ahead before the start")
}

// watchClock notices a clock that jumps.
func (g *Gate) watchClock(ctx context.Context) {
	j := g.guard.compare(g.Now(), g.steadyNow(), g.settling(), g.HoldFor)
	if j.by == 0 {
		return
	}
	words := "the clock jumped ahead: nothing expires until as much time has passed, or it is set back"
	if j.by < 0 {
		words = "the clock was set back: nothing expires for a while"
		g.hurry(ctx)
	}
	g.Log.Error(words, "by", j.by.Round(time.Second))
	if _, err := g.suspend(ctx, j); err != nil && ctx.Err() == nil {
		g.Log.Error("cannot note that the clock jumped", "error", err)
	}
}

// suspend notes, for the next start too, until when nothing expires after a jump.
// What was noted before lies as far ahead as it did, but no further than a wait: a
// clock may have been years ahead.
func (g *Gate) suspend(ctx context.Context, j jump) (until time.Time, err error) {
	text, noted, err := g.Ledger.Setting(ctx, suspended)
	if err != nil || !noted && j.lasts == 0 {
		return until, err
	}
	now := g.Now()
	until = now.Add(j.lasts)
	if earlier, err := time.Parse(time.RFC3339, string(text)); err == nil && earlier.Add(j.by).After(until) {
		until = earlier.Add(j.by)
	}
	if latest := now.Add(g.HoldFor); until.After(latest) {
		until = latest
	}
	return until, g.Ledger.SetSetting(ctx, suspended, []byte(until.UTC().Format(time.RFC3339)))
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

// noExpiry says why nothing may expire now, "" when it may (rule 6). It asks
// every source for its clock: one that does not answer is a reason.
func (g *Gate) noExpiry(ctx context.Context) string {
	g.watchClock(ctx)
	if why := g.guard.unsettled(g.steadyNow()); why != "" {
		return why
	}
	if why := g.Stations.Doubt(); why != "" {
		return why
	}
	if why := g.incomplete(ctx); why != "" {
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
