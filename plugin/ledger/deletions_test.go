package ledger_test

import (
	"slices"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
)

// doomed names what is still to be deleted in Orthanc.
func (b *book) doomed() (ids []string) {
	b.t.Helper()
	list, err := b.Deletions(ctx, "gw", 100)
	must(b.t, err)
	for _, d := range list {
		if !d.Received.Equal(start) {
			b.t.Errorf("received at %s", d.Received)
		}
		ids = append(ids, d.Report.OrthancID)
	}
	return ids
}

func (b *book) mustDoom(want ...string) {
	b.t.Helper()
	if got := b.doomed(); !slices.Equal(got, want) {
		b.t.Errorf("still to be deleted: %v, want %v", got, want)
	}
}

// sealed brings a new report to where it is about to be deleted in Orthanc.
func (b *book) sealed(how string) (id string) {
	b.t.Helper()
	switch how {
	case "expired":
		id = b.in("held and due")
		must(b.t, b.Expire(ctx, id, "its day came", ledger.BySweep, ledger.AndDelete(start)))
	case "discarded":
		id = b.in("held")
		must(b.t, b.Discard(ctx, id, "not needed", "person:discard", ledger.AndDelete(start)))
	case "cleared":
		id = b.in("delivered")
		must(b.t, b.Clear(ctx, id, "delivered long ago", ledger.BySweep, ledger.AndDelete(start)))
	}
	return id
}

var sealings = []string{"expired", "discarded", "cleared"}

func TestADeletionIsNotedWithTheEndOfTheWaitAndCrossedOutOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		for _, how := range sealings {
			t.Run(how, func(t *testing.T) {
				b := newBook(t)
				id := b.sealed(how)
				b.mustDoom("one")
				b.clock.advance(time.Minute)
				must(t, b.EndDeletion(ctx, id, "deleted in Orthanc", ledger.BySweep))
				b.mustDoom()
				h := b.history(id)
				if last := h[len(h)-1]; last.Why != "deleted in Orthanc" || last.From != last.To || !last.At.Equal(b.clock.now()) {
					t.Errorf("last event: %+v", last)
				}
				must(t, b.EndDeletion(ctx, id, "deleted in Orthanc", ledger.BySweep))
				if again := b.history(id); len(again) != len(h) {
					t.Errorf("said twice: %+v", again[len(h):])
				}
			})
		}
	})
}

func TestWhatComesAgainIsNotDeletedAnyMore(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		for _, how := range sealings {
			for _, digest := range []string{"d1", "d2"} {
				t.Run(how+" and back as "+digest, func(t *testing.T) {
					b := newBook(t)
					b.sealed(how)
					s := b.seen("one", ledger.Held)
					s.Digest = digest
					b.record(s)
					b.mustDoom()
				})
			}
		}
	})
}

func TestARefusedEndIsNoDeletion(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		for _, situation := range []string{"held", "queued", "rejected", "withdrawn"} {
			b := newBook(t)
			id := b.in(situation)
			mustConflict(t, b.Expire(ctx, id, "its day came", ledger.BySweep, ledger.AndDelete(start)))
			mustConflict(t, b.Clear(ctx, id, "delivered long ago", ledger.BySweep, ledger.AndDelete(start)))
			if situation != "held" {
				mustConflict(t, b.Discard(ctx, id, "not needed", "person:discard", ledger.AndDelete(start)))
			}
			b.mustDoom()
		}
	})
}

// A report may be delivered though it was given up while the send was under way.
func TestAReceiptThatComesLateKeepsTheReport(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		id := b.in("held with a delivery")
		must(t, b.Discard(ctx, id, "not needed", "person:discard", ledger.AndDelete(start)))
		must(t, b.Delivered(ctx, id, "dir", sent("2.25.13")))
		b.mustDoom()
	})
}
