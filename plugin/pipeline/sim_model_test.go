package pipeline_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/registry"
)

// otherFigure tells the other content of a report from the first. No UID holds it.
const otherFigure = "777.25"

func hasOtherContent(file []byte) bool { return bytes.Contains(file, []byte(otherFigure)) }

// place is where an instance lies.
type place struct{ source, id string }

// simInstance is what lies in an Orthanc.
type simInstance struct {
	number   int // of its station
	file     []byte
	storedAt time.Time // by the steady clock
	restored bool      // it came back with a volume
}

// simDelivery is a delivery as the ledger has it.
type simDelivery struct {
	registry, uid, sha256 string
	state                 ledger.State
}

// simRow is a report as the ledger has it, and since when.
type simRow struct {
	id, reason string
	at         place
	state      ledger.State
	heldUntil  int64
	cleared    bool
	sopUID     string
	digest     string
	deliveries []simDelivery

	waitsSince  time.Time // when its present wait began, by the steady clock
	overSince   time.Time // when its fate was sealed
	deliveredAt time.Time
	file        []byte // what lay there when the ledger came to know its digest
}

// simModel is what a history has shown so far.
type simModel struct {
	startedAt time.Time // the dosegate that runs
	version   int64     // of the tables when they were last looked at
	jumps     int       // of dosegate's clock
	asNew     int       // reports that were sent again as new
	instances map[place]*simInstance
	rows      map[string]*simRow
	order     []string        // ids in the order in which they were seen
	discarded map[string]bool // what a person just discards
}

func newSimModel() *simModel {
	return &simModel{instances: map[place]*simInstance{}, rows: map[string]*simRow{}, discarded: map[string]bool{}}
}

// The two rows of the table of holds in the design.
var (
	simExpiring = []string{filter.StationNotConfigured, filter.NoStationName, filter.TemplateNotCollected, filter.Excluded, filter.StationLeftOut}
	simForever  = []string{filter.Leak, filter.Unreadable, filter.Changed, filter.AmbiguousStation, filter.Paused}
)

// wrongf notes that a rule was broken. It may be called inside a turn.
func (s *sim) wrongf(format string, args ...any) {
	s.broken = append(s.broken, fmt.Sprintf(format, args...))
}

// slack is by how much a wait may seem too short: each jump that is too small to
// be noticed may have been another one.
func (s *sim) slack() time.Duration { return time.Duration(s.model.jumps+2) * simSkew }

// noExpiry says why nothing may be deleted now, "" when it may.
func (s *sim) noExpiry() string {
	if _, good := listOf(s.list); !good {
		return "the stations list is not good"
	}
	if s.steady.Sub(s.model.startedAt) < simSettling-time.Minute {
		return "dosegate has just started"
	}
	for _, src := range s.sources {
		if src.fault != "" {
			return "source " + src.name + " does not answer"
		}
		if (src.wrong - s.wrong).Abs() > simSkew+time.Second {
			return "the clock of source " + src.name + " is another"
		}
	}
	return ""
}

// checkDeletion looks at a deletion in Orthanc before it happens.
func (s *sim) checkDeletion(src *simSource, id string) {
	at := place{src.name, id}
	instance, there := s.model.instances[at]
	if src.archive {
		s.wrongf("%s: deleted in an archive", at)
	}
	if s.turns != "discard" {
		if why := s.noExpiry(); why != "" {
			s.wrongf("%s: deleted although %s", at, why)
		}
	}
	for _, now := range s.readRows() {
		if now.at != at {
			continue
		}
		if !now.over() {
			s.wrongf("%s: deleted while the ledger says %s (%s)", at, now.state, now.reason)
		}
		was := s.model.rows[now.id]
		if there && was != nil && was.over() && instance.storedAt.Sub(was.overSince) > s.slack() {
			s.wrongf("%s: deleted for what came before it", at)
		}
		if there && was != nil && was.digest == now.digest && !bytes.Equal(instance.file, was.file) {
			s.wrongf("%s: deleted, and it is not what the ledger knows", at)
		}
		if there && now.state == ledger.Accepted {
			s.checkCleared(now, was, instance)
		}
		return
	}
	s.wrongf("%s: deleted, and the ledger does not know it", at)
}

// checkCleared looks at the deletion of a delivered report: every registry has it,
// for long enough.
func (s *sim) checkCleared(now, was *simRow, instance *simInstance) {
	if !now.whollyDelivered() {
		s.wrongf("%s: cleared and not wholly delivered", now.at)
	}
	if was == nil || s.steady.Sub(was.deliveredAt) < simClear-s.slack() {
		s.wrongf("%s: cleared too early", now.at)
	}
	for _, d := range now.deliveries {
		object := s.registry(d.registry).objects[d.uid]
		if !object.unsure && object.changed != hasOtherContent(instance.file) {
			s.wrongf("%s: cleared, and registry %s has other content", now.at, d.registry)
		}
	}
}

func (r *simRow) whollyDelivered() bool {
	return len(r.deliveries) > 0 && !slices.ContainsFunc(r.deliveries, func(d simDelivery) bool { return d.state != ledger.Delivered })
}

func (s *sim) registry(name string) *simRegistry {
	i := slices.IndexFunc(s.registries, func(r *simRegistry) bool { return r.name == name })
	return s.registries[i]
}

// checkSend looks at an object that leaves.
func (s *sim) checkSend(r *simRegistry, o registry.Object) {
	if bytes.Contains(o.File, []byte("Ida")) || bytes.Contains(o.File, []byte("INVENTED-")) {
		s.wrongf("the patient left for %s", r.name)
	}
	list, _ := listOf(string(s.gate.Stations.Stations().Text()))
	for i, name := range simStations {
		if strings.TrimSpace(name) == "" || !bytes.Contains(o.File, []byte(name)) {
			continue
		}
		if list.says[i] != "" || list.to != nil && !slices.Contains(list.to, r.name) {
			s.wrongf("a report of %s went to %s, and the list says %q, %v", name, r.name, list.says[i], list.to)
		}
		return
	}
	s.wrongf("a report of no station that is configured went to %s", r.name)
}
