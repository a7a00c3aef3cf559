package pipeline_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanctest"
	"github.com/dosegate/dosegate/plugin/registry"
)

func TestAReportGoesFromAScannerToTheRegistry(t *testing.T) {
	w := newWorld(t, nil)
	w.start()
	w.gateway.StoreSCU(t, "SCANNER", w.report("CT1"))
	w.eventuallyStates("CT1 delivered station_configured")
	w.mustHaveArrived(1)
	id := w.gateway.Instances(t)[0]
	w.eventually("the instance is marked as delivered", func() bool { return w.metadata(id, "4801") == "delivered" })
}

func TestASecondReportIntoTheSameSeriesIsDelivered(t *testing.T) {
	w := newWorld(t, nil)
	w.start()
	study, series := orthanctest.NewUID(), orthanctest.NewUID()
	for range 2 {
		w.gateway.Store(t, orthanctest.DoseReport(t, orthanctest.Report{StationName: "CT1", StudyInstanceUID: study, SeriesInstanceUID: series}))
		wait(100 * time.Millisecond)
	}
	w.eventuallyStates("CT1 delivered station_configured", "CT1 delivered station_configured")
	w.mustHaveArrived(2)
}

func TestTheSameReportSentAgainIsDeliveredOnce(t *testing.T) {
	w := newWorld(t, nil)
	w.start()
	file := w.report("CT1")
	w.gateway.Store(t, file)
	w.eventuallyStates("CT1 delivered station_configured")
	w.gateway.Store(t, file)
	w.gateway.Store(t, w.report("CT1")) // when this has arrived, the one before was seen
	w.eventuallyStates("CT1 delivered station_configured", "CT1 delivered station_configured")
	w.mustHaveArrived(2)
}

func TestAnUnconfiguredStationIsHeldUntilItIsConfigured(t *testing.T) {
	w := newWorld(t, nil)
	w.start()
	id := w.gateway.Store(t, w.report("CT9"))[0]
	w.eventuallyStates("CT9 held station_not_configured")
	w.eventually("the instance is marked as held", func() bool { return w.metadata(id, "4801") == "held" })
	w.mustHaveArrived(0)
	w.stations("stations:\n  - name: CT1\n  - name: ct9\n")
	w.eventuallyStates("CT9 delivered station_configured")
	w.mustHaveArrived(1)
}

func TestAnUnconfiguredStationIsHeldThenExpires(t *testing.T) {
	w := newWorld(t, nil)
	w.holdFor = 3 * time.Second
	w.start()
	file := w.report("CT9")
	id := w.gateway.Store(t, file)[0]
	w.eventuallyStates("CT9 held station_not_configured")
	w.eventuallyStates("CT9 expired station_not_configured")
	if w.inGateway(id) {
		t.Error("the report is still in Orthanc")
	}
	// What was sent again after it expired begins its wait anew.
	w.gateway.Store(t, file)
	w.eventuallyStates("CT9 held station_not_configured")
	w.stations("stations:\n  - name: CT1\n  - name: CT9\n")
	w.eventuallyStates("CT9 delivered station_configured")
	w.mustHaveArrived(1)
}

func TestWhatWaitsForAPersonNeverExpires(t *testing.T) {
	w := newWorld(t, nil)
	w.holdFor = time.Second
	w.stations("stations:\n  - {name: CT1, paused: true}\n  - {name: CT2, send: false}\n")
	w.start()
	w.gateway.Store(t, w.report("CT1"))
	w.eventuallyStates("CT1 held paused")
	w.gateway.Store(t, w.report("CT2"))
	w.eventuallyStates("CT1 held paused", "CT2 expired station_left_out")
	for _, r := range w.rows() {
		if r.State == ledger.Held && !r.Report.HeldUntil.IsZero() {
			t.Errorf("the paused report would expire on %v", r.Report.HeldUntil)
		}
	}
	w.stations("stations:\n  - {name: CT1}\n")
	w.eventuallyStates("CT1 delivered station_configured", "CT2 expired station_left_out")
}

func TestAReportOverwrittenByItselfIsDeliveredOnceAndMarkedAgain(t *testing.T) {
	w := newWorld(t, map[string]any{"OverwriteInstances": true})
	w.start()
	file := w.report("CT1")
	id := w.gateway.Store(t, file)[0]
	w.eventually("marked", func() bool { return w.metadata(id, "4801") == "delivered" })
	w.gateway.Store(t, file)
	w.eventually("marked again", func() bool { return w.metadata(id, "4801") == "delivered" })
	w.eventuallyStates("CT1 delivered station_configured")
	w.mustHaveArrived(1)
}

