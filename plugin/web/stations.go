package web

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/rdsr"
	"github.com/dosegate/dosegate/plugin/rhythm"
)

// Stations is the page of the stations.
type Stations struct {
	Configured  []ConfiguredStation `json:"configured"`   // in the order of the file
	Seen        []SeenStation       `json:"seen"`         // not configured, what expires soonest first
	DoseScreens []DoseScreen        `json:"dose_screens"` // stations that send pictures of the dose alone
	Fingerprint string              `json:"fingerprint"`  // of the list in force
	Trouble     string              `json:"trouble"`      // with stations.yaml, "" where there is none
	Days        []Day               `json:"-"`
}

// Counts is how many reports show which state.
type Counts struct {
	Held      int `json:"held"`
	Queued    int `json:"queued"`
	Delivered int `json:"delivered"`
	Rejected  int `json:"rejected"`
	Expired   int `json:"expired"`
	Withdrawn int `json:"withdrawn"`
}

func (c *Counts) add(n map[ledger.State]int) {
	c.Held += n[ledger.Held]
	c.Queued += n[ledger.Queued]
	c.Delivered += n[ledger.Delivered]
	c.Rejected += n[ledger.Rejected]
	c.Expired += n[ledger.Expired]
	c.Withdrawn += n[ledger.Withdrawn]
}

// Entry is an entry of stations.yaml.
type Entry struct {
	Name               string   `json:"name"`
	DeviceObserverName string   `json:"device_observer_name"`
	SerialNumber       string   `json:"serial_number"`
	Model              string   `json:"model"`
	Manufacturer       string   `json:"manufacturer"`
	Source             string   `json:"source"`
	AET                string   `json:"aet"`
	Facility           string   `json:"facility"`
	Registries         []string `json:"registries"` // null: every one
	Send               bool     `json:"send"`
	Paused             bool     `json:"paused"`
}

func entryOf(s filter.Station) Entry {
	return Entry{s.Name, s.DeviceObserverName, s.SerialNumber, s.Model, s.Manufacturer, s.Source, s.AET, s.Facility,
		s.Registries, s.Send == nil || *s.Send, s.Paused}
}

// ConfiguredStation is an entry of the list in force, with the reports of the
// stations that it matches.
type ConfiguredStation struct {
	Place int    `json:"place"` // in the list, from 0
	Words string `json:"words"` // what it is known by
	Entry
	StationNames   []string      `json:"station_names"` // whose reports it matches
	Kinds          []string      `json:"kinds"`
	Devices        []Device      `json:"devices"`
	Counts         Counts        `json:"counts"`
	LastReceivedAt *time.Time    `json:"last_received_at"`
	Rhythm         rhythm.Rhythm `json:"rhythm"`
	DayCounts      []int         `json:"days"`  // reports of each shown day
	Notes          []string      `json:"notes"` // what a person should look at
}

// SeenStation is a station that reports came from and no single entry matches.
type SeenStation struct {
	StationName    string     `json:"station_name"`
	Devices        []Device   `json:"devices"`
	Reason         string     `json:"reason"` // of the verdict on its last report
	Counts         Counts     `json:"counts"`
	HeldUntil      *time.Time `json:"held_until"` // of the first that expires; null where none does
	LastReceivedAt *time.Time `json:"last_received_at"`
	Notes          []string   `json:"notes"`
}

// DoseScreen is a station that sends secondary captures and no dose reports.
type DoseScreen struct {
	StationName string `json:"station_name"`
	SenderAET   string `json:"sender_aet"`
	Source      string `json:"source"`
	Count       int64  `json:"count"` // in the shown days
	LastDay     string `json:"last_day"`
}

func (s *Server) stations(r *http.Request, _ caller) (any, error) {
	ctx, now := r.Context(), s.Now()
	g, err := s.glance(ctx)
	if err != nil {
		return nil, err
	}
	from := rhythm.First(now)
	list := s.Stations.Stations()
	page := &Stations{Configured: []ConfiguredStation{}, Seen: []SeenStation{}, DoseScreens: []DoseScreen{},
		Fingerprint: list.Fingerprint(), Trouble: s.Stations.Trouble(), Days: byDay(nil, now)}
	page.configured(list)
	days := map[string]StationDays{}
	for _, d := range byStation(g.daily, g.known, now) {
		days[d.Name] = d
	}
	rules := s.Rules(list)
	for _, k := range g.known {
		devices, err := s.devices.of(ctx, s.Ledger, k)
		if err != nil {
			return nil, err
		}
		in := lastInput(k)
		if place, ok := list.Entry(in); ok {
			page.Configured[place].match(k, devices, days[k.Name])
		} else {
			page.Seen = append(page.Seen, seenStation(k, devices, rules.Decide(in).Reason, g.waits))
		}
	}
	page.settle(now)
	page.DoseScreens, err = s.doseScreens(ctx, from, days)
	return page, err
}

