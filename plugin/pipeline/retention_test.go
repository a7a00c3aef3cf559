package pipeline_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanctest"
)

// cleared says how often, by the history, the report of a station was deleted
// after its delivery, and by what words the last time.
func (w *world) cleared(station string) (n int, why string) {
	w.t.Helper()
	h, err := w.ledger.History(context.Background(), w.row(station).Report.ID)
	must(w.t, err)
	for _, e := range h {
		if e.By == ledger.BySweep && strings.Contains(e.Why, "after it was delivered") {
			n, why = n+1, e.Why
		}
	}
	return n, why
}

func (w *world) eventuallyCleared(station string, times int) {
	w.t.Helper()
	w.eventually(station+" is cleared", func() bool { n, _ := w.cleared(station); return n == times })
}

func newClearingWorld(t *testing.T, overlay map[string]any) *world {
	w := newWorld(t, overlay)
	w.holdFor, w.clear = time.Minute, 2*time.Second // nothing goes within 600 ms of a start
	return w
}

func TestADeliveredReportIsClearedFromAGatewayAndStaysDelivered(t *testing.T) {
	w := newClearingWorld(t, nil)
	w.start()
	id := w.gateway.Store(t, w.report("CT1"))[0]
	held := w.gateway.Store(t, w.report("CT9"))[0]
	w.eventuallyStates("CT1 delivered station_configured", "CT9 held station_not_configured")
	delivered := w.row("CT1").Delivery.DeliveredAt
	w.eventuallyCleared("CT1", 1)
	if at := w.row("CT1").Report.ClearedAt; at.Before(delivered.Add(w.clear)) {
		t.Errorf("cleared %s after it was delivered", at.Sub(delivered))
	}
	if w.inGateway(id) || !w.inGateway(held) {
		t.Errorf("in the gateway: delivered %v, held %v", w.inGateway(id), w.inGateway(held))
	}
	w.stop()
	w.start() // it is not missed
	w.passedAll("CT2")
	w.eventuallyStates("CT1 delivered station_configured", "CT2 delivered station_configured", "CT9 held station_not_configured")
	if n, _ := w.cleared("CT1"); n != 1 {
		t.Errorf("cleared %d times", n)
	}
}

func TestAClearedReportSentAgainIsClearedAgainAndNotDelivered(t *testing.T) {
	w := newClearingWorld(t, nil)
	w.start()
	file := w.report("CT1")
	w.gateway.Store(t, file)
	w.eventuallyStates("CT1 delivered station_configured")
	w.eventuallyCleared("CT1", 1)
	attempts := w.row("CT1").Delivery.Attempts
	id := w.gateway.Store(t, file)[0]
	again := time.Now()
	w.eventuallyCleared("CT1", 2)
	if at := w.row("CT1").Report.ClearedAt; at.Before(again.Add(w.clear - time.Second)) {
		t.Errorf("cleared %s after it came again", at.Sub(again))
	}
	if w.inGateway(id) {
		t.Error("it is still in the gateway")
	}
	if now := w.row("CT1").Delivery.Attempts; now != attempts {
		t.Errorf("delivered again: %d attempts, were %d", now, attempts)
	}
	w.mustHaveArrived(1)
}

func TestNothingIsClearedFromAnArchive(t *testing.T) {
	w := newClearingWorld(t, nil)
	w.archive, w.clear = true, time.Millisecond
	w.start()
	id := w.gateway.Store(t, w.report("CT1"))[0]
	w.eventuallyStates("CT1 delivered station_configured")
	w.passedAll("CT2")
	if err := w.gate.Clear(context.Background(), w.row("CT1").Report); err == nil || !strings.Contains(err.Error(), "archive") {
		t.Errorf("error %v", err)
	}
	if !w.inGateway(id) {
		t.Error("it was deleted")
	}
	if n, _ := w.cleared("CT1"); n != 0 {
		t.Error("it counts as cleared")
	}
}

func TestAReportThatARegistryRejectedIsNotCleared(t *testing.T) {
	w := newClearingWorld(t, nil)
	w.clear = time.Millisecond
	w.send = w.stow(refusing(t))
	w.start()
	id := w.gateway.Store(t, w.report("CT1"))[0]
	w.eventuallyStates("CT1 rejected station_configured")
	w.stop()
	w.send = w.stow(w.registry.URL)
	w.start()
	w.passedAll("CT2")
	w.eventuallyCleared("CT2", 1)
	if !w.inGateway(id) {
		t.Error("it was deleted")
	}
}