func TestAReportOverwrittenByAnotherIsHeldAsChanged(t *testing.T) {
	w := newWorld(t, map[string]any{"OverwriteInstances": true})
	w.start()
	r := orthanctest.Report{StationName: "CT9", SOPInstanceUID: orthanctest.NewUID(), StudyInstanceUID: orthanctest.NewUID(),
		SeriesInstanceUID: orthanctest.NewUID()}
	w.gateway.Store(t, orthanctest.DoseReport(t, r))
	w.eventuallyStates("CT9 held station_not_configured")
	r.DoseLengthProduct = "999"
	w.gateway.Store(t, orthanctest.DoseReport(t, r))
	w.eventuallyStates("CT9 held changed")
	w.stations("stations:\n  - name: CT1\n  - name: CT9\n")
	w.gateway.Store(t, w.report("CT1")) // when this has arrived, the list was in force
	w.eventuallyStates("CT9 held changed", "CT1 delivered station_configured")
	w.mustHaveArrived(1)
}

func TestReportsSurviveARestartOfOrthanc(t *testing.T) {
	w := newWorld(t, nil)
	w.start()
	w.gateway.Store(t, w.report("CT1"), w.report("CT9"))
	w.eventuallyStates("CT1 delivered station_configured", "CT9 held station_not_configured")
	w.gateway.Kill(t)
	w.gateway.Restart(t)
	w.gateway.Store(t, w.report("CT1"))
	w.eventuallyStates("CT1 delivered station_configured", "CT1 delivered station_configured", "CT9 held station_not_configured")
	w.mustHaveArrived(2)
}

func TestAHeldReportThatSomebodyDeletesIsWithdrawn(t *testing.T) {
	w := newWorld(t, nil)
	w.start()
	id := w.gateway.Store(t, w.report("CT9"))[0]
	w.eventuallyStates("CT9 held station_not_configured")
	w.gateway.Must(t, "DELETE", "/instances/"+id, nil)
	w.stop()
	w.start() // a pass at once
	w.eventuallyStates("CT9 withdrawn station_not_configured")
}

func TestAQueuedReportThatSomebodyDeletesIsWithdrawn(t *testing.T) {
	w := newWorld(t, nil)
	w.registry.Kill(t)
	w.start()
	id := w.gateway.Store(t, w.report("CT1"))[0]
	w.eventually("a failed attempt", func() bool { return len(w.rows()) == 1 && w.rows()[0].Delivery.Attempts > 0 })
	w.gateway.Must(t, "DELETE", "/instances/"+id, nil)
	w.registry.Restart(t)
	w.eventuallyStates("CT1 withdrawn station_configured")
	w.mustHaveArrived(0)
}

func TestAStationTakenOutStopsItsQueueAndWaitsItsWholeTime(t *testing.T) {
	w := newWorld(t, nil)
	w.registry.Kill(t)
	w.start()
	w.gateway.Store(t, w.report("CT1"), w.report("CT2"))
	w.eventually("a failed attempt", func() bool {
		return len(w.rows()) == 2 && w.rows()[0].Delivery.Attempts+w.rows()[1].Delivery.Attempts > 0
	})
	before := time.Now()
	w.stations("stations:\n  - name: CT2\n")
	w.eventually("CT1 is held", func() bool { return strings.Contains(strings.Join(w.states(), ","), "CT1 held station_not_configured") })
	for _, r := range w.rows() {
		if r.Report.StationName == "CT1" && r.Report.HeldUntil.Before(before.Add(w.holdFor-time.Second)) {
			t.Errorf("it would expire on %v: its wait began before it was held", r.Report.HeldUntil)
		}
	}
	w.stop() // an attempt that was under way before would reach the registry now, and rightly count
	w.registry.Restart(t)
	w.start()
	w.eventuallyStates("CT1 held station_not_configured", "CT2 delivered station_configured")
	w.mustHaveArrived(1)
}

