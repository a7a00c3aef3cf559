package main

import (
	"cmp"
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/rdsr"
	"github.com/suyashkumar/dicom/pkg/uid"
)

// stationCounts is how many reports show which state.
type stationCounts struct {
	Held      int `json:"held"`
	Queued    int `json:"queued"`
	Delivered int `json:"delivered"`
	Rejected  int `json:"rejected"`
	Expired   int `json:"expired"`
	Withdrawn int `json:"withdrawn"`
}

func (c *stationCounts) add(n map[ledger.State]int) {
	c.Held += n[ledger.Held]
	c.Queued += n[ledger.Queued]
	c.Delivered += n[ledger.Delivered]
	c.Rejected += n[ledger.Rejected]
	c.Expired += n[ledger.Expired]
	c.Withdrawn += n[ledger.Withdrawn]
}

// configuredStation is an entry of the list in force, with the reports of the
// stations whose last report it matches.
type configuredStation struct {
	List               string        `json:"list"`
	Name               string        `json:"name"`
	DeviceObserverName string        `json:"device_observer_name"`
	SerialNumber       string        `json:"serial_number"`
	Model              string        `json:"model"`
	Manufacturer       string        `json:"manufacturer"`
	Source             string        `json:"source"`
	AET                string        `json:"aet"`
	Facility           string        `json:"facility"`
	Registries         []string      `json:"registries"` // null: the default ones
	Send               bool          `json:"send"`
	Paused             bool          `json:"paused"`
	Counts             stationCounts `json:"counts"`
	LastReceivedAt     *time.Time    `json:"last_received_at"`

	words string // that name the entry
}

func configuredStations(list *filter.Stations) []configuredStation {
	if list == nil {
		return nil
	}
	all := make([]configuredStation, 0, len(list.Entries))
	for _, e := range list.Entries {
		all = append(all, configuredStation{
			List: "configured", Name: e.Name, DeviceObserverName: e.DeviceObserverName, SerialNumber: e.SerialNumber,
			Model: e.Model, Manufacturer: e.Manufacturer, Source: e.Source, AET: e.AET, Facility: e.Facility,
			Registries: e.Registries, Send: e.Send == nil || *e.Send, Paused: e.Paused, words: e.String(),
		})
	}
	return all
}

func (s *configuredStation) add(known ledger.Station) {
	s.Counts.add(known.Counts)
	if s.LastReceivedAt == nil || known.LastReceived.After(*s.LastReceivedAt) {
		s.LastReceivedAt = inUTC(known.LastReceived)
	}
}

// label is the entry's name, or in words what it is known by without one.
func (s *configuredStation) label() string { return cmp.Or(s.Name, s.words) }

// destination says where the entry's reports go.
func (s *configuredStation) destination() string {
	switch {
	case !s.Send:
		return "none (send: false)"
	case s.Paused:
		return "none now (paused)"
	case s.Registries == nil:
		return "all"
	}
	return strings.Join(s.Registries, ", ")
}

// seenStation is a station that reports came from and no entry, or no single
// one, matches.
type seenStation struct {
	List               string        `json:"list"`
	StationName        string        `json:"station_name"`
	DeviceObserverName string        `json:"device_observer_name"`
	Manufacturer       string        `json:"manufacturer"`
	Model              string        `json:"model"`
	SerialNumber       string        `json:"serial_number"`
	Source             string        `json:"source"`
	SenderAET          string        `json:"sender_aet"`
	Reason             string        `json:"reason"` // of the verdict on its last report
	Counts             stationCounts `json:"counts"`
	LastReceivedAt     *time.Time    `json:"last_received_at"`
}

func newSeenStation(s ledger.Station, in filter.Input, reason string) seenStation {
	seen := seenStation{
		List: "seen", StationName: s.Name, DeviceObserverName: in.DeviceObserverName, Manufacturer: in.Manufacturer,
		Model: in.Model, SerialNumber: in.SerialNumber, Source: in.Source, SenderAET: in.SenderAET,
		Reason: reason, LastReceivedAt: inUTC(s.LastReceived),
	}
	seen.Counts.add(s.Counts)
	return seen
}

// lastInput is what the filter knew of a station's last report. One that
// cannot be read any more matches nothing.
func lastInput(s ledger.Station) filter.Input {
	var in filter.Input
	if err := json.Unmarshal(s.LastInput, &in); err != nil {
		return filter.Input{}
	}
	return in
}

// ignoredStation is what came from somewhere and was no dose report, over all
// days.
type ignoredStation struct {
	List        string `json:"list"`
	Source      string `json:"source"`
	SenderAET   string `json:"sender_aet"`
	StationName string `json:"station_name"`
	SOPClassUID string `json:"sop_class_uid"`
	SOPClass    string `json:"sop_class"` // its name
	Reason      string `json:"reason"`
	Count       int64  `json:"count"`
	LastDay     string `json:"last_day"` // in UTC
}

func ignoredStations(ctx context.Context, l *ledger.Ledger) ([]ignoredStation, error) {
	var all []ignoredStation
	places := make(map[ledger.IgnoredCount]int)
	err := l.Ignored(ctx, func(c ledger.IgnoredCount) error { // the latest day first
		what := ledger.IgnoredCount{Source: c.Source, Sender: c.Sender, Station: c.Station, SOPClass: c.SOPClass}
		place, ok := places[what]
		if !ok {
			place = len(all)
			places[what] = place
			all = append(all, ignoredStation{List: "ignored", Source: c.Source, SenderAET: c.Sender, StationName: c.Station,
				SOPClassUID: c.SOPClass, SOPClass: className(c.SOPClass), Reason: whyIgnored(c.SOPClass), LastDay: c.Day})
		}
		all[place].Count += c.Count
		return nil
	})
	return all, err
}

// className is the name that PS3.6 gives a SOP class, else its UID.
func className(class string) string {
	known, err := uid.Lookup(class)
	if err != nil {
		return class
	}
	return strings.TrimSuffix(known.Name, " Storage")
}

func whyIgnored(class string) string {
	if candidate, why := rdsr.Candidate(class); !candidate {
		return why
	}
	return "a structured report without a dose report in it"
}
