package metrics

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/rhythm"
)

// change is what a counter counts.
type change struct {
	source, registry string
	state            ledger.State
}

// year sums the ledger's daily counts from 1 January on. So a counter goes on where
// it was when dosegate is started again or another one leads, and once a year begins
// anew, which Prometheus takes for what it is. Days that are over are read once.
type year struct {
	mu   sync.Mutex
	from time.Time // the first day that is not in past
	past map[change]int64
}

func (y *year) read(ctx context.Context, l *ledger.Ledger, now time.Time) (map[change]int64, error) {
	y.mu.Lock()
	defer y.mu.Unlock()
	today := rhythm.Today(now)
	if first := time.Date(today.Year(), 1, 1, 0, 0, 0, 0, time.UTC); y.past == nil || y.from.Before(first) || y.from.After(today) {
		y.from, y.past = first, map[change]int64{}
	}
	days, err := l.Daily(ctx, y.from)
	if err != nil {
		return nil, err
	}
	// What is written around midnight may still count for the day before.
	open := today.AddDate(0, 0, -1)
	if open.Before(y.from) {
		open = y.from
	}
	present := map[change]int64{}
	for _, d := range days {
		sums := present
		if d.Day.Before(open) {
			sums = y.past
		}
		c := change{d.Source, d.Registry, d.State}
		if c.registry != "" {
			c.source = ""
		}
		sums[c] += d.Count
	}
	y.from = open
	all := maps.Clone(y.past)
	for c, n := range present {
		all[c] += n
	}
	return all, nil
}
