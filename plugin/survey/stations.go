package survey

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/rhythm"
)

// stations brings the stations that reports came from together with the list.
func (s *Survey) stations(ctx context.Context, o Options) error {
	known, err := o.Ledger.Stations(ctx)
	if err != nil {
		return err
	}
	list := o.Stations.Stations()
	s.entries = map[string]int{}
	if list != nil {
		for _, e := range list.Entries {
			s.Stations = append(s.Stations, Station{Station: e, Label: strings.TrimPrefix(e.String(), "station ")})
		}
	}
	for _, k := range known {
		var in filter.Input
		if json.Unmarshal(k.LastInput, &in) != nil {
			in = filter.Input{} // one that cannot be read any more matches nothing
		}
		place, ok := list.Entry(in)
		if !ok {
			s.Unknown = append(s.Unknown, k)
			continue
		}
		s.entries[k.Name] = place
		if at := &s.Stations[place]; k.LastReceived.After(at.LastReceived) {
			at.LastReceived = k.LastReceived
		}
	}
	s.rhythms()
	return nil
}

func (s *Survey) rhythms() {
	counts := make([][]int, len(s.Stations))
	for i := range counts {
		counts[i] = make([]int, rhythm.Days)
	}
	for _, c := range s.Daily {
		place, configured := s.entries[c.Station]
		if day, ok := rhythm.Day(c.Day, s.At); ok && configured && c.State == ledger.FirstSeen && c.Registry == "" {
			counts[place][day] += int(c.Count)
		}
	}
	for i := range s.Stations {
		s.Stations[i].Rhythm = rhythm.Of(counts[i], s.Stations[i].LastReceived, s.At)
	}
}
