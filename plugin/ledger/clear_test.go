package ledger_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
)

// toClear names what was wholly delivered an hour ago and lies there still.
func (b *book) toClear() (ids []string) {
	b.t.Helper()
	by := b.clock.now().Add(-time.Hour)
	for after := ""; ; {
		list, err := b.ToClear(ctx, "gw", by, after, 2)
		must(b.t, err)
		if len(list) == 0 {
			return ids
		}
		for _, r := range list {
			ids = append(ids, r.OrthancID)
		}
		after = list[len(list)-1].ID
	}
}

func (b *book) mustClear(want ...string) {
	b.t.Helper()
	if got := b.toClear(); !slices.Equal(got, want) {
		b.t.Errorf("to clear: %v, want %v", got, want)
	}
}

func TestOnlyWhatIsWhollyDeliveredIsCleared(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		for _, situation := range []string{"held", "held with a delivery", "queued", "rejected", "expired", "withdrawn", "cleared"} {
			t.Run(situation, func(t *testing.T) {
				b := newBook(t)
				b.in(situation)
				b.clock.advance(2 * time.Hour)
				b.mustClear()
			})
		}
		b := newBook(t)
		id := b.record(b.seen("one", ledger.Accepted, "dir", "research")).ID
		must(t, b.Delivered(ctx, id, "dir", sent("2.25.13")))
		b.clock.advance(2 * time.Hour)
		b.mustClear()
		mustConflict(t, b.Clear(ctx, id, "delivered long ago", ledger.BySweep))
		must(t, b.Delivered(ctx, id, "research", sent("2.25.13")))
		b.mustClear() // the last delivery counts
		b.clock.advance(time.Hour)
		b.mustClear("one")
		must(t, b.Resend(ctx, id, "dir", false, "person:resend"))
		b.mustClear()
		if got, err := b.ToClear(ctx, "pacs", b.clock.now(), "", 10); len(got) != 0 || err != nil {
			t.Errorf("of another source: %v, %v", got, err)
		}
	})
}

func TestAClearedReportStaysDelivered(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		id := b.in("delivered")
		b.clock.advance(time.Hour)
		must(t, b.Clear(ctx, id, "delivered long ago", ledger.BySweep))
		if r := b.get(id); r.State != ledger.Accepted || !r.ClearedAt.Equal(b.clock.now()) {
			t.Errorf("it is %s, cleared at %v", r.State, r.ClearedAt)
		}
		if got := b.shown(ledger.Query{}); !slices.Equal(got, []string{"dir:delivered"}) {
			t.Errorf("shown: %v", got)
		}
		if h := b.history(id); h[len(h)-1].Why != "delivered long ago" || h[len(h)-1].By != ledger.BySweep {
			t.Errorf("last event: %+v", h[len(h)-1])
		}
		b.mustClear()
	})
}

func TestAClearedReportThatComesAgainIsNotSentAgainAndClearedAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		id := b.in("cleared")
		b.clock.advance(2 * time.Hour)
		r := b.record(b.seen("one", ledger.Accepted, "dir"))
		if r.ID != id || r.State != ledger.Accepted || !r.ClearedAt.IsZero() || len(b.due("dir")) != 0 {
			t.Errorf("it came again as %+v; due: %v", r, b.due("dir"))
		}
		if h := b.history(id); h[len(h)-1].By != ledger.ByFollow || h[len(h)-1].Why == "" {
			t.Errorf("last event: %+v", h[len(h)-1])
		}
		b.mustClear() // its time begins anew
		b.clock.advance(time.Hour)
		b.mustClear("one")
	})
}

// What came with other content after the delivery is nobody's copy of what a
// registry has: it is not deleted.
func TestWhatIsNotWhatWasSentIsNotCleared(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		for _, situation := range []string{"delivered", "cleared"} {
			t.Run(situation, func(t *testing.T) {
				b := newBook(t)
				id := b.in(situation)
				s := b.seen("one", ledger.Accepted, "dir")
				s.Digest = "d2"
				b.record(s)
				b.clock.advance(2 * time.Hour)
				b.mustClear()
				mustConflict(t, b.Clear(ctx, id, "delivered long ago", ledger.BySweep))
				must(t, b.Resend(ctx, id, "dir", true, "person:resend"))
				again := sent("2.25.14")
				again.SentDigest = "d2"
				must(t, b.Delivered(ctx, id, "dir", again))
				b.clock.advance(2 * time.Hour)
				b.mustClear("one")
			})
		}
	})
}

func TestWhatIsToBeClearedIsWalkedInPages(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		var want []string
		for i := range 5 {
			name := fmt.Sprint("report", i)
			must(t, b.Delivered(ctx, b.record(b.seen(name, ledger.Accepted, "dir")).ID, "dir", sent("2.25.13")))
			b.record(b.seen(fmt.Sprint("queued", i), ledger.Accepted, "dir"))
			want = append(want, name)
			b.clock.advance(time.Duration(i%2) * time.Minute)
		}
		b.clock.advance(2 * time.Hour)
		b.mustClear(want...)
	})
}
