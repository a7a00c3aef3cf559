package chaos

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"syscall"
	"time"
)

// deed is something bad that is done to a part of the stage.
type deed string

const (
	killLeader   deed = "dosegate that works, SIGKILL"
	killAny      deed = "dosegate, whichever, SIGKILL"
	killGateway  deed = "gateway Orthanc, SIGKILL"
	killRegistry deed = "registry Orthanc, SIGKILL"
	cutLeader    deed = "leader cut off from PostgreSQL"
	freezeLeader deed = "leader frozen"
	crashServer  deed = "PostgreSQL crashed"
)

// harm is one deed of the plan.
type harm struct {
	deed  deed
	after int           // reports that are acknowledged
	calm  bool          // and most of those before are at the registry
	wait  time.Duration // after that
	long  time.Duration // until it is undone
	which int           // of the dosegates
}

// newPlan makes the plan of a seed: kills, spread over the reports, and the last
// tenth when all are acknowledged. Two of three wait until things have calmed
// down after the one before. With PostgreSQL half as many cuts and freezes of the
// leader come on top, and some crashes of the server.
func newPlan(o options) []harm {
	chance := rand.New(rand.NewPCG(o.seed, 1<<41))
	var deeds []deed
	for range o.kills {
		deeds = append(deeds, pickDeed(chance, o.dosegates))
	}
	if o.ledger == "postgres" {
		for n := range (o.kills + 1) / 2 {
			deeds = append(deeds, []deed{cutLeader, freezeLeader}[n%2])
		}
		for range (o.kills + 9) / 10 {
			deeds = append(deeds, crashServer)
		}
	}
	chance.Shuffle(len(deeds), func(i, j int) { deeds[i], deeds[j] = deeds[j], deeds[i] })
	var plan []harm
	for n, d := range deeds {
		h := harm{deed: d, after: min(o.reports, (n+1)*o.reports*10/(9*len(deeds))), calm: chance.IntN(3) > 0,
			wait: upTo(chance, 700*time.Millisecond), long: upTo(chance, 1500*time.Millisecond), which: chance.IntN(o.dosegates)}
		if d == cutLeader || d == freezeLeader {
			h.long = time.Second + upTo(chance, 14*time.Second) // some longer than a lease, some not
		}
		plan = append(plan, h)
	}
	return plan
}

func pickDeed(chance *rand.Rand, dosegates int) deed {
	switch n := chance.IntN(100); {
	case n < 25:
		return killGateway
	case n < 50:
		return killRegistry
	case n < 60 && dosegates > 1:
		return killAny
	}
	return killLeader
}

func upTo(chance *rand.Rand, most time.Duration) time.Duration {
	return time.Duration(chance.Int64N(int64(most)))
}

// evil carries out a plan.
type evil struct {
	*stage
	crowd *crowd
	done  map[deed]int
	undo  []undo
}

// undo ends a harm when its time is up.
type undo struct {
	at   time.Time
	part any
	fn   func()
}

// run does it all. Only harms of different parts overlap.
func (e *evil) run(plan []harm) {
	for n, h := range plan {
		e.crowd.allowed.Store(int64(plan[min(n+1, len(plan)-1)].after))
		for int(e.crowd.acknowledged.Load()) < h.after && !e.t.Failed() {
			e.rest(20 * time.Millisecond)
		}
		if h.calm {
			e.calm(h.after)
		}
		e.rest(h.wait)
		e.do(h)
	}
	e.crowd.allowed.Store(int64(len(e.crowd.reports)))
	for len(e.undo) > 0 {
		e.rest(20 * time.Millisecond)
	}
}

// calm waits, not for ever, until the registry has most of what it should have
// when so many reports are acknowledged.
func (e *evil) calm(acknowledged int) {
	for until := time.Now().Add(20 * time.Second); e.proxy.storedOnes() < acknowledged*6/10-10 && time.Now().Before(until); {
		e.rest(20 * time.Millisecond)
	}
}

// rest lets time pass, in which what is due is undone.
func (e *evil) rest(d time.Duration) {
	for until := time.Now().Add(d); ; {
		if len(e.undo) > 0 && !time.Now().Before(e.undo[0].at) {
			next := e.undo[0]
			e.undo = e.undo[1:]
			next.fn()
			continue
		}
		left := time.Until(until)
		if left <= 0 {
			return
		}
		<-time.After(min(left, 20*time.Millisecond))
	}
}

// do waits until the part is well, and harms it.
func (e *evil) do(h harm) {
	for range 2000 {
		if e.harm(h) {
			e.done[h.deed]++
			return
		}
		e.rest(20 * time.Millisecond)
	}
	e.t.Errorf("waited in vain to harm: %s", h.deed)
}

// harm is false while the part has another harm.
func (e *evil) harm(h harm) bool {
	switch h.deed {
	case killGateway:
		return e.free(e.gateway) && e.until(h, e.gateway, func() { e.gateway.Restart(e.t) }, func() bool { e.gateway.Kill(e.t); return true })
	case killRegistry:
		return e.free(e.registry) && e.until(h, e.registry, func() { e.registry.Restart(e.t) }, func() bool { e.registry.Kill(e.t); return true })
	case crashServer:
		return e.free(e.server) && e.until(h, e.server, func() { e.server.Restart(e.t) }, func() bool { e.server.Kill(e.t); return true })
	}
	m := e.members[h.which]
	if h.deed != killAny {
		m = e.leader()
	}
	if m == nil || !e.free(m) {
		return false
	}
	switch h.deed {
	case cutLeader:
		return e.until(h, m, m.cable.Mend, func() bool { m.cable.Sever(); return true })
	case freezeLeader:
		return e.until(h, m, func() {}, func() bool { return m.freeze(h.long) })
	}
	return e.until(h, m, m.start, func() bool { return m.end(syscall.SIGKILL) })
}

// free says whether a part has no harm now.
func (e *evil) free(part any) bool {
	return !slices.ContainsFunc(e.undo, func(u undo) bool { return u.part == part })
}

// until does something to a part now, and undoes it when its time is up.
func (e *evil) until(h harm, part any, undoIt func(), do func() bool) bool {
	if !do() {
		return false
	}
	e.undo = append(e.undo, undo{time.Now().Add(h.long), part, undoIt})
	slices.SortStableFunc(e.undo, func(a, b undo) int { return cmp.Compare(a.at.UnixNano(), b.at.UnixNano()) })
	return true
}
