package ledger

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"
)

// FirstSeen is what a day counts a report as that the ledger had not known, beside
// the state that it came into.
const FirstSeen State = "seen"

// Total is how many reports, or deliveries, are in a state now.
type Total struct {
	Source, Station string // of reports
	Registry        string // of deliveries
	State           State
	Count           int64
}

// Totals gives the totals of reports, by source and station, and of deliveries,
// by registry. They are kept by the transitions; reading them looks at no report.
func (l *Ledger) Totals(ctx context.Context) ([]Total, error) {
	return read(ctx, l, "read totals", func(row scanner) (t Total, err error) {
		err = row.Scan(&t.Source, &t.Station, &t.Registry, &t.State, &t.Count)
		return t, err
	}, `SELECT source, station, registry, state, count FROM totals WHERE count <> 0
		ORDER BY registry, source, station, state`)
}

// DayCount is how many reports, or deliveries where there is a registry, came
// into a state on a day.
type DayCount struct {
	Day             time.Time // its first moment, in UTC
	Source, Station string
	Registry        string
	State           State // or FirstSeen
	Count           int64
}

// Daily gives the counts of the days from one moment's on, the earliest first.
func (l *Ledger) Daily(ctx context.Context, from time.Time) ([]DayCount, error) {
	return read(ctx, l, "read daily counts", scanDayCount, `SELECT day, source, station, registry, state, count FROM daily
		WHERE day >= $1 ORDER BY day, registry, source, station, state`, dayOf(from))
}

func scanDayCount(row scanner) (c DayCount, err error) {
	var day int64
	err = row.Scan(&day, &c.Source, &c.Station, &c.Registry, &c.State, &c.Count)
	c.Day = time.UnixMilli(day * millisecondsOfDay).UTC()
	return c, err
}

const millisecondsOfDay = 24 * 60 * 60 * 1000

func dayOf(t time.Time) int64 { return t.UnixMilli() / millisecondsOfDay }

// counts is what a transaction will have counted when it ends: by total, with
// day -1, and by day.
type counts map[countKey]int64

type countKey struct {
	day                                int64
	source, station, registry, entered string
}

const noDay = -1 // the day of a total

// moved counts that a report, or a delivery of it, went from one state to
// another, or its report to another station, and notes that marks show it no more.
func (t *txn) moved(was, is Report, registry string, from, to State) {
	total := func(r Report, state State, n int64) {
		if state == None {
			return
		}
		k := countKey{noDay, r.Source, r.StationName, registry, string(state)}
		if registry != "" {
			k.source, k.station = "", ""
		}
		t.counts[k] += n
	}
	if (from != to || registry == "") && slices.Contains(t.marked, is.Source) {
		t.changed[is.ID] = true
	}
	total(was, from, -1)
	total(is, to, 1)
	if from == to || to == None {
		return
	}
	day := countKey{dayOf(t.now), is.Source, is.StationName, registry, string(to)}
	t.counts[day]++
	if from == None && registry == "" {
		day.entered = string(FirstSeen)
		t.counts[day]++
	}
}

// count writes what was counted: one row for each number, however many reports
// made it, and in an order that is always the same.
func (t *txn) count() error {
	for _, k := range slices.SortedFunc(maps.Keys(t.counts), countKey.compare) {
		n := t.counts[k]
		if n == 0 {
			continue
		}
		var err error
		if k.day == noDay {
			_, err = t.exec(`INSERT INTO totals (source, station, registry, state, count) VALUES ($1, $2, $3, $4, $5)
				ON CONFLICT (registry, source, station, state) DO UPDATE SET count = totals.count + excluded.count`,
				k.source, k.station, k.registry, k.entered, n)
		} else {
			_, err = t.exec(`INSERT INTO daily (day, source, station, registry, state, count) VALUES ($1, $2, $3, $4, $5, $6)
				ON CONFLICT (day, registry, source, station, state) DO UPDATE SET count = daily.count + excluded.count`,
				k.day, k.source, k.station, k.registry, k.entered, n)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (k countKey) compare(o countKey) int {
	for _, c := range []int{int(k.day - o.day), strings.Compare(k.registry, o.registry), strings.Compare(k.source, o.source),
		strings.Compare(k.station, o.station), strings.Compare(k.entered, o.entered)} {
		if c != 0 {
			return c
		}
	}
	return 0
}