func TestNothingIsEverDeletedInAnArchive(t *testing.T) {
	w := newWorld(t, nil)
	w.archive, w.holdFor = true, time.Second
	w.start()
	ids := w.gateway.Store(t, w.report("CT9"), w.report("CT1"))
	w.eventuallyStates("CT9 expired station_not_configured", "CT1 delivered station_configured")
	for _, id := range ids {
		if !w.inGateway(id) {
			t.Error("an instance of the archive is gone")
		}
		if w.metadata(id, "4801") != "" {
			t.Error("an instance of the archive is marked")
		}
	}
	// Only a person decides an expired report of an archive again.
	row := w.rows()[0].Report
	if row.StationName != "CT9" {
		row = w.rows()[1].Report
	}
	if err := w.gate.Discard(context.Background(), row, "test", "person:test"); err == nil {
		t.Error("discard deletes in an archive")
	}
}

// hanging is a registry that never answers.
type hanging struct{ asked chan struct{} }

func (hanging) Name() string                { return "dir" }
func (hanging) Check(context.Context) error { return nil }
func (h hanging) Send(ctx context.Context, _ registry.Object) (registry.Receipt, error) {
	close(h.asked)
	<-ctx.Done()
	return registry.Receipt{}, &registry.Error{Kind: registry.Transient, Op: "it does not answer", Err: ctx.Err()}
}

// TestAStopDoesNotWaitForASourceThatHangs has a proxy keep the answers to one path
// back.
func TestAStopDoesNotWaitForASourceThatHangs(t *testing.T) {
	for _, path := range []string{"/file", "/metadata", "/changes"} {
		t.Run(path, func(t *testing.T) {
			w := newWorld(t, nil)
			p := w.behindProxy(t)
			asked, release := make(chan struct{}), make(chan struct{})
			t.Cleanup(func() { close(release) })
			var once sync.Once
			p.answer(path, func(status int, body []byte) (int, []byte) {
				once.Do(func() { close(asked) })
				<-release
				return status, body
			})
			w.gateway.Store(t, w.report("CT1"))
			w.start()
			<-asked
			w.stop() // or the test ends by its own time limit
			w.url = w.gateway.URL
			w.start()
			w.eventuallyStates("CT1 delivered station_configured")
			w.mustHaveArrived(1)
		})
	}
}

func TestAStopDoesNotWaitForARegistryThatHangs(t *testing.T) {
	w := newWorld(t, nil)
	h := hanging{make(chan struct{})}
	w.send = h
	w.start()
	w.gateway.Store(t, w.report("CT1"))
	<-h.asked
	w.stop() // or the test ends by its own time limit
	w.send = w.stow(w.registry.URL)
	w.start()
	w.eventuallyStates("CT1 delivered station_configured")
	w.mustHaveArrived(1)
}

// A route that is added later applies to what is held and to what comes; what is
// delivered goes to another registry only when somebody sends it there.
func TestARouteThatIsAddedLaterAppliesToWhatIsHeldAndNew(t *testing.T) {
	w := newWorld(t, nil)
	w.rdim()
	w.stations("stations:\n  - name: CT1\n")
	w.gateway.Store(t, w.report("CT1"))
	w.gateway.Store(t, w.report("CT2"))
	w.start()
	w.eventuallyStates("CT1 delivered station_configured", "CT2 held station_not_configured")
	delivered := w.row("CT1").Report.ID
	w.stop()
	w.routes = []filter.Route{{Kind: "CT", Registries: []string{"dir", "rdim"}}}
	w.stations("stations:\n  - name: CT1\n  - name: CT2\n")
	w.start()
	w.gateway.Store(t, w.report("CT1"))
	to := func(station string) (all []string) {
		for _, r := range w.rows() {
			if r.Report.StationName == station && r.State == ledger.Delivered && r.Report.ID != delivered {
				all = append(all, r.Delivery.Registry)
			}
		}
		return all
	}
	w.eventually("the held and the new one are at both", func() bool { return len(to("CT1")) == 2 && len(to("CT2")) == 2 })
	if d, err := w.ledger.Deliveries(t.Context(), delivered); err != nil || len(d) != 1 {
		t.Errorf("what was delivered has %d deliveries, %v", len(d), err)
	}
	r, err := w.ledger.Get(t.Context(), delivered)
	must(t, err)
	if err := w.gate.SendAlso(t.Context(), r, "elsewhere", "person:olga"); err == nil || !strings.Contains(err.Error(), "a route has to name it") {
		t.Errorf("to a registry that no route names: %v", err)
	}
	must(t, w.gate.SendAlso(t.Context(), r, "rdim", "person:olga"))
	w.eventually("it is at both", func() bool {
		d, err := w.ledger.Deliveries(t.Context(), delivered)
		return err == nil && len(d) == 2 && d[0].State == ledger.Delivered && d[1].State == ledger.Delivered
	})
}