// lastInput is what the filter knew of a station's last report. One that cannot
// be read any more matches nothing.
func lastInput(s ledger.Station) (in filter.Input) {
	if err := json.Unmarshal(s.LastInput, &in); err != nil {
		return filter.Input{}
	}
	return in
}

func (p *Stations) configured(list *filter.Stations) {
	if list == nil {
		return
	}
	for i, e := range list.Entries {
		p.Configured = append(p.Configured, ConfiguredStation{Place: i, Words: strings.TrimPrefix(e.String(), "station "), Entry: entryOf(e),
			StationNames: []string{}, Kinds: []string{}, Devices: []Device{}, DayCounts: make([]int, rhythm.Days), Notes: []string{}})
	}
}

func (c *ConfiguredStation) match(k ledger.Station, devices []Device, days StationDays) {
	c.StationNames = append(c.StationNames, k.Name)
	c.Devices = append(c.Devices, devices...)
	c.Counts.add(k.Counts)
	for i, n := range days.Counts {
		c.DayCounts[i] += n
	}
	if c.LastReceivedAt == nil || k.LastReceived.After(*c.LastReceivedAt) {
		c.LastReceivedAt = when(k.LastReceived)
	}
	c.Notes = append(c.Notes, serialNote(k.Name, devices)...)
}

// serialNote points out a name that more than one device has.
func serialNote(name string, devices []Device) []string {
	serials := distinct(devices, func(d Device) string { return d.SerialNumber })
	if len(serials) < 2 {
		return nil
	}
	return []string{fmt.Sprintf("Under the name %s come reports of %d serial numbers: %s. A device was replaced, or two share the name.",
		shortName(name), len(serials), strings.Join(serials, ", "))}
}

// settle says what can only be said of all entries together.
func (p *Stations) settle(now time.Time) {
	names := map[string]int{}
	for _, c := range p.Configured {
		if c.Name != "" {
			names[strings.ToLower(c.Name)]++
		}
	}
	for i := range p.Configured {
		c := &p.Configured[i]
		c.Kinds = distinct(c.Devices, func(d Device) string { return d.Kind })
		var last time.Time
		if c.LastReceivedAt != nil {
			last = *c.LastReceivedAt
		}
		c.Rhythm = rhythm.Of(c.DayCounts, last, now)
		if n := names[strings.ToLower(c.Name)]; n > 1 {
			c.Notes = append(c.Notes, fmt.Sprintf("%d entries share this name; the one that matches with most keys counts.", n))
		}
	}
	slices.SortStableFunc(p.Seen, func(a, b SeenStation) int {
		return cmp.Or(boolOrder(a.Counts.Held > 0, b.Counts.Held > 0), compareTimes(a.HeldUntil, b.HeldUntil), strings.Compare(a.StationName, b.StationName))
	})
}

func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// compareTimes puts what has none last.
func compareTimes(a, b *time.Time) int {
	switch {
	case a == nil || b == nil:
		return boolOrder(a != nil, b != nil)
	}
	return a.Compare(*b)
}

func seenStation(k ledger.Station, devices []Device, reason string, waits []Wait) SeenStation {
	seen := SeenStation{StationName: k.Name, Devices: devices, Reason: reason, LastReceivedAt: when(k.LastReceived), Notes: []string{}}
	seen.Counts.add(k.Counts)
	for _, w := range waits {
		if w.Station == k.Name && w.Soonest != nil && (seen.HeldUntil == nil || w.Soonest.Before(*seen.HeldUntil)) {
			seen.HeldUntil = w.Soonest
		}
	}
	seen.Notes = append(seen.Notes, serialNote(k.Name, devices)...)
	return seen
}

// Device is the one that was heard last.
func (s SeenStation) Device() Device {
	if len(s.Devices) == 0 {
		return Device{}
	}
	return s.Devices[0]
}

// doseScreens are the stations that sent secondary captures in the shown days,
// and no dose report.
func (s *Server) doseScreens(ctx context.Context, from time.Time, days map[string]StationDays) ([]DoseScreen, error) {
	ignored, err := s.Ledger.IgnoredSince(ctx, from.Format(time.DateOnly))
	all := []DoseScreen{}
	for _, c := range ignored {
		if rdsr.SecondaryCapture(c.SOPClass) && sum(days[c.Station].Counts) == 0 {
			all = append(all, DoseScreen{c.Station, c.Sender, c.Source, c.Count, c.Day})
		}
	}
	return all, err
}
