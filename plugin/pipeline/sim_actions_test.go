package pipeline_test

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/dosegate/dosegate/plugin/orthanctest"
	"pgregory.net/rapid"
)

// actions are what may happen, in any order.
func (s *sim) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"a report arrives": s.store, "another report arrives": s.store, "follow": s.follow, "follow on": s.follow,
		"deliver": s.deliver, "deliver on": s.deliver, "sweep": s.sweep, "sweep on": s.sweep,
		"time passes": s.wait, "more time passes": s.wait, "a clock is set": s.setClock, "the list changes": s.changeList,
		"a fault begins or ends": s.fault, "somebody deletes": s.deleted, "a person asks": s.person, "a restart": s.restart,
		"all is well until a wait ends": s.calm, "it comes again": s.comeAgain, "a feed is emptied": s.emptied, "a backup": s.backUp, "another volume": s.mount,
	}
}

func (s *sim) source(t *rapid.T) *simSource {
	return s.sources[rapid.IntRange(0, len(s.sources)-1).Draw(t, "source")]
}

func (s *sim) registryOf(t *rapid.T) *simRegistry {
	return s.registries[rapid.IntRange(0, len(s.registries)-1).Draw(t, "registry")]
}

// mayDie has dosegate killed in this turn, now and then.
func (s *sim) mayDie(t *rapid.T, steps ...string) {
	if rapid.IntRange(0, 7).Draw(t, "killed") == 7 {
		s.killAt = rapid.SampledFrom(steps).Draw(t, "at")
	}
}

func (s *sim) store(t *rapid.T) {
	src := s.source(t)
	number := rapid.IntRange(0, len(simStations)-1).Draw(t, "report")
	file := s.files[2*number]
	if rapid.IntRange(0, 9).Draw(t, "with other content") == 9 {
		file = s.files[2*number+1]
	}
	s.pass(2 * time.Second)
	if id, taken := src.Store(file); taken {
		s.model.instances[place{src.name, id}] = &simInstance{number: number, file: file, storedAt: s.steady}
		src.allGone = false
		s.note("%s arrives in %s", simStations[number], src.name)
	}
}

func (s *sim) follow(t *rapid.T) {
	i := rapid.IntRange(0, len(s.sources)-1).Draw(t, "source")
	s.mayDie(t, "before record", "after record")
	s.turn("follow", func(ctx context.Context) { s.loops.Follow(ctx, i) })
}

func (s *sim) deliver(t *rapid.T) {
	i := rapid.IntRange(0, len(s.registries)-1).Draw(t, "registry")
	s.mayDie(t, "before send", "after send", "after delivered")
	s.turn("deliver", func(ctx context.Context) { s.loops.Deliver(ctx, i) })
}

func (s *sim) sweep(t *rapid.T) {
	s.mayDie(t, "before seal", "before delete", "after delete")
	s.turn("sweep", s.loops.Sweep)
}

const simDay = 24 * time.Hour

func (s *sim) wait(t *rapid.T) {
	s.pass(rapid.SampledFrom([]time.Duration{time.Minute, time.Hour, 5 * time.Hour, simDay, 6 * simDay, 13 * simDay, 15 * simDay}).Draw(t, "for"))
}

// setClock sets the clock of dosegate, of an Orthanc, or of the machine that all
// run on. Dosegate looks at its own every second, so it does then.
func (s *sim) setClock(t *rapid.T) {
	by := rapid.SampledFrom([]time.Duration{time.Minute, 10 * time.Minute, 5 * time.Hour, 3 * simDay, 20 * simDay, 400 * simDay}).Draw(t, "by")
	if rapid.Bool().Draw(t, "back") {
		by = -by
	}
	if rapid.IntRange(0, 2).Draw(t, "set right") == 0 {
		by = -s.wrong
	}
	who := rapid.SampledFrom([]string{"dosegate", "all", "all", "main", "pacs"}).Draw(t, "whose")
	for _, src := range s.sources {
		if who == "all" || who == src.name {
			src.wrong += by
		}
	}
	s.note("the clock of %s is set by %s", who, by)
	if who == "all" || who == "dosegate" {
		s.wrong += by
		s.model.jumps++
		s.turn("sweep", s.loops.Sweep)
	}
}

// calm lets all be well for as long as a wait lasts, since a history of faults alone
// ends none.
func (s *sim) calm(t *rapid.T) {
	s.mend()
	s.turn("sweep", s.loops.Sweep)
	for i := range s.sources {
		if rapid.Bool().Draw(t, "follow before") {
			s.turn("follow", func(ctx context.Context) { s.loops.Follow(ctx, i) })
		}
	}
	s.pass(simWait + simDay)
	s.turn("sweep", s.loops.Sweep)
	s.pass(2 * simSettling) // whatever the last turn has noticed is over then
	for range 2 {
		s.mayDie(t, "before seal", "before delete", "before delete", "after delete")
		s.turn("sweep", s.loops.Sweep)
	}
}

// comeAgain has a report that is about to be deleted be deleted by somebody else, and
// arrive again.
func (s *sim) comeAgain(t *rapid.T) {
	for _, id := range s.model.order {
		r := s.model.rows[id]
		instance := s.model.instances[r.at]
		if instance == nil || !s.underWay(id) {
			continue
		}
		src := s.sourceOf(r)
		src.Delete(r.at.id)
		s.pass(simDay)
		src.Store(instance.file)
		s.note("%.8s comes again in %s", r.at.id, src.name)
		s.model.instances[r.at] = &simInstance{number: instance.number, file: instance.file, storedAt: s.steady}
		return
	}
	t.Skip("nothing is about to be deleted")
}

