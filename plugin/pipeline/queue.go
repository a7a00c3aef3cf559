package pipeline

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/registry"
	"golang.org/x/time/rate"
)

// deliverer empties the queue of one registry.
type deliverer struct {
	*Gate
	to      registry.Registry
	log     *slog.Logger
	limits  Limits
	pace    *rate.Limiter
	circuit circuit

	mu       sync.Mutex
	underWay map[string]bool // ids of reports, and UIDs: the same report may lie in two sources
}

func newDeliverer(g *Gate, to registry.Registry) *deliverer {
	d := &deliverer{Gate: g, to: to, log: g.Log.With("registry", to.Name()), limits: g.RegistryLimits[to.Name()], underWay: make(map[string]bool)}
	d.limits.AtOnce = cmp.Or(d.limits.AtOnce, deliveriesAtOnce)
	d.pace = rate.NewLimiter(rate.Inf, 1)
	if n := d.limits.PerMinute; n > 0 {
		d.pace = rate.NewLimiter(rate.Limit(float64(n)/60), 1)
	}
	return d
}

// run delivers until the context ends, each report on its own: one that takes
// its time, or that the registry chokes on, keeps a place and not the queue. A
// send that is under way is finished within the registry's own time limit.
func (d *deliverer) run(ctx context.Context, bell doorbell) {
	var all sync.WaitGroup
	defer all.Wait()
	d.remember(ctx)
	for bell.wait(ctx, d.rest(ctx)) {
		d.begin(ctx, bell, &all)
	}
}

// longestRest is how long nothing is looked for: a command may queue something
// at any time.
const longestRest = time.Second

// rest is how long there is nothing to begin, as far as is known. The end of a
// send and the arrival of a report ring.
func (d *deliverer) rest(ctx context.Context) time.Duration {
	next, ok, err := d.Ledger.NextDue(ctx, d.to.Name())
	if err != nil || !ok || d.busy() {
		return longestRest
	}
	now := d.steadyNow()
	return min(longestRest, max(10*time.Millisecond, next.Sub(d.Now()), d.circuit.opensAgain().Sub(now), d.turn(now)))
}

func (d *deliverer) busy() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.underWay) > 0
}

// turn is how long until the next delivery may begin under the registry's rate.
func (d *deliverer) turn(now time.Time) time.Duration {
	r := d.pace.ReserveN(now, 1)
	defer r.CancelAt(now)
	return r.DelayFrom(now)
}

// room is how many sends may begin.
func (d *deliverer) room(now time.Time) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.circuit.room(now, len(d.underWay)/2, d.limits.AtOnce)
}

// begin sets out with what is due, in the order of arrival, as far as there is
// room. Where one is sent to see whether the registry takes reports at all, it is
// one that was tried the least.
func (d *deliverer) begin(ctx context.Context, bell doorbell, all *sync.WaitGroup) {
	room := d.room(d.steadyNow())
	if room == 0 || ctx.Err() != nil || d.isStopped(ctx) {
		return
	}
	work, err := d.Ledger.Due(ctx, d.Now(), d.to.Name(), d.limits.AtOnce+room)
	if err != nil {
		if ctx.Err() == nil {
			d.log.Error("cannot read the queue", "error", err)
		}
		return
	}
	if d.circuit.wary() {
		// The first may be the one that was refused for what is in it.
		slices.SortStableFunc(work, func(a, b ledger.Work) int { return cmp.Compare(a.Delivery.Attempts, b.Delivery.Attempts) })
	}
	for _, w := range work {
		if room == 0 || !d.setOut(w.Report) {
			continue
		}
		if !d.pace.AllowN(d.steadyNow(), 1) {
			d.arrive(w.Report)
			return
		}
		room--
		all.Go(func() {
			defer bell.ring()
			defer d.arrive(w.Report)
			d.one(ctx, w)
		})
	}
}

// setOut notes that a report is on its way, unless it is already.
func (d *deliverer) setOut(r ledger.Report) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	uid := cmp.Or(r.SOPInstance, "none, "+r.ID)
	if d.underWay[r.ID] || d.underWay[uid] {
		return false
	}
	d.underWay[r.ID], d.underWay[uid] = true, true
	return true
}

func (d *deliverer) arrive(r ledger.Report) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.underWay, r.ID)
	delete(d.underWay, cmp.Or(r.SOPInstance, "none, "+r.ID))
}