// TestOtherContentIsNotCleared: what came after the delivery, seen by the feed
// or not, is not what the registry has.
func TestOtherContentIsNotCleared(t *testing.T) {
	w := newClearingWorld(t, map[string]any{"OverwriteInstances": true})
	w.start()
	r := orthanctest.Report{StationName: "CT1", SOPInstanceUID: orthanctest.NewUID(), StudyInstanceUID: orthanctest.NewUID(),
		SeriesInstanceUID: orthanctest.NewUID()}
	id := w.gateway.Store(t, orthanctest.DoseReport(t, r))[0]
	w.eventuallyStates("CT1 delivered station_configured")
	known := w.row("CT1").Report
	r.DoseLengthProduct = "999"
	w.gateway.Store(t, orthanctest.DoseReport(t, r))
	if err := w.gate.Clear(context.Background(), known); err == nil {
		t.Error("cleared what the feed had not shown")
	}
	w.eventually("the feed shows it", func() bool { return w.row("CT1").Report.Digest != known.Digest })
	w.gateway.Store(t, w.report("CT2"))
	w.stations("stations:\n  - name: CT1\n  - name: CT2\n")
	w.eventuallyStates("CT1 delivered station_configured", "CT2 delivered station_configured")
	w.eventuallyCleared("CT2", 1)
	if !w.inGateway(id) {
		t.Error("it was deleted")
	}
}

func TestNothingIsClearedWithoutAGoodStationsList(t *testing.T) {
	w := newClearingWorld(t, nil)
	w.start()
	id := w.gateway.Store(t, w.report("CT1"))[0]
	w.eventuallyStates("CT1 delivered station_configured")
	w.stations("stations: [")
	w.eventually("its time is up and nothing is deleted", func() bool {
		return strings.Contains(w.log.String(), "reports whose time is up stay for now")
	})
	if !w.inGateway(id) {
		t.Error("it was deleted")
	}
	w.stations("stations:\n  - name: CT1\n")
	w.eventuallyCleared("CT1", 1)
}

func TestADeliveredReportThatSomebodyDeletesIsNotWithdrawn(t *testing.T) {
	w := newClearingWorld(t, nil)
	w.start()
	id := w.gateway.Store(t, w.report("CT1"))[0]
	w.eventuallyStates("CT1 delivered station_configured")
	w.gateway.Must(t, "DELETE", "/instances/"+id, nil)
	w.eventuallyCleared("CT1", 1)
	if _, why := w.cleared("CT1"); !strings.Contains(why, "another hand") {
		t.Errorf("the history says: %s", why)
	}
	w.eventuallyStates("CT1 delivered station_configured")
}

func TestAKillAroundClearingIsToldFromAnotherHand(t *testing.T) {
	w := newClearingWorld(t, nil)
	for _, step := range []string{"before seal", "before delete", "after delete"} {
		t.Run(step, func(t *testing.T) {
			w.t, w.dir = t, t.TempDir()
			w.stations("stations:\n  - name: CT1\n")
			id := w.gateway.Store(t, w.report("CT1"))[0]
			w.runUntilKilled(step)
			w.start()
			defer w.stop()
			w.eventuallyCleared("CT1", 1)
			if _, why := w.cleared("CT1"); strings.Contains(why, "another hand") {
				t.Errorf("the history says: %s", why)
			}
			w.eventuallyStates("CT1 delivered station_configured")
			w.eventuallyDeleted("CT1", id)
		})
	}
}

// eventuallyDeleted waits until a station's report has left Orthanc and the history
// says so, as the last thing.
func (w *world) eventuallyDeleted(station, id string) {
	w.t.Helper()
	w.eventually(station+" is deleted and that is noted", func() bool {
		h, err := w.ledger.History(context.Background(), w.row(station).Report.ID)
		must(w.t, err)
		return !w.inGateway(id) && h[len(h)-1].Why == "deleted in Orthanc"
	})
}

// TestAReportThatComesAgainAfterItsDeletionWasSealedStays: what was decided about
// the first one says nothing about the second.
func TestAReportThatComesAgainAfterItsDeletionWasSealedStays(t *testing.T) {
	w := newClearingWorld(t, nil)
	w.holdFor, w.clear = 2*time.Second, 0
	file := w.report("CT9")
	id := w.gateway.Store(t, file)[0]
	w.runUntilKilled("before delete")
	w.open()
	w.eventuallyStates("CT9 expired station_not_configured")
	must(t, w.ledger.Close())
	w.gateway.Must(t, "DELETE", "/instances/"+id, nil)
	wait(1100 * time.Millisecond) // Orthanc notes the second
	w.gateway.Store(t, file)
	p := w.behindProxy(t)
	p.answer("/changes", func(int, []byte) (int, []byte) { return 403, nil }) // the sweep is quicker than the feed
	w.holdFor = 100 * time.Second
	w.start()
	w.eventually("it is noted that it came again", func() bool {
		h, err := w.ledger.History(context.Background(), w.row("CT9").Report.ID)
		must(t, err)
		return strings.Contains(h[len(h)-1].Why, "it had come again")
	})
	if !w.inGateway(id) {
		t.Error("the report that came again was deleted")
	}
	p.answer("/changes", func(status int, body []byte) (int, []byte) { return status, body })
	w.eventuallyStates("CT9 held station_not_configured")
}