// changeList writes another stations.yaml, or spoils it. Now and then both of the
// looks that bring it into force follow at once.
func (s *sim) changeList(t *rapid.T) {
	i := rapid.IntRange(0, len(simLists)+len(simBadLists)-1).Draw(t, "list")
	if i < len(simLists) {
		s.write(simLists[i].text)
	} else {
		s.write(simBadLists[i-len(simLists)])
	}
	for range rapid.IntRange(0, 3).Draw(t, "looks") {
		s.turn("sweep", s.loops.Sweep)
	}
}

func (s *sim) fault(t *rapid.T) {
	if rapid.Bool().Draw(t, "of a source") {
		s.source(t).fault = rapid.SampledFrom([]string{"", "", "login page", "half an answer", "refusal"}).Draw(t, "fault")
		return
	}
	r := s.registryOf(t)
	r.fault = rapid.SampledFrom([]string{"", "", "down", "refuses us", "rejects", "loses receipts"}).Draw(t, "fault")
}

// deleted has somebody else delete an instance.
func (s *sim) deleted(t *rapid.T) {
	src := s.source(t)
	ids := s.model.in(src.name)
	if len(ids) == 0 {
		t.Skip("nothing is there")
	}
	id := rapid.SampledFrom(ids).Draw(t, "instance")
	s.note("somebody deletes %.8s in %s", id, src.name)
	if src.Delete(id) {
		delete(s.model.instances, place{src.name, id})
		src.allGone = false
	}
}

func (s *sim) emptied(t *rapid.T) { s.source(t).ClearChanges() }

// simVolume is the storage of an Orthanc, with what the model knows of it.
type simVolume struct {
	*orthanctest.Volume
	instances map[place]*simInstance
}

// held are a source's instances in the model.
func (m *simModel) held(source string) map[place]*simInstance {
	some := maps.Clone(m.instances)
	maps.DeleteFunc(some, func(at place, _ *simInstance) bool { return at.source != source })
	return some
}

func (s *sim) backUp(t *rapid.T) {
	src := s.source(t)
	src.backups = append(src.backups, simVolume{src.Copy(), s.model.held(src.name)})
}

// mount stops an Orthanc and starts it with another volume: an empty one, a backup,
// or one that it had before.
func (s *sim) mount(t *rapid.T) {
	src := s.source(t)
	next := simVolume{}
	if i := rapid.IntRange(-1, len(src.backups)-1).Draw(t, "volume"); i >= 0 {
		next = src.backups[i]
	}
	was := src.fault
	src.fault = "refusal" // dosegate cannot miss that it is stopped, nor begin while it is
	for i := range s.sources {
		s.turn("follow", func(ctx context.Context) { s.loops.Follow(ctx, i) })
	}
	s.note("%s has another volume, with %d instances", src.name, len(next.instances))
	before := s.model.held(src.name)
	src.backups = append(src.backups, simVolume{src.Mount(next.Volume), before})
	maps.DeleteFunc(s.model.instances, func(at place, _ *simInstance) bool { return at.source == src.name })
	for at, instance := range next.instances {
		again := *instance
		again.restored = true
		s.model.instances[at] = &again
	}
	src.fault, src.allGone = was, next.Volume == nil
}

// person runs a command beside serve, which reads the list for itself.
func (s *sim) person(t *rapid.T) {
	if len(s.model.order) == 0 {
		t.Skip("no report is known")
	}
	id := rapid.SampledFrom(s.model.order).Draw(t, "report")
	command := rapid.SampledFrom([]string{"release", "discard", "resend"}).Draw(t, "command")
	registry := s.registryOf(t)
	asNew := rapid.IntRange(0, 3).Draw(t, "as new") == 3
	if command == "discard" {
		s.mayDie(t, "before seal", "before delete", "after delete")
	}
	s.turn(command, func(ctx context.Context) {
		gate := s.newGate()
		gate.AtStep(s.step)
		r, err := s.ledger.Get(ctx, id)
		must(s.shelf.t, err)
		switch command {
		case "release":
			_, _ = gate.Release(ctx, r, "person:release") // a refusal is an answer
		case "discard":
			s.model.discarded[id] = true
			_ = gate.Discard(ctx, r, "not needed", "person:discard")
		case "resend":
			if s.ledger.Resend(ctx, id, registry.name, asNew, "person:resend") == nil && asNew {
				s.model.asNew++
			}
		}
	})
	delete(s.model.discarded, id)
}

// restart stops dosegate and starts it again, after a while.
func (s *sim) restart(t *rapid.T) {
	s.end()
	s.note("a restart")
	s.pass(rapid.SampledFrom([]time.Duration{0, time.Hour, simDay, 20 * simDay}).Draw(t, "down for"))
	s.again()
	s.observe("a start")
}

// in are the IDs of what is in a source, in an order that is always the same.
func (m *simModel) in(source string) (ids []string) {
	for at := range m.instances {
		if at.source == source {
			ids = append(ids, at.id)
		}
	}
	slices.Sort(ids)
	return ids
}
