package ledger_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
)

func orthancIDs(work []ledger.Work) (ids []string) {
	for _, w := range work {
		ids = append(ids, w.Report.OrthancID)
	}
	return ids
}

func TestDeliveriesAreDueInOrderOfArrival(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		late, early := b.seen("late", ledger.Accepted, "dir"), b.seen("early", ledger.Accepted, "dir", "research")
		late.ReceivedAt = start.Add(time.Minute)
		b.record(late)
		b.record(early)
		b.record(b.seen("held", ledger.Held))
		if got := orthancIDs(b.due("dir")); !slices.Equal(got, []string{"early", "late"}) {
			t.Errorf("due: %v", got)
		}
		if got := orthancIDs(b.due("research")); !slices.Equal(got, []string{"early"}) {
			t.Errorf("due: %v", got)
		}
		work := b.due("dir")[0]
		if work.Delivery.Registry != "dir" || work.Delivery.ReportID != work.Report.ID || string(work.Report.Input) != string(early.Input) {
			t.Errorf("work: %+v", work)
		}
	})
}

func TestADeliveryThatWaitsBlocksNoneBehindIt(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		id := b.record(b.seen("one", ledger.Accepted, "dir")).ID
		b.record(b.seen("two", ledger.Accepted, "dir"))
		at := start.Add(time.Minute)
		must(t, b.Retry(ctx, id, "dir", at, "the registry does not answer"))
		if got := orthancIDs(b.due("dir")); !slices.Equal(got, []string{"two"}) {
			t.Errorf("due: %v", got)
		}
		b.clock.advance(time.Minute)
		if got := orthancIDs(b.due("dir")); !slices.Equal(got, []string{"one", "two"}) {
			t.Errorf("due: %v", got)
		}
	})
}

func TestAQueueIsBroughtForward(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		id := b.record(b.seen("one", ledger.Accepted, "dir", "research")).ID
		must(t, b.Retry(ctx, id, "dir", start.Add(20*24*time.Hour), "the registry does not answer"))
		must(t, b.Hurry(ctx))
		if got, ok, err := b.NextDue(ctx, "dir"); !got.Equal(start) || !ok || err != nil {
			t.Errorf("next: %s, %v, %v", got, ok, err)
		}
		if d := b.delivery(id, "dir"); d.Attempts != 1 || d.LastError == "" {
			t.Errorf("the delivery is %+v", d)
		}
	})
}

func TestNextDueSaysWhenToWakeUp(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		if _, ok, err := b.NextDue(ctx, "dir"); ok || err != nil {
			t.Errorf("an empty queue: %v, %v", ok, err)
		}
		id := b.in("queued")
		at := start.Add(time.Minute)
		must(t, b.Retry(ctx, id, "dir", at, "the registry does not answer"))
		if got, ok, err := b.NextDue(ctx, "dir"); !got.Equal(at) || !ok || err != nil {
			t.Errorf("next: %s, %v, %v", got, ok, err)
		}
		must(t, b.Hold(ctx, id, paused, time.Time{}, ledger.BySweep))
		if at, ok, err := b.NextDue(ctx, "dir"); ok || err != nil {
			t.Errorf("a held report's delivery is due at %s, %v", at, err)
		}
		if work := b.due("dir"); len(work) != 0 {
			t.Errorf("due: %+v", work)
		}
	})
}

func TestTheHoldingAreaIsWalkedInPages(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		for i := range 5 {
			b.record(b.seen(fmt.Sprint("held", i), ledger.Held))
			b.record(b.seen(fmt.Sprint("queued", i), ledger.Accepted, "dir", "research"))
		}
		walk := func(page func(after string) ([]ledger.Report, error)) (ids []string) {
			for after := ""; ; {
				list, err := page(after)
				must(t, err)
				if len(list) == 0 {
					return ids
				}
				for _, r := range list {
					ids = append(ids, r.OrthancID)
				}
				after = list[len(list)-1].ID
			}
		}
		held := walk(func(after string) ([]ledger.Report, error) { return b.Held(ctx, after, 2) })
		if !slices.Equal(held, []string{"held0", "held1", "held2", "held3", "held4"}) {
			t.Errorf("held: %v", held)
		}
		waiting := walk(func(after string) ([]ledger.Report, error) { return b.Waiting(ctx, after, 2) })
		if !slices.Equal(waiting, []string{"queued0", "queued1", "queued2", "queued3", "queued4"}) {
			t.Errorf("waiting: %v", waiting)
		}
	})
}
