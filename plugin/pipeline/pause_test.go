package pipeline_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/pipeline"
	"github.com/dosegate/dosegate/plugin/registry"
)

func TestARegistryThatRefusesUsIsPausedInTheLedgerUntilItTakesReports(t *testing.T) {
	w := newWorld(t, nil)
	real := w.send
	closed := httptest.NewServer(http.HandlerFunc(func(to http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		to.WriteHeader(http.StatusUnauthorized)
	}))
	t.Cleanup(closed.Close)
	w.send = w.stow(closed.URL)
	w.gateway.Store(t, w.report("CT1"))
	w.start()
	pauses := func() []ledger.Pause {
		list, err := w.ledger.Pauses(context.Background())
		must(t, err)
		return list
	}
	w.eventually("the registry is paused", func() bool { return len(pauses()) == 1 })
	if p := pauses()[0]; p.Registry != "dir" || p.Refusals != 1 || p.Why == "" || p.Until.Before(time.Now()) {
		t.Errorf("the pause is %+v", p)
	}
	w.stop()
	w.send = real
	w.now = func() time.Time { return time.Now().Add(5 * time.Minute) }
	w.start()
	w.eventuallyStates("CT1 delivered station_configured")
	w.eventually("the pause is over", func() bool { return len(pauses()) == 0 })
}

// A guard before a registry may refuse one report for what is in it, and look as
// if it refused us: then the others are tried first.
func TestAReportForWhichWeAreRefusedDoesNotKeepTheRegistryPaused(t *testing.T) {
	w := newWorld(t, nil)
	var jumped atomic.Int64
	w.now = func() time.Time { return time.Now().Add(time.Duration(jumped.Load())) }
	w.steady = w.now         // time passes, and nobody sets a clock
	var refused atomic.Value // the UID of the first report
	w.send = &choosy{w.send, func(o registry.Object) error {
		if refused.CompareAndSwap(nil, o.SOPInstanceUID); refused.Load() == o.SOPInstanceUID {
			return &registry.Error{Kind: registry.Paused, Op: "registry dir: it refuses this one (status 403)"}
		}
		return nil
	}}
	w.limits = pipeline.Limits{AtOnce: 1}
	for range 4 {
		w.gateway.Store(t, w.report("CT1"))
	}
	w.start()
	w.eventually("the others are delivered", func() bool {
		for _, r := range w.rows() {
			if r.Delivery.LastError != "" && r.Delivery.NextAttemptAt.After(w.now()) {
				jumped.Add(int64(20 * time.Minute)) // longer than any pause, so the refused one is due as well
			}
		}
		return w.count("CT1", ledger.Delivered) == 3
	})
}

// choosy is the real registry, but for the reports that a test refuses.
type choosy struct {
	registry.Registry
	refuse func(registry.Object) error
}

func (c *choosy) Send(ctx context.Context, o registry.Object) (registry.Receipt, error) {
	if err := c.refuse(o); err != nil {
		return registry.Receipt{}, err
	}
	return c.Registry.Send(ctx, o)
}

func TestAClockThatWasSetBackBeforeTheStartIsNoticed(t *testing.T) {
	w := newWorld(t, nil)
	w.gateway.Store(t, w.report("CT9"))
	w.start()
	w.eventuallyStates("CT9 held station_not_configured")
	w.stop()
	w.now = func() time.Time { return time.Now().Add(-24 * time.Hour) }
	w.start()
	w.eventually("it is said", func() bool { return strings.Contains(w.log.String(), "the clock is behind the last time") })
}
