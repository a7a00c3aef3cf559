// Package survey looks at how everything is: once, for whoever measures and for
// whoever tells. It knows numbers, names that an operator gave, and Station Names;
// nothing of a patient.
package survey

import (
	"context"
	"errors"
	"time"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/pipeline"
	"github.com/dosegate/dosegate/plugin/rhythm"
)

// Options say what there is to look at.
type Options struct {
	Ledger       *ledger.Ledger
	Stations     *filter.Watched
	Gate         func() *pipeline.Gate // of the loops, nil while they do not run
	Registries   []RegistryOptions
	Sources      []SourceOptions
	Disks        []DiskOptions
	Certificates []CertificateOptions
	Soon         time.Duration // what expires within it is listed as such; 0: nothing
	Now          func() time.Time
}

// RegistryOptions are a registry of the configuration.
type RegistryOptions struct {
	Name  string
	Waits time.Duration // how long its reports wait on purpose before they are first sent
}

// SourceOptions are a source of the configuration.
type SourceOptions struct {
	Name    string
	Archive bool
}

// Survey is how everything was at a moment.
type Survey struct {
	At           time.Time
	Leads        bool      // the loops run here
	Suspended    string    // why nothing expires; "" also where the loops do not run here
	Trouble      string    // with stations.yaml, "" where there is none
	LastWrite    time.Time // to the ledger
	Totals       []ledger.Total
	Daily        []ledger.DayCount // of the days of a rhythm
	Waits        []ledger.Waits
	Expiring     []ledger.Waits // of what expires soon
	Stations     []Station      // configured ones, in the order of the list
	Unknown      []ledger.Station
	Registries   []Registry
	Sources      []Source
	Disks        []Disk
	Certificates []Certificate

	entries map[string]int // Station Name to the place of its entry
}

// Station is an entry of the stations list, with the reports that it matches.
type Station struct {
	filter.Station
	Label        string // the entry's name, or what else it is known by
	LastReceived time.Time
	rhythm.Rhythm
}

// Sends reports whether reports of the station are wanted now.
func (s Station) Sends() bool { return (s.Send == nil || *s.Send) && !s.Paused }

// Take looks.
func Take(ctx context.Context, o Options) (*Survey, error) {
	s := &Survey{At: o.Now(), Trouble: o.Stations.Trouble(), Disks: lookAtDisks(o.Disks), Certificates: lookAtCertificates(o.Certificates)}
	var gate *pipeline.Gate
	if o.Gate != nil {
		gate = o.Gate()
	}
	if s.Leads = gate != nil; s.Leads {
		s.Suspended = gate.Suspended(ctx)
	}
	err := s.readLedger(ctx, o.Ledger, o.Soon)
	if err == nil {
		err = s.stations(ctx, o)
	}
	if err == nil {
		err = s.registries(ctx, o)
	}
	if err == nil {
		err = s.sources(ctx, o, gate)
	}
	return s, err
}

func (s *Survey) readLedger(ctx context.Context, l *ledger.Ledger, soon time.Duration) (err error) {
	errs := make([]error, 5)
	s.LastWrite, errs[0] = l.LastWrite(ctx)
	s.Totals, errs[1] = l.Totals(ctx)
	s.Daily, errs[2] = l.Daily(ctx, rhythm.First(s.At))
	s.Waits, errs[3] = l.Waits(ctx)
	if soon > 0 {
		s.Expiring, errs[4] = l.Expiring(ctx, s.At.Add(soon))
	}
	return errors.Join(errs...)
}

// Entry is the entry of the stations list that matches a station's reports, false
// where there is none.
func (s *Survey) Entry(stationName string) (Station, bool) {
	if place, ok := s.entries[stationName]; ok {
		return s.Stations[place], true
	}
	return Station{}, false
}

// Came sums what came into a state since a day: reports, or deliveries to a registry.
func (s *Survey) Came(since time.Time, registry string, state ledger.State, of func(ledger.DayCount) bool) (n int64) {
	for _, c := range s.Daily {
		if !c.Day.Before(rhythm.Today(since)) && c.Registry == registry && c.State == state && of(c) {
			n += c.Count
		}
	}
	return n
}

// All is for Came: of every source and station.
func All(ledger.DayCount) bool { return true }
