package chaos

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
)

// counts are the numbers that the ledger keeps beside its rows.
type counts struct {
	ignored int64            // instances that are no dose reports
	seen    int64            // reports, by the days on which they first came
	totals  map[string]int64 // by what and state
}

// readCounts reads them.
func readCounts(t testing.TB, l *ledger.Ledger) counts {
	c := counts{totals: make(map[string]int64)}
	must(t, l.Ignored(t.Context(), func(i ledger.IgnoredCount) error { c.ignored += i.Count; return nil }))
	daily, err := l.Daily(t.Context(), time.Unix(0, 0))
	must(t, err)
	for _, d := range daily {
		if d.State == ledger.FirstSeen {
			c.seen += d.Count
		}
	}
	totals, err := l.Totals(t.Context())
	must(t, err)
	for _, x := range totals {
		c.totals[total(x.Registry, x.State)] += x.Count
	}
	return c
}

func total(registry string, state ledger.State) string {
	if registry == "" {
		return "reports " + string(state)
	}
	return "deliveries " + string(state)
}

// recount is what the counts must be, by the rows and by what was sent.
func (v *verdict) recount() counts {
	c := counts{totals: make(map[string]int64)}
	reports := make(map[string]bool)
	for _, r := range v.rows {
		if !reports[r.Report.ID] {
			c.seen++
			c.totals[total("", r.Report.State)]++
		}
		reports[r.Report.ID] = true
		if r.Delivery.Registry != "" {
			c.totals[total(r.Delivery.Registry, r.Delivery.State)]++
		}
	}
	for _, r := range v.reports {
		if r.fate == ignored {
			c.ignored++
		}
	}
	return c
}

func (v *verdict) miscounted() {
	have, want := v.counts, v.recount()
	if have.ignored != want.ignored || have.seen != want.seen || !maps.Equal(have.totals, want.totals) {
		v.stray = append(v.stray, fmt.Sprintf("the ledger counts %+v, and has %+v", have, want))
	}
}
