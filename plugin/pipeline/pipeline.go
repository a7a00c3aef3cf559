package pipeline

import (
	"context"
	"sync"
	"time"

	"github.com/dosegate/dosegate/plugin/registry"
)

// Run starts the loops and returns when the context has ended and what
// was under way is finished.
func Run(ctx context.Context, g *Gate, registries []registry.Registry) {
	g.begin(ctx)
	bells := make([]doorbell, len(registries))
	for i := range bells {
		bells[i] = newDoorbell()
	}
	g.doorbell = newDoorbell()
	var loops sync.WaitGroup
	for _, src := range g.Sources {
		loops.Go(func() { newFollower(g, src).run(ctx) })
	}
	for i, to := range registries {
		loops.Go(func() { newDeliverer(g, to).run(ctx, bells[i]) })
	}
	loops.Go(func() { newSweeper(g).run(ctx) })
	for _, src := range g.Sources {
		if src.Marks.Metadata {
			loops.Go(func() { newMarker(g, src).run(ctx) })
		}
	}
	loops.Go(func() { g.passOn(ctx, bells) })
	loops.Wait()
}

// passOn rings every registry's bell when the gate's rings.
func (g *Gate) passOn(ctx context.Context, bells []doorbell) {
	for g.doorbell.wait(ctx, time.Hour) {
		for _, bell := range bells {
			bell.ring()
		}
	}
}
