package ledger_test

import (
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
)

func TestWhatExpiresSoonIsCountedByItself(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		for name, until := range map[string]time.Duration{"soon": 48 * time.Hour, "sooner": 24 * time.Hour, "late": 96 * time.Hour, "never": 0} {
			s := b.seen(name, ledger.Held)
			s.HeldUntil = time.Time{}
			if until > 0 {
				s.HeldUntil = start.Add(until)
			}
			b.record(s)
		}
		found, err := b.Expiring(ctx, start.Add(72*time.Hour))
		must(t, err)
		if len(found) != 1 || found[0].Count != 2 || !found[0].Soonest.Equal(start.Add(24*time.Hour)) {
			t.Errorf("%+v", found)
		}
		counts, err := b.UnmarkedCounts(ctx)
		must(t, err)
		if len(counts) != 1 || counts["gw"] != 4 {
			t.Errorf("%v", counts)
		}
	})
}
