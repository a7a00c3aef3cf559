package pipeline_test

import (
	"context"
	"slices"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/pipeline"
)

// converge mends everything, and lets dosegate come to an end with it. A person says
// that what is missing from a source for the most part is lost.
func (s *sim) converge() {
	s.mend()
	s.settle()
	lost := false
	s.turn("a person", func(ctx context.Context) {
		for _, src := range s.gate.Sources {
			if _, missing, err := pipeline.MissingFrom(ctx, s.ledger, src.Name); err == nil && missing {
				gone, _, err := s.gate.AllMissing(ctx, src)
				must(s.shelf.t, err)
				_, err = s.gate.Lost(ctx, src, gone, "person:missing")
				must(s.shelf.t, err)
				lost = true
			}
		}
	})
	if lost {
		s.settle()
	}
	if s.number("SELECT COUNT(*) FROM deletions") > 0 {
		s.pass(2 * simSettling)
		s.turn("sweep", s.loops.Sweep)
		s.turn("sweep", s.loops.Sweep)
	}
}

func (s *sim) mend() {
	s.wrong = 0
	for _, src := range s.sources {
		src.fault, src.wrong, src.allGone = "", 0, false
	}
	for _, r := range s.registries {
		r.fault = ""
	}
	if _, good := listOf(s.list); !good {
		s.write(simLists[1].text)
	}
	s.model.jumps++
}

// settle has the loops take their turns until nothing happens any more.
func (s *sim) settle() {
	for calm, round := 0, 0; calm < 3 && round < 12; round++ {
		if version := s.number("PRAGMA data_version"); version == s.model.version {
			calm++
		}
		s.pass(30 * time.Minute)
		s.turn("sweep", s.loops.Sweep)
		s.turn("sweep", s.loops.Sweep)
		for i := range s.sources {
			s.turn("follow", func(ctx context.Context) {
				for more := true; more; {
					more, _ = s.loops.Follow(ctx, i)
				}
			})
		}
		for i := range s.registries {
			s.turn("deliver", func(ctx context.Context) { s.deliverAll(ctx, i) })
		}
	}
}

func (s *sim) deliverAll(ctx context.Context, i int) {
	for range 2 * len(simStations) {
		if next, ok, err := s.ledger.NextDue(ctx, s.registries[i].name); !ok || err != nil || next.After(s.wall()) {
			return
		}
		s.loops.Deliver(ctx, i)
	}
}

// over says whether a row's report may be gone from its source.
func (r *simRow) over() bool { return r.state == ledger.Expired || r.cleared }

// checkEnd is what holds once everything is mended and dosegate has come to an end.
func (s *sim) checkEnd() {
	byPlace := map[place]*simRow{}
	for _, r := range s.model.rows {
		byPlace[r.at] = r
	}
	for at, instance := range s.model.instances {
		s.checkThere(at, instance, byPlace[at])
	}
	for _, r := range s.model.rows {
		if s.model.instances[r.at] == nil && !r.over() && r.state != ledger.Withdrawn && !r.whollyDelivered() && !r.rejected() {
			s.wrongf("%s: is gone, and the ledger says %s (%s)", r.at, r.state, r.reason)
		}
	}
	known := map[string]bool{}
	for _, r := range s.model.rows {
		known[r.sopUID] = true
	}
	others := 0
	for _, r := range s.registries {
		for uid := range r.objects {
			if !known[uid] {
				others++
			}
		}
	}
	if others > s.model.asNew {
		s.wrongf("%d objects of other UIDs are at the registries, and %d reports were sent as new", others, s.model.asNew)
	}
	if len(s.broken) > 0 {
		s.t.Fatalf("in the end: %v\n%s", s.broken, s.log)
	}
}

func (r *simRow) rejected() bool {
	return slices.ContainsFunc(r.deliveries, func(d simDelivery) bool { return d.state == ledger.Rejected })
}

// checkThere looks at a report that lies in a source.
func (s *sim) checkThere(at place, instance *simInstance, r *simRow) {
	list, _ := listOf(s.list)
	says := list.says[instance.number]
	if at.source == "pacs" && instance.restored && (r == nil || r.state == ledger.Withdrawn) {
		return // of what comes back in an archive nobody may tell, and it is too large to look through
	}
	switch {
	case r == nil:
		s.wrongf("%s: is not in the ledger", at)
	case r.state == ledger.Withdrawn:
		s.wrongf("%s: is there, and withdrawn in the ledger", at)
	case r.over() && at.source == "main":
		s.wrongf("%s: is there, is over, and nobody deletes it", at)
	case r.state == ledger.Held && !slices.Contains([]string{"leak", "unreadable", "changed"}, r.reason) && r.reason != says:
		s.wrongf("%s: is held as %s, and the list says %q", at, r.reason, says)
	case r.state == ledger.Accepted && says == "" && slices.ContainsFunc(r.deliveries, func(d simDelivery) bool { return d.state == ledger.Queued }):
		s.wrongf("%s: is still queued: %v", at, r.deliveries)
	}
}

// underWay says whether the ledger knows of a deletion under way.
func (s *sim) underWay(id string) bool {
	return s.number(`SELECT COUNT(*) FROM deletions WHERE report_id = $1`, id) > 0
}
