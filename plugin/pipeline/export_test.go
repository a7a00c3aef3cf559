package pipeline

import (
	"context"
	"sync"
	"time"

	"github.com/dosegate/dosegate/plugin/registry"
)

// AtStep has fn called before each effect, with the name of the step.
func (g *Gate) AtStep(fn func(step string)) { g.beforeStep = fn }

// Steadily has the gate take a test's clock for the one that nobody sets.
func (g *Gate) Steadily(steady func() time.Time) { g.steady = steady }

// Loops are those of Run, for a test that has them take turns.
type Loops struct {
	followers  []*follower
	deliverers []*deliverer
	sweeper    *sweeper
}

// Begin is what Run does before its loops start.
func (g *Gate) Begin(ctx context.Context, registries []registry.Registry) *Loops {
	g.begin(ctx)
	g.doorbell = newDoorbell()
	l := &Loops{sweeper: newSweeper(g)}
	for _, src := range g.Sources {
		l.followers = append(l.followers, newFollower(g, src))
	}
	for _, to := range registries {
		d := newDeliverer(g, to)
		d.remember(ctx)
		l.deliverers = append(l.deliverers, d)
	}
	l.sweeper.keepStations(ctx)
	return l
}

// Follow reads a page of a source's feed.
func (l *Loops) Follow(ctx context.Context, source int) (more bool, err error) {
	f := l.followers[source]
	more, err = f.page(ctx)
	f.report(ctx, err)
	return more, err
}

// Deliver sets out with what is due to a registry, and waits for it.
func (l *Loops) Deliver(ctx context.Context, registry int) {
	var all sync.WaitGroup
	l.deliverers[registry].begin(ctx, newDoorbell(), &all)
	all.Wait()
}

// Sweep looks at the stations list, and goes through the holding area when it is
// time to.
func (l *Loops) Sweep(ctx context.Context) {
	l.sweeper.turn(ctx)
	l.sweeper.changed = l.sweeper.look(ctx)
}
