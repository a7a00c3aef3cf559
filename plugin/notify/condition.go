package notify

import (
	"time"

	"github.com/dosegate/dosegate/plugin/survey"
)

// Kind is what kind of thing needs somebody.
type Kind string

// The kinds, in the order in which they are told.
const (
	Missing     Kind = "reports_missing"  // most reports of a source are gone from it
	Unread      Kind = "source_not_read"  // a source does not answer
	Refused     Kind = "registry_refuses" // a registry refuses every report
	Paused      Kind = "registry_paused"  // by a person, and forgotten perhaps
	Behind      Kind = "registry_behind"  // reports have waited for too long
	Rejected    Kind = "reports_rejected" // by a registry, for good
	Expiring    Kind = "reports_expire"   // in some days, unless somebody decides
	Waiting     Kind = "reports_wait"     // for a person: they never expire
	Silent      Kind = "station_silent"   // for longer than it ever was
	Unknown     Kind = "station_unknown"  // in no entry of the stations list
	List        Kind = "stations_list"    // stations.yaml is not what is in force
	Disk        Kind = "disk_full"
	Certificate Kind = "certificate_expires"
)

// Condition is something that needs somebody now.
type Condition struct {
	Kind  Kind   `json:"kind"`
	About string `json:"about"` // which station, registry, source, reason or file; "" where there is only one
	Count int64  `json:"count"` // of reports; 1 where it is about something else; 0: see unsure
	Words string `json:"words"`
}

// unsure is what cannot be seen now: if it was told it is not over, and if it was not
// there is nothing to tell.
func unsure(kind Kind, about string) Condition { return Condition{Kind: kind, About: about} }

func (c Condition) same(t told) bool { return c.Kind == t.Kind && c.About == t.About }

// Rules say from when on something needs somebody.
type Rules struct {
	Before  time.Duration // so long before they expire reports are told of
	HoldFor time.Duration // how long what expires waits; of a short wait its second half is told
	Since   time.Time     // the loops run since then
}

const (
	unreadFor     = 15 * time.Minute // a source
	behindFor     = 4 * time.Hour    // a registry's queue
	pausedFor     = 24 * time.Hour   // a registry, by a person
	leastDisk     = 2 << 30          // bytes
	beforeRenewal = 14 * 24 * time.Hour
)

// before is how long before they expire reports are told of.
func (r Rules) before() time.Duration { return min(r.Before, r.HoldFor/2) }

// conditions are all that there are, and what is unsure.
func (r Rules) conditions(s *survey.Survey) (all []Condition) {
	for _, find := range []func(*survey.Survey) []Condition{r.sources, registries, r.expiring, waiting, stations, files} {
		all = append(all, find(s)...)
	}
	return all
}
