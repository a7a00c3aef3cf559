package ledger_test

import (
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/ledger"
)

// copyOf is a report under the same UID from another source.
func (b *book) copyOf(r ledger.Report, digest string) ledger.Report {
	b.t.Helper()
	s := b.seen("other", ledger.Accepted, "dir")
	s.SOPInstance, s.Digest = r.SOPInstance, digest
	must(b.t, b.Record(ctx, "pacs", ledger.Page{Seq: s.Seq, Reports: []ledger.Seen{s}}))
	other, ok, err := b.Lookup(ctx, "pacs", "other")
	must(b.t, err)
	if !ok {
		b.t.Fatal("the copy is not in the ledger")
	}
	return other
}

func TestTwoCopiesWithOtherContentWaitForAPerson(t *testing.T) {
	for _, situation := range []string{"queued", "held", "held for ever", "held with a delivery"} {
		t.Run(situation, func(t *testing.T) {
			onBoth(t, func(t *testing.T, newBook maker) {
				b := newBook(t)
				id := b.in(situation)
				for _, r := range []ledger.Report{b.copyOf(b.get(id), "d2"), b.get(id)} {
					if r.State != ledger.Held || r.ReasonCode != ledger.ReasonChanged || !r.HeldUntil.IsZero() {
						t.Errorf("the report of %s is %s (%s) until %s", r.Source, r.State, r.ReasonCode, r.HeldUntil)
					}
				}
			})
		})
	}
}

func TestACopyWithTheSameContentChangesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		id := b.in("queued")
		was := b.get(id)
		if r := b.copyOf(was, was.Digest); r.State != ledger.Accepted {
			t.Errorf("the copy is %s", r.State)
		}
		if r := b.get(id); r.State != was.State || r.ReasonCode != was.ReasonCode {
			t.Errorf("the first is %s (%s)", r.State, r.ReasonCode)
		}
	})
}

func TestThatACopyDiffersFromWhatWasDeliveredIsToldInItsHistory(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		id := b.in("delivered")
		b.copyOf(b.get(id), "d2")
		if r := b.get(id); r.State != ledger.Accepted {
			t.Errorf("what was delivered is %s", r.State)
		}
		events, err := b.History(ctx, id)
		must(t, err)
		if last := events[len(events)-1]; !strings.Contains(last.Why, "another copy of the report came with other content") {
			t.Errorf("the last event is %q", last.Why)
		}
	})
}
