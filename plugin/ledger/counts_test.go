package ledger_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
)

// mustCountRight compares the kept totals with what counting gives.
func mustCountRight(t testing.TB, l *ledger.Ledger) {
	t.Helper()
	kept, err := l.Totals(ctx)
	must(t, err)
	counted, err := l.Recount(ctx)
	must(t, err)
	if !slices.Equal(kept, counted) {
		t.Errorf("totals are kept as\n%v, counted they are\n%v", kept, counted)
	}
}

func TestTotalsFollowEveryTransition(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		held := b.record(b.seen("one", ledger.Held))
		accepted := b.record(b.seen("two", ledger.Accepted, "dir", "research"))
		mustCountRight(t, b.Ledger)
		must(t, b.Accept(ctx, held.ID, configured, []string{"dir"}, ledger.BySweep))
		must(t, b.Delivered(ctx, accepted.ID, "dir", sent("2.25.1")))
		must(t, b.Rejected(ctx, accepted.ID, "research", ledger.Sent{Status: 409}, "refused"))
		mustCountRight(t, b.Ledger)
		// It came from another station than thought, and is not wanted for research.
		again := b.seen("one", ledger.Held)
		again.StationName, again.Digest = "CT2", "d2"
		b.record(again)
		mustCountRight(t, b.Ledger)
		must(t, b.Accept(ctx, held.ID, configured, []string{"research"}, ledger.BySweep))
		must(t, b.Withdraw(ctx, held.ID, ledger.BySweep))
		mustCountRight(t, b.Ledger)
	})
}

func TestADayCountsWhatCameIntoAState(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		one := b.record(b.seen("one", ledger.Held))
		b.record(b.seen("two", ledger.Accepted, "dir"))
		b.clock.advance(24 * time.Hour)
		must(t, b.Accept(ctx, one.ID, configured, []string{"dir"}, ledger.BySweep))
		must(t, b.Delivered(ctx, one.ID, "dir", sent("2.25.1")))
		must(t, b.Accept(ctx, one.ID, configured, []string{"dir"}, ledger.BySweep)) // changes nothing
		list, err := b.Daily(ctx, start)
		must(t, err)
		var have []string
		for _, c := range list {
			have = append(have, fmt.Sprintf("%s %s/%s:%s %s %d", c.Day.Format(time.DateOnly), c.Source, c.Station, c.Registry, c.State, c.Count))
		}
		slices.Sort(have)
		want := []string{
			"2026-03-01 gw/CT1: accepted 1", "2026-03-01 gw/CT1: held 1", "2026-03-01 gw/CT1: seen 2", "2026-03-01 gw/CT1:dir queued 1",
			"2026-03-02 gw/CT1: accepted 1", "2026-03-02 gw/CT1:dir delivered 1", "2026-03-02 gw/CT1:dir queued 1",
		}
		if !slices.Equal(have, want) {
			t.Errorf("counted\n%v, want\n%v", have, want)
		}
		if later, err := b.Daily(ctx, start.AddDate(0, 0, 1)); err != nil || len(later) != 3 {
			t.Errorf("from the second day on: %v, %v", later, err)
		}
	})
}

// What an older dosegate wrote is counted when the table comes.
func TestAnOlderLedgerIsCountedWhenItIsOpened(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		one := b.record(b.seen("one", ledger.Held))
		b.record(b.seen("two", ledger.Accepted, "dir"))
		must(t, b.Accept(ctx, one.ID, configured, []string{"dir"}, ledger.BySweep))
		before, err := b.Daily(ctx, start)
		must(t, err)
		history := b.history(one.ID)
		must(t, b.Downgrade(ctx, 3))
		must(t, b.Close())
		b.Ledger = open(t, b.path, ledger.Options{Now: b.clock.now})
		mustCountRight(t, b.Ledger)
		after, err := b.Daily(ctx, start)
		must(t, err)
		if !slices.Equal(before, after) {
			t.Errorf("days are\n%v, were\n%v", after, before)
		}
		if !slices.Equal(b.history(one.ID), history) {
			t.Errorf("history is\n%v, was\n%v", b.history(one.ID), history)
		}
	})
}

func TestAHistoryKeepsItsOrderWhenTheClockIsSetBack(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		r := b.record(b.seen("one", ledger.Held))
		b.clock.advance(-time.Hour)
		must(t, b.Accept(ctx, r.ID, configured, []string{"dir"}, ledger.BySweep))
		h := b.history(r.ID)
		if len(h) != 3 || h[0].To != ledger.Held || h[1].To != ledger.Accepted || !h[1].At.Before(h[0].At) {
			t.Errorf("history %v", h)
		}
		last, err := b.LastWrite(ctx)
		must(t, err)
		if !last.Equal(b.clock.now()) {
			t.Errorf("last written at %s, the clock says %s", last, b.clock.now())
		}
	})
}

func TestTextThatIsNoneIsKeptAsText(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		r := b.record(b.seen("one", ledger.Held))
		must(t, b.Discard(ctx, r.ID, "odd \xff and \x00 end", "person:discard"))
		if got := b.get(r.ID).Reason; got != "odd \uFFFD and  end" {
			t.Errorf("reason %q", got)
		}
	})
}
