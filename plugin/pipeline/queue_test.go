package pipeline_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/pipeline"
	"github.com/dosegate/dosegate/plugin/registry"
)

// stuck is the real registry, but for what a test has it do before a send.
type stuck struct {
	registry.Registry
	before func(ctx context.Context) error
}

func (s *stuck) Send(ctx context.Context, o registry.Object) (registry.Receipt, error) {
	if err := s.before(ctx); err != nil {
		return registry.Receipt{}, err
	}
	return s.Registry.Send(ctx, o)
}

func TestAReportThatTheRegistryChokesOnKeepsAPlaceAndNotTheQueue(t *testing.T) {
	w := newWorld(t, nil)
	var first atomic.Bool
	release := make(chan struct{})
	w.send = &stuck{w.send, func(ctx context.Context) error {
		if first.CompareAndSwap(false, true) {
			select {
			case <-release:
			case <-ctx.Done():
			}
		}
		return nil
	}}
	w.limits = pipeline.Limits{AtOnce: 2}
	w.start()
	for range 6 {
		w.gateway.Store(t, w.report("CT1"))
	}
	w.eventually("all but one are delivered", func() bool { return w.count("CT1", ledger.Delivered) == 5 })
	close(release)
	w.eventually("the last one is delivered", func() bool { return w.count("CT1", ledger.Delivered) == 6 })
	w.mustHaveArrived(6)
}

func TestADeadRegistryCostsItsQueueNoAttempts(t *testing.T) {
	w := newWorld(t, nil)
	w.registry.Kill(t)
	w.start()
	const reports = 20
	for range reports {
		w.gateway.Store(t, w.report("CT1"))
	}
	attempts := func() (n int) {
		for _, r := range w.rows() {
			n += r.Delivery.Attempts
		}
		return n
	}
	w.eventually("all are queued and the registry was tried", func() bool { return len(w.rows()) == reports && attempts() >= 5 })
	if n := attempts(); n > 5+4+4 { // until it was given up, those under way then, and single ones since
		t.Errorf("%d attempts at a registry that is down", n)
	}
	w.registry.Restart(t)
	w.eventually("all are delivered", func() bool { return w.count("CT1", ledger.Delivered) == reports })
	w.mustHaveArrived(reports)
}

func TestARegistryIsNotAskedMoreOftenThanItsRateAllows(t *testing.T) {
	w := newWorld(t, nil)
	var mu sync.Mutex
	var begun []time.Time
	w.send = &stuck{w.send, func(context.Context) error {
		mu.Lock()
		defer mu.Unlock()
		begun = append(begun, time.Now())
		return nil
	}}
	w.limits = pipeline.Limits{PerMinute: 120}
	for range 6 {
		w.gateway.Store(t, w.report("CT1"))
	}
	w.start()
	w.eventually("all are delivered", func() bool { return w.count("CT1", ledger.Delivered) == 6 })
	if took := begun[5].Sub(begun[0]); took < 2*time.Second {
		t.Errorf("six reports began within %v", took)
	}
}
