package metrics

import (
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/survey"
)

// survey tells what was seen.
func (v values) survey(s *survey.Survey) {
	v.any(leader, s.Leads)
	v.any(stationsTrouble, s.Trouble != "")
	v.latest(lastWrite, s.LastWrite)
	if s.Leads {
		v.any(suspended, s.Suspended != "")
	}
	v.totals(s)
	for _, w := range s.Waits {
		v.add(held, float64(w.Count), label(s, w.Station), w.ReasonCode)
		v.earliest(nextExpiry, w.Soonest, w.ReasonCode)
	}
	for _, st := range s.Stations {
		v.latest(lastReport, st.LastReceived, st.Label)
		v.any(silent, st.Silent && st.Sends(), st.Label)
	}
	v.add(unknown, float64(len(s.Unknown)))
	for _, r := range s.Registries {
		v.registry(s, r)
	}
	for _, src := range s.Sources {
		v.source(s, src)
	}
	for _, d := range s.Disks {
		if d.Err == nil {
			v.add(diskFree, float64(d.Free), d.Name)
			v.add(diskSize, float64(d.Size), d.Name)
		}
	}
	for _, c := range s.Certificates {
		if v.add(certificate, 0, c.Name); c.Err == nil {
			v.latest(certificate, c.Until, c.Name)
		}
	}
}

func (v values) totals(s *survey.Survey) {
	for _, t := range s.Totals {
		if t.Registry == "" {
			v.add(reports, float64(t.Count), sourceLabel(s, t.Source), label(s, t.Station), string(t.State))
		} else {
			v.add(deliveries, float64(t.Count), registryLabel(s, t.Registry), string(t.State))
		}
	}
}

func (v values) registry(s *survey.Survey, r survey.Registry) {
	v.add(queue, float64(r.Queued), r.Name)
	age := 0.0
	if r.Queued > 0 {
		age = max(0, s.At.Sub(r.Oldest).Seconds())
	}
	v.add(queueAge, age, r.Name)
	v.add(queueBehind, r.Behind(s.At).Seconds(), r.Name)
	v.any(paused, r.Refuses, r.Name, "registry")
	v.any(paused, r.Stopped != nil, r.Name, "person")
}

func (v values) source(s *survey.Survey, src survey.Source) {
	v.add(sourcePosition, float64(src.Position), src.Name)
	if s.Leads {
		v.add(sourceRead, 0, src.Name) // also one that never answered is seen not to
		v.latest(sourceRead, src.LastRead, src.Name)
	}
	v.any(sourceMissing, src.Missing != nil, src.Name)
	v.add(unmarked, float64(src.Unmarked), src.Name)
}

// changes tells the counters. Those of what is configured are there from the
// beginning: what was never counted is 0, so that a first one is seen to come.
func (v values) changes(s *survey.Survey, sums map[change]int64) {
	for _, src := range s.Sources {
		for _, state := range []ledger.State{ledger.FirstSeen, ledger.Held, ledger.Accepted, ledger.Expired, ledger.Withdrawn} {
			v.add(reportChanges, 0, src.Name, string(state))
		}
	}
	for _, r := range s.Registries {
		for _, state := range []ledger.State{ledger.Queued, ledger.Delivered, ledger.Rejected} {
			v.add(deliveryChanges, 0, r.Name, string(state))
		}
	}
	for c, n := range sums {
		if c.registry == "" {
			v.add(reportChanges, float64(n), sourceLabel(s, c.source), string(c.state))
		} else {
			v.add(deliveryChanges, float64(n), registryLabel(s, c.registry), string(c.state))
		}
	}
}

// label is a station's, if it is configured.
func label(s *survey.Survey, stationName string) string {
	if entry, configured := s.Entry(stationName); configured {
		return entry.Label
	}
	return Other
}

func sourceLabel(s *survey.Survey, name string) string {
	for _, src := range s.Sources {
		if src.Name == name {
			return name
		}
	}
	return Other
}

func registryLabel(s *survey.Survey, name string) string {
	for _, r := range s.Registries {
		if r.Name == name {
			return name
		}
	}
	return Other
}
