package pipeline

import (
	"context"
	"time"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanc"
	"github.com/dosegate/dosegate/plugin/rdsr"
)

// images counts what came into an archive in series that hold no reports. Who sent a
// series and of which SOP class it is, is asked of one instance of it, for many
// series at once: it is for the count alone.
type images struct {
	series map[string]*imageSeries
	since  time.Time // the first was counted, by the steady clock; zero: not set
}

type imageSeries struct {
	instance, station string
	days              map[string]int64
}

const (
	// seriesToCount is for how many series one question is asked.
	seriesToCount = 100
	// betweenCounts is how long a count may wait for that.
	betweenCounts = 10 * time.Minute
)

func (i *images) add(c orthanc.Content, l orthanc.Change) {
	if i.series == nil {
		i.series = make(map[string]*imageSeries)
	}
	s := i.series[c.ID]
	if s == nil {
		s = &imageSeries{instance: l.ID, station: c.StationName, days: make(map[string]int64)}
		i.series[c.ID] = s
	}
	s.days[l.Date.UTC().Format(time.DateOnly)]++
}

// countImages puts the counts into the ledger when there are enough of them, or at
// the end, when nothing is asked any more.
func (f *follower) countImages(ctx context.Context, atEnd bool) {
	now := f.steadyNow()
	if len(f.images.series) == 0 {
		f.images.since = now
		return
	}
	if !atEnd && len(f.images.series) < seriesToCount && now.Sub(f.images.since) < betweenCounts {
		return
	}
	counted := f.images.series
	f.images = images{}
	var noted map[string]orthanc.Received
	if !atEnd {
		var ids []string
		for _, s := range counted {
			ids = append(ids, s.instance)
		}
		noted, _ = f.src.Client.ReceivedOf(ctx, ids) // else they are counted without
	}
	for id, s := range counted {
		what := ledger.IgnoredCount{Source: f.src.Name, Sender: rdsr.Plain(noted[s.instance].RemoteAET), SOPClass: noted[s.instance].SOPClassUID}
		if !atEnd {
			what.Station = f.nameOf(ctx, id, s.station)
		}
		for day, count := range s.days {
			what.Day, what.Count = day, count
			if err := f.Ledger.CountIgnored(ctx, what); err != nil {
				return
			}
		}
	}
}

// nameOf is a Station Name as it may be shown. It is looked at beside one patient:
// the name of a device that is everybody's is nobody's.
func (f *follower) nameOf(ctx context.Context, series, name string) string {
	name = rdsr.Plain(name)
	if shown, ok := f.stations[name]; ok || name == "" {
		return shown
	}
	if len(f.stations) > 10_000 {
		clear(f.stations)
	}
	f.stations[name] = name
	if f.namesPatient(ctx, series, name) {
		f.stations[name] = filter.Withheld
	}
	return f.stations[name]
}
