package ledger_test

import (
	"slices"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
)

func TestAReopenedReportIsDescribedAsItIsNow(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		for _, situation := range []string{"held for ever", "held with a delivery", "expired"} {
			t.Run(situation, func(t *testing.T) {
				b := newBook(t)
				id := b.in(situation)
				was := b.get(id)
				b.clock.advance(time.Hour)
				s := b.found(id, ledger.Accepted)
				s.StationName, s.Template, s.Kind, s.Input = "XA2", "10001", "XA/RF", []byte(`{"Source":"gw","StationName":"XA2"}`)
				s.SOPInstance, s.Digest = "2.25.42", "d2"
				must(t, b.Reopen(ctx, s, "person:release"))
				r := b.get(id)
				if r.StationName != "XA2" || r.Template != "10001" || r.Kind != "XA/RF" || string(r.Input) != string(s.Input) ||
					r.SOPInstance != "2.25.42" || r.Digest != "d2" {
					t.Errorf("it is described as %+v", r)
				}
				if r.OrthancID != was.OrthancID || r.Source != was.Source || r.Seq != was.Seq || !r.FirstSeenAt.Equal(was.FirstSeenAt) {
					t.Errorf("it became another one: %+v", r)
				}
				told := slices.ContainsFunc(b.history(id), func(e ledger.Event) bool {
					return e.From == was.State && e.To == ledger.Accepted && e.By == "person:release"
				})
				if !told {
					t.Errorf("history: %+v", b.history(id))
				}
			})
		}
	})
}

func TestAReportThatCameAgainMeanwhileIsNotReopened(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		id := b.in("held")
		s := b.found(id, ledger.Accepted)
		b.record(b.seen("one", ledger.Held))
		mustConflict(t, b.Reopen(ctx, s, "person:release"))
		if r := b.get(id); r.State != ledger.Held {
			t.Errorf("it is %s", r.State)
		}
	})
}

func TestAReopenedReportIsHeldOrGoesToARegistry(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		id := b.in("held")
		s := b.found(id, ledger.Expired)
		if err := b.Reopen(ctx, s, "person:release"); err == nil {
			t.Error("reopened as expired")
		}
		s = b.found(id, ledger.Accepted)
		s.Registries = nil
		if err := b.Reopen(ctx, s, "person:release"); err == nil {
			t.Error("accepted for nobody")
		}
		if r := b.get(id); r.State != ledger.Held {
			t.Errorf("it is %s", r.State)
		}
	})
}

// A registry refused the report as it was. As it is now, it is another; what
// another registry took stands, since it keeps the first object of a UID.
func TestAChangedReportIsOfferedAgainWhereItWasRejected(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		for digest, want := range map[string][]string{
			"d1": {"dir:rejected", "other:delivered", "research:queued"},
			"d2": {"dir:queued", "other:delivered", "research:queued"},
		} {
			b := newBook(t)
			id := b.record(b.seen("one", ledger.Accepted, "dir", "other", "research")).ID
			must(t, b.Rejected(ctx, id, "dir", ledger.Sent{Status: 409}, "the registry refused it"))
			must(t, b.Delivered(ctx, id, "other", sent("2.25.13")))
			must(t, b.Hold(ctx, id, ledger.Verdict{ReasonCode: "leak", Reason: "it is not safe"}, time.Time{}, ledger.ByDeliver))
			s := b.found(id, ledger.Accepted)
			s.Registries, s.Digest = []string{"dir", "other", "research"}, digest
			must(t, b.Reopen(ctx, s, "person:release"))
			if got := b.shown(ledger.Query{}); !slices.Equal(got, want) {
				t.Errorf("with digest %s shown: %v, want %v", digest, got, want)
			}
		}
	})
}

func TestAWaitGoesOnWhenAReopenedReportStaysHeld(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		id := b.in("held")
		b.clock.advance(time.Hour)
		must(t, b.Reopen(ctx, b.found(id, ledger.Held), "person:release"))
		if r := b.get(id); !r.HeldSince.Equal(start) {
			t.Errorf("held since %s", r.HeldSince)
		}
		must(t, b.Discard(ctx, id, "not needed", "person:discard"))
		must(t, b.Reopen(ctx, b.found(id, ledger.Held), "person:release"))
		if r := b.get(id); !r.HeldSince.Equal(b.clock.now()) {
			t.Errorf("held since %s: an expired one begins to wait anew", r.HeldSince)
		}
	})
}

func TestExpiredReportsAreWalkedBySource(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		id := b.in("expired")
		b.record(b.seen("two", ledger.Held))
		got, err := b.Expired(ctx, "gw", "", 10)
		must(t, err)
		if len(got) != 1 || got[0].ID != id {
			t.Errorf("expired: %+v", got)
		}
		for source, after := range map[string]string{"pacs": "", "gw": id} {
			if got, err := b.Expired(ctx, source, after, 10); len(got) != 0 || err != nil {
				t.Errorf("expired in %s after %q: %+v, %v", source, after, got, err)
			}
		}
	})
}
