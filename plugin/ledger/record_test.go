package ledger_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
)

func TestAReplayedFeedPageChangesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		page := ledger.Page{
			Reports: []ledger.Seen{b.seen("one", ledger.Accepted, "dir"), b.seen("two", ledger.Held)},
			Ignored: []ledger.Ignored{{Seq: 3, At: start, Sender: "CT1_AE", SOPClass: "1.2.840.10008.5.1.4.1.1.7"}},
			Seq:     3,
		}
		must(t, b.Record(ctx, "gw", page))
		one, _, _ := b.Lookup(ctx, "gw", "one")
		two, _, _ := b.Lookup(ctx, "gw", "two")
		must(t, b.Delivered(ctx, one.ID, "dir", sent("2.25.13")))
		must(t, b.Discard(ctx, two.ID, "not needed", "person:discard"))
		before := fmt.Sprintln(b.rows(), b.history(one.ID), b.history(two.ID), b.ignored())

		b.clock.advance(time.Hour)
		must(t, b.Record(ctx, "gw", page))
		if after := fmt.Sprintln(b.rows(), b.history(one.ID), b.history(two.ID), b.ignored()); after != before {
			t.Errorf("after a replay:\n%s\nwas:\n%s", after, before)
		}
	})
}

func (b *book) ignored() (list []ledger.IgnoredCount) {
	b.t.Helper()
	must(b.t, b.Ignored(ctx, func(c ledger.IgnoredCount) error {
		list = append(list, c)
		return nil
	}))
	return list
}

func TestIgnoredInstancesAreCountedByDayAndSender(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		ct := ledger.Ignored{At: start, Sender: "CT1_AE", Station: "CT1", SOPClass: "1.2.840.10008.5.1.4.1.1.2"}
		next := ct
		next.At = start.AddDate(0, 0, 1)
		page := ledger.Page{Seq: 3}
		for i, one := range []ledger.Ignored{ct, ct, next} {
			one.Seq = int64(i + 1)
			page.Ignored = append(page.Ignored, one)
		}
		must(t, b.Record(ctx, "gw", page))
		// A page that overlaps the one before, as after a position that was set back a little.
		ct.Seq = 4
		must(t, b.Record(ctx, "gw", ledger.Page{Seq: 4, Ignored: append(page.Ignored[2:], ct)}))
		want := []ledger.IgnoredCount{
			{Day: "2026-03-02", Source: "gw", Sender: "CT1_AE", Station: "CT1", SOPClass: ct.SOPClass, Count: 1},
			{Day: "2026-03-01", Source: "gw", Sender: "CT1_AE", Station: "CT1", SOPClass: ct.SOPClass, Count: 3},
		}
		if got := b.ignored(); !slices.Equal(got, want) {
			t.Errorf("counted %+v, want %+v", got, want)
		}
	})
}

func TestAFailingPageLeavesNothingBehind(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		good, bad := b.seen("one", ledger.Accepted, "dir"), b.seen("two", ledger.Accepted)
		if err := b.Record(ctx, "gw", ledger.Page{Seq: 2, Reports: []ledger.Seen{good, bad}}); err == nil {
			t.Fatal("a report accepted for no registry was recorded")
		}
		if _, ok, err := b.Position(ctx, "gw"); ok || err != nil {
			t.Errorf("position: %v, %v", ok, err)
		}
		if rows := b.rows(); len(rows) != 0 {
			t.Errorf("rows: %+v", rows)
		}
	})
}

func TestThePositionOnlyRewindsWhenSet(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		check := func(want int64) {
			t.Helper()
			if got, ok, err := b.Position(ctx, "gw"); got.Seq != want || !ok || err != nil {
				t.Errorf("position %+v, %v, %v; want %d", got, ok, err, want)
			}
		}
		must(t, b.SetPosition(ctx, "gw", ledger.Position{Seq: 10}))
		must(t, b.Record(ctx, "gw", ledger.Page{Seq: 7}))
		check(10)
		must(t, b.Record(ctx, "gw", ledger.Page{Seq: 12, Mark: "twelve"}))
		check(12)
		must(t, b.Record(ctx, "gw", ledger.Page{Seq: 11, Mark: "eleven"}))
		if got, _, _ := b.Position(ctx, "gw"); got.Mark != "twelve" {
			t.Errorf("the position is marked %q", got.Mark)
		}
		must(t, b.SetPosition(ctx, "gw", ledger.Position{}))
		check(0)
		if _, ok, _ := b.Position(ctx, "pacs"); ok {
			t.Error("another source has a position")
		}
	})
}

func TestANewerChangeOpensAnExpiredReportAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		for _, situation := range []string{"expired", "expired with a delivery", "withdrawn"} {
			t.Run(situation, func(t *testing.T) {
				b := newBook(t)
				id := b.in(situation)
				b.clock.advance(time.Hour)
				r := b.record(b.seen("one", ledger.Held))
				if r.ID != id || r.State != ledger.Held || !r.FirstSeenAt.Equal(start) || !r.HeldSince.Equal(b.clock.now()) {
					t.Errorf("opened as %+v", r)
				}
				must(t, b.Discard(ctx, id, "not needed", "person:discard"))
				if r := b.record(b.seen("one", ledger.Accepted, "dir")); r.State != ledger.Accepted {
					t.Errorf("opened as %+v", r)
				}
				if work := b.due("dir"); len(work) != 1 || work[0].Report.ID != id {
					t.Errorf("due: %+v", work)
				}
			})
		}
	})
}

func TestAnOlderChangeDoesNotOpenAnExpiredReport(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		old := b.seen("one", ledger.Accepted, "dir")
		id := b.in("expired")
		must(t, b.Record(ctx, "gw", ledger.Page{Seq: 1, Reports: []ledger.Seen{old}}))
		if r := b.get(id); r.State != ledger.Expired {
			t.Errorf("it is %s", r.State)
		}
	})
}

func TestWhatWasDeliveredStaysDeliveredWhenTheReportIsOpenedAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		s := b.seen("one", ledger.Accepted, "dir", "research")
		id := b.record(s).ID
		must(t, b.Delivered(ctx, id, "dir", sent(s.SOPInstance)))
		must(t, b.Withdraw(ctx, id, ledger.BySweep))
		b.record(b.seen("one", ledger.Accepted, "dir", "research"))
		if got := b.shown(ledger.Query{}); !slices.Equal(got, []string{"dir:delivered", "research:queued"}) {
			t.Errorf("shown: %v", got)
		}
		must(t, b.Withdraw(ctx, id, ledger.BySweep))
		other := b.seen("one", ledger.Accepted, "dir", "research")
		other.SOPInstance = "2.25.77" // another site key is in force: another object
		b.record(other)
		if got := b.shown(ledger.Query{}); !slices.Equal(got, []string{"dir:queued", "research:queued"}) {
			t.Errorf("shown: %v", got)
		}
	})
}

func TestTheSameReportAgainKeepsItsState(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		for _, situation := range []string{"held", "queued", "delivered", "rejected"} {
			t.Run(situation, func(t *testing.T) {
				b := newBook(t)
				id := b.in(situation)
				was, shown := b.get(id), b.shown(ledger.Query{})
				r := b.record(b.seen("one", ledger.Accepted, "dir"))
				if r.Seq <= was.Seq {
					t.Errorf("seq %d, was %d", r.Seq, was.Seq)
				}
				r.Seq = was.Seq
				if fmt.Sprint(r) != fmt.Sprint(was) || !slices.Equal(b.shown(ledger.Query{}), shown) {
					t.Errorf("it became %+v, was %+v", r, was)
				}
			})
		}
	})
}

func TestAChangedReportWaitsForAPersonUnlessDelivered(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		for situation, want := range map[string]string{
			"held": ":held", "queued": "dir:held", "rejected": "dir:held", "delivered": "dir:delivered",
		} {
			t.Run(situation, func(t *testing.T) {
				b := newBook(t)
				id := b.in(situation)
				s := b.seen("one", ledger.Accepted, "dir")
				s.Digest, s.Input = "d2", []byte(`{"Source":"gw","StationName":"CT1"}`)
				r := b.record(s)
				if got := b.shown(ledger.Query{}); !slices.Equal(got, []string{want}) {
					t.Errorf("shown: %v, want %s", got, want)
				}
				if r.Digest != "d2" || string(r.Input) != string(s.Input) {
					t.Errorf("it describes the old content: %+v", r)
				}
				if r.State == ledger.Held && (r.ReasonCode != ledger.ReasonChanged || !r.HeldUntil.IsZero()) {
					t.Errorf("held as %s until %s", r.ReasonCode, r.HeldUntil)
				}
				if h := b.history(id); h[len(h)-1].By != ledger.ByFollow || h[len(h)-1].Why == "" {
					t.Errorf("last event: %+v", h[len(h)-1])
				}
				mustConflict(t, b.Expire(ctx, id, "its day came", ledger.BySweep))
			})
		}
	})
}
