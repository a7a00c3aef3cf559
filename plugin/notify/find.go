package notify

import (
	"fmt"
	"slices"
	"time"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/survey"
)

func (r Rules) sources(s *survey.Survey) (all []Condition) {
	for _, src := range s.Sources {
		if src.Missing != nil {
			all = append(all, Condition{Missing, src.Name, 1, fmt.Sprintf("Most reports are gone from Orthanc %s since %s (%s). None is withdrawn and nothing is deleted until they are back; if they are lost: dosegate missing.",
				src.Name, moment(src.Missing.Since), src.Missing.Words())})
		}
		last := src.LastRead
		if last.Before(r.Since) {
			last = r.Since
		}
		switch {
		case !s.Leads || src.LastRead.IsZero() && s.At.Sub(last) <= unreadFor:
			all = append(all, unsure(Unread, src.Name))
		case s.At.Sub(last) > unreadFor:
			all = append(all, Condition{Unread, src.Name, 1, fmt.Sprintf("Orthanc %s has not answered since %s: new reports are not seen.", src.Name, moment(last))})
		}
	}
	return all
}

func registries(s *survey.Survey) (all []Condition) {
	for _, r := range s.Registries {
		switch {
		case r.Refuses:
			all = append(all, Condition{Refused, r.Name, 1, fmt.Sprintf("Registry %s refuses every report: %s. %s.", r.Name, plain(r.Why), verb(int64(r.Queued), "report waits", "reports wait"))})
		case r.Stopped != nil && s.At.Sub(r.Stopped.At) > pausedFor:
			all = append(all, Condition{Paused, r.Name, 1, fmt.Sprintf("Registry %s has been paused by a person since %s. %s.", r.Name, moment(r.Stopped.At), verb(int64(r.Queued), "report waits", "reports wait"))})
		case r.Stopped == nil && r.Behind(s.At) > behindFor:
			all = append(all, Condition{Behind, r.Name, 1, fmt.Sprintf("Registry %s is behind: %s, the first since %s. %s", r.Name, verb(int64(r.Queued), "report waits", "reports wait"), moment(r.Oldest), because(r.Trouble))})
		}
		if r.Rejected > 0 {
			all = append(all, Condition{Rejected, r.Name, r.Rejected, fmt.Sprintf("Registry %s rejected %s for good: dosegate reports --state rejected, and resend when it is mended.", r.Name, plural(r.Rejected, "report"))})
		}
	}
	return all
}

// expiring are grouped by station. What is held on purpose, as of stations that are
// left out, may go.
func (r Rules) expiring(s *survey.Survey) (all []Condition) {
	soonest := map[string]time.Time{}
	for _, w := range s.Expiring {
		entry, configured := s.Entry(w.Station)
		if filter.OnPurpose(w.ReasonCode) || configured && !entry.Sends() {
			continue
		}
		i := slices.IndexFunc(all, func(c Condition) bool { return c.About == w.Station })
		if i < 0 {
			i, all = len(all), append(all, Condition{Kind: Expiring, About: w.Station})
			soonest[w.Station] = w.Soonest
			all[i].Words = filter.ReasonWords(w.ReasonCode)
		}
		all[i].Count += int64(w.Count)
		if w.Soonest.Before(soonest[w.Station]) {
			soonest[w.Station] = w.Soonest
		}
	}
	for i, c := range all {
		all[i].Words = fmt.Sprintf("%s: %s, the first on %s (%s). Configure it and they are sent, or leave it out.",
			station(c.About), verb(c.Count, "report expires soon", "reports expire soon"), moment(soonest[c.About]), c.Words)
	}
	return all
}

// waiting is what never expires by itself, and nobody wanted.
func waiting(s *survey.Survey) (all []Condition) {
	for _, w := range s.Waits {
		if filter.Expires(w.ReasonCode) || filter.OnPurpose(w.ReasonCode) {
			continue
		}
		i := slices.IndexFunc(all, func(c Condition) bool { return c.About == w.ReasonCode })
		if i < 0 {
			i, all = len(all), append(all, Condition{Kind: Waiting, About: w.ReasonCode})
		}
		all[i].Count += int64(w.Count)
	}
	for i, c := range all {
		all[i].Words = fmt.Sprintf("%s for a person, and never expire: %s.", verb(c.Count, "report waits", "reports wait"), filter.ReasonWords(c.About))
	}
	return all
}

// stations that are silent, and those that nobody configured, as long as something
// comes from them.
func stations(s *survey.Survey) (all []Condition) {
	for _, st := range s.Stations {
		switch {
		case !st.Sends():
		case !st.Silent && st.SilentDays > 2: // its rhythm may have become too old to know
			all = append(all, unsure(Silent, st.Label))
		case st.Silent:
			all = append(all, Condition{Silent, st.Label, 1, fmt.Sprintf("%s is silent: its last report came on %s, %s ago.", station(st.Label), moment(st.LastReceived), plural(int64(st.SilentDays), "day"))})
		}
	}
	for _, u := range s.Unknown {
		if s.At.Sub(u.LastReceived) < recently {
			all = append(all, Condition{Unknown, u.Name, 1, fmt.Sprintf("%s is in no entry of stations.yaml, or in two. Configure it, or leave it out with send: false.", station(u.Name))})
		}
	}
	return all
}

// recently is how long ago an unknown station's last report may be.
const recently = 30 * 24 * time.Hour

func files(s *survey.Survey) (all []Condition) {
	if s.Trouble != "" {
		all = append(all, Condition{List, "", 1, "The stations list: " + plain(s.Trouble) + ". Nothing expires meanwhile."})
	}
	for _, d := range s.Disks {
		switch {
		case d.Err != nil:
			all = append(all, unsure(Disk, d.Name))
		case d.Free < leastDisk:
			all = append(all, Condition{Disk, d.Name, 1, fmt.Sprintf("The disk that the %s lies on has less than %d MiB left.", d.Name, leastDisk>>20)})
		}
	}
	for _, c := range s.Certificates {
		switch {
		case c.Err != nil:
			all = append(all, Condition{Certificate, c.Name, 1, fmt.Sprintf("The certificate for %s cannot be read (%s).", c.Name, c.File)})
		case c.Until.Sub(s.At) < beforeRenewal:
			all = append(all, Condition{Certificate, c.Name, 1, fmt.Sprintf("The certificate for %s is valid until %s: renew it (%s).", c.Name, moment(c.Until), c.File)})
		}
	}
	return all
}
