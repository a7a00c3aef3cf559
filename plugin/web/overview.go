package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/rhythm"
)

// Overview answers whether everything arrives, whether anything waits for a
// person, and whether anyone is silent.
type Overview struct {
	At         *time.Time      `json:"at"`
	Answers    []Answer        `json:"answers"`
	Days       []Day           `json:"days"`     // in UTC, the last one today
	Stations   []StationDays   `json:"stations"` // who stands out first
	Waits      []Wait          `json:"waits"`    // what never expires first, then the soonest
	Registries []RegistryState `json:"registries"`
	Sources    []SourceState   `json:"sources"`
	Trouble    string          `json:"trouble"`   // with stations.yaml, "" where there is none
	FirstDay   bool            `json:"first_day"` // nothing has come yet

	All bool `json:"-"` // stations are shown all
}

// Day is how many reports came into each state on a day.
type Day struct {
	Day       string `json:"day"` // in UTC
	Seen      int    `json:"seen"`
	Held      int    `json:"held"`
	Delivered int    `json:"delivered"` // to each registry
	Rejected  int    `json:"rejected"`
	Expired   int    `json:"expired"`
	Withdrawn int    `json:"withdrawn"`
}

// StationDays is how many reports of a station came on each day.
type StationDays struct {
	Name           string     `json:"name"`
	Counts         []int      `json:"counts"` // a day each, the last one today
	LastReceivedAt *time.Time `json:"last_received_at"`
	rhythm.Rhythm
}

// Wait is what waits for the same reason.
type Wait struct {
	Source     string     `json:"source"`
	Station    string     `json:"station"`
	ReasonCode string     `json:"reason_code"`
	Reason     string     `json:"reason"`
	Count      int        `json:"count"`
	Soonest    *time.Time `json:"soonest"` // when the first expires; null: none does
	Since      *time.Time `json:"since"`   // the first was received
}

const oneDay = 24 * time.Hour

// stationsShown is how many stations the overview shows unless all are asked for.
const stationsShown = 25

func (s *Server) overview(r *http.Request, _ caller) (any, error) {
	ctx, now := r.Context(), s.Now()
	o := &Overview{At: when(now), Sources: s.monitor.states(), Trouble: s.Stations.Trouble(), All: r.FormValue("all") != ""}
	g, err := s.glance(ctx)
	if err != nil {
		return nil, err
	}
	o.Days, o.Stations, o.Waits = byDay(g.daily, now), byStation(g.daily, g.known, now), g.waits
	if o.Registries, err = s.registryStates(ctx); err != nil {
		return nil, err
	}
	o.FirstDay = len(g.known) == 0
	o.Answers = []Answer{o.arrives(), o.waiting(), o.silence()}
	return o, nil
}

// Shown are the stations that the page draws.
func (o *Overview) Shown() []StationDays {
	if o.All {
		return o.Stations
	}
	return o.Stations[:min(stationsShown, len(o.Stations))]
}

// waits are what is held, in the order of the ledger.
func (s *Server) waits(ctx context.Context) ([]Wait, error) {
	found, err := s.Ledger.Waits(ctx)
	all := []Wait{}
	for _, w := range found {
		all = append(all, Wait{w.Source, w.Station, w.ReasonCode, w.Reason, w.Count, when(w.Soonest), when(w.Since)})
	}
	return all, err
}

// Never reports whether it waits for a person alone.
func (w Wait) Never() bool { return !filter.Expires(w.ReasonCode) }

// Open reports whether it waits for somebody to decide, and not on purpose.
func (w Wait) Open() bool { return !filter.OnPurpose(w.ReasonCode) }

// Undecided are the waits that the page names.
func (o *Overview) Undecided() (open []Wait) {
	for _, w := range o.Waits {
		if w.Open() {
			open = append(open, w)
		}
	}
	return open
}

// toDecide is how many reports wait for a person alone.
func (s *Server) toDecide(ctx context.Context) (n int) {
	g, err := s.glance(ctx)
	if err != nil {
		s.Log.Error("cannot read the holding area", "error", err)
		return 0
	}
	for _, w := range g.waits {
		if w.Never() && w.ReasonCode != filter.Paused {
			n += w.Count
		}
	}
	return n
}

// byDay sums the counts of all stations and registries.
func byDay(daily []ledger.DayCount, now time.Time) []Day {
	days := make([]Day, rhythm.Days)
	for i := range days {
		days[i].Day = rhythm.First(now).Add(time.Duration(i) * oneDay).Format(time.DateOnly)
	}
	for _, c := range daily {
		i, ok := rhythm.Day(c.Day, now)
		if !ok {
			continue
		}
		d, n := &days[i], int(c.Count)
		switch {
		case c.Registry != "" && c.State == ledger.Delivered:
			d.Delivered += n
		case c.Registry != "" && c.State == ledger.Rejected:
			d.Rejected += n
		case c.Registry != "":
		case c.State == ledger.FirstSeen:
			d.Seen += n
		case c.State == ledger.Held:
			d.Held += n
		case c.State == ledger.Expired:
			d.Expired += n
		case c.State == ledger.Withdrawn:
			d.Withdrawn += n
		}
	}
	return days
}

// byStation gives each station's days, who stands out first: the silent, those
// that jump, and then who sends most.
func byStation(daily []ledger.DayCount, known []ledger.Station, now time.Time) []StationDays {
	all := make([]StationDays, len(known))
	places := map[string]int{}
	for i, k := range known {
		all[i] = StationDays{Name: k.Name, Counts: make([]int, rhythm.Days), LastReceivedAt: when(k.LastReceived)}
		places[k.Name] = i
	}
	for _, c := range daily {
		i, known := places[c.Station]
		if day, ok := rhythm.Day(c.Day, now); ok && known && c.State == ledger.FirstSeen && c.Registry == "" {
			all[i].Counts[day] += int(c.Count)
		}
	}
	for i, k := range known {
		all[i].Rhythm = rhythm.Of(all[i].Counts, k.LastReceived, now)
	}
	slices.SortStableFunc(all, func(a, b StationDays) int {
		return cmp.Or(b.rank()-a.rank(), sum(b.Counts)-sum(a.Counts), strings.Compare(a.Name, b.Name))
	})
	return all
}

// Total is how many reports came in the shown days.
func (d StationDays) Total() int { return sum(d.Counts) }

func (d StationDays) rank() int {
	switch {
	case d.Silent:
		return 2
	case d.Jumped:
		return 1
	}
	return 0
}

func sum(list []int) (n int) {
	for _, v := range list {
		n += v
	}
	return n
}
