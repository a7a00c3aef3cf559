package pipeline_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
)

// readRows reads the ledger as somebody who knows its tables.
func (s *sim) readRows() map[string]*simRow {
	rows := map[string]*simRow{}
	found := s.look(`SELECT id, source, orthanc_id, state, reason_code, held_until, cleared_at > 0, sop_instance, digest FROM reports`)
	for found.Next() {
		r := &simRow{}
		must(s.shelf.t, found.Scan(&r.id, &r.at.source, &r.at.id, &r.state, &r.reason, &r.heldUntil, &r.cleared, &r.sopUID, &r.digest))
		rows[r.id] = r
	}
	must(s.shelf.t, found.Err())
	found = s.look(`SELECT report_id, registry, state, sent_sop_instance_uid, sent_sha256 FROM deliveries`)
	for found.Next() {
		var id string
		var d simDelivery
		must(s.shelf.t, found.Scan(&id, &d.registry, &d.state, &d.uid, &d.sha256))
		rows[id].deliveries = append(rows[id].deliveries, d)
	}
	must(s.shelf.t, found.Err())
	return rows
}

// observe looks at all reports after a turn, and at what has become of them.
func (s *sim) observe(turn string) {
	if version := s.number("PRAGMA data_version"); version != s.model.version {
		s.model.version = version
		s.compare(turn, s.readRows())
	}
	for _, src := range s.sources {
		for _, id := range s.model.in(src.name) {
			if src.File(id) == nil { // deleted by dosegate, and looked at then
				delete(s.model.instances, place{src.name, id})
			}
		}
	}
	if len(s.broken) > 0 {
		s.t.Fatalf("%v\n%s", s.broken, s.log)
	}
}

// compare looks at what has become of the reports since the last look.
func (s *sim) compare(turn string, rows map[string]*simRow) {
	for id, was := range s.model.rows {
		if rows[id] == nil {
			s.wrongf("%s: disappeared from the ledger", was.at)
		}
	}
	for id, now := range rows {
		was := s.model.rows[id]
		if was == nil {
			was = &simRow{}
			s.model.order = append(s.model.order, id)
		}
		s.checkRow(now)
		s.checkMove(turn, was, now)
		now.since(was, s.steady)
		if now.file = was.file; now.digest != was.digest && s.model.instances[now.at] != nil {
			now.file = s.model.instances[now.at].file
		}
	}
	slices.Sort(s.model.order)
	s.model.rows = rows
}

// since takes over from an earlier look since when something is so.
func (now *simRow) since(was *simRow, at time.Time) {
	now.waitsSince, now.overSince, now.deliveredAt = was.waitsSince, was.overSince, was.deliveredAt
	expires := slices.Contains(simExpiring, now.reason)
	if now.state == ledger.Held && (was.state != ledger.Held || expires && !slices.Contains(simExpiring, was.reason)) {
		now.waitsSince = at
	}
	if now.over() && !was.over() {
		now.overSince = at
	}
	if now.whollyDelivered() && !was.whollyDelivered() {
		now.deliveredAt = at
	}
}

func (s *sim) sourceOf(r *simRow) *simSource {
	return s.sources[slices.IndexFunc(s.sources, func(src *simSource) bool { return src.name == r.at.source })]
}

// checkRow is what holds of every report at every moment.
func (s *sim) checkRow(r *simRow) {
	switch {
	case r.state == ledger.Expired && r.whollyDelivered():
		s.wrongf("%s: both delivered and expired", r.at)
	case r.state == ledger.Accepted && len(r.deliveries) == 0:
		s.wrongf("%s: accepted, and goes nowhere", r.at)
	case r.state == ledger.Held && slices.Contains(simForever, r.reason) && r.heldUntil != 0:
		s.wrongf("%s: held as %s, and has a day", r.at, r.reason)
	case r.state == ledger.Held && slices.Contains(simExpiring, r.reason) && r.heldUntil == 0:
		s.wrongf("%s: held as %s, and has no day", r.at, r.reason)
	}
	for _, d := range r.deliveries {
		object, ok := s.registry(d.registry).objects[d.uid]
		if d.state == ledger.Delivered && (!ok || object.sha256 != d.sha256 && !object.unsure) {
			s.wrongf("%s: delivered to %s, which does not have it", r.at, d.registry)
		}
	}
}

// checkMove looks at what became of a report in a turn.
func (s *sim) checkMove(turn string, was, now *simRow) {
	if now.state == ledger.Withdrawn && was.state != ledger.Withdrawn && s.sourceOf(now).allGone {
		s.wrongf("%s: withdrawn, and all of its source is gone", now.at)
	}
	if now.state != ledger.Expired || was.state == ledger.Expired {
		return
	}
	if s.model.discarded[now.id] {
		if now.at.source == "pacs" {
			s.wrongf("%s: discarded in an archive", now.at)
		}
		return
	}
	instance := s.model.instances[now.at]
	list, _ := listOf(s.list)
	switch why := s.noExpiry(); {
	case turn != "sweep":
		s.wrongf("%s: expired by %s", now.at, turn)
	case was.state != ledger.Held || !slices.Contains(simExpiring, was.reason):
		s.wrongf("%s: expired out of %s (%s)", now.at, was.state, was.reason)
	case why != "":
		s.wrongf("%s: expired although %s", now.at, why)
	case instance == nil:
		s.wrongf("%s: expired, and is not there", now.at)
	case !slices.Contains(simExpiring, list.says[instance.number]):
		s.wrongf("%s: expired although the list says %q", now.at, list.says[instance.number])
	case s.steady.Sub(was.waitsSince) < simWait-s.slack():
		s.wrongf("%s: expired after %s", now.at, s.steady.Sub(was.waitsSince))
	}
}

func (p place) String() string { return fmt.Sprintf("%s %.8s", p.source, p.id) }
