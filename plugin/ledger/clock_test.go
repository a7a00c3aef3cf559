package ledger_test

import (
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
)

func TestAWaitStaysAsLongAsItWasWhenTheClockJumpsAhead(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		until := func(name string, day time.Duration) ledger.Seen {
			s := b.seen(name, ledger.Held)
			s.HeldUntil = time.Time{}
			if day != 0 {
				s.HeldUntil = start.Add(day)
			}
			return s
		}
		soon, late, far, never := b.record(until("soon", time.Hour)).ID, b.record(until("late", fortnight-time.Hour)).ID,
			b.record(until("far", 3*fortnight)).ID, b.record(until("never", 0)).ID
		delivered := b.record(b.seen("delivered", ledger.Accepted, "dir")).ID
		must(t, b.Delivered(ctx, delivered, "dir", sent("2.25.13")))
		check := func(when string, want map[string]time.Duration) {
			t.Helper()
			for id, left := range want {
				if got := b.get(id).HeldUntil.Sub(b.clock.now()); got != left {
					t.Errorf("%s: %s is left of %s, want %s", when, got, b.get(id).OrthancID, left)
				}
			}
			if !b.get(never).HeldUntil.IsZero() {
				t.Errorf("%s: what waits for ever has a day", when)
			}
		}
		b.clock.advance(24 * time.Hour)
		must(t, b.ClockJumpedAhead(ctx, 24*time.Hour, fortnight, true))
		check("a day ahead", map[string]time.Duration{soon: time.Hour, late: fortnight - time.Hour, far: 3*fortnight - 24*time.Hour})
		b.clock.advance(400 * 24 * time.Hour)
		must(t, b.ClockJumpedAhead(ctx, 400*24*time.Hour, fortnight, true))
		check("a year ahead", map[string]time.Duration{soon: time.Hour, late: fortnight - time.Hour, far: fortnight})
		if got := b.get(delivered).LastSeenAt; !got.Equal(b.clock.now()) {
			t.Errorf("the time of a delivered report counts from %s", got)
		}
		b.clock.advance(-400 * 24 * time.Hour)
		must(t, b.ClockIsRightAgain(ctx, fortnight))
		check("right again", map[string]time.Duration{soon: fortnight, late: fortnight, far: fortnight})
	})
}
