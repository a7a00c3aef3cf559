package pipeline_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanctest"
	"github.com/dosegate/dosegate/plugin/pipeline"
)

// clock is one that a test moves.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) forward(d time.Duration) { c.ahead.Add(int64(d)) }

// delayed is a world that delivers after one to seven days.
func delayed(t *testing.T) (*world, *clock) {
	c := &clock{}
	w := newWorld(t, nil)
	w.now, w.waits = c.now, pipeline.Delay{From: 24 * hour, To: 7 * 24 * hour}
	return w, c
}

func (w *world) storeOf(patient string) {
	w.gateway.Store(w.t, orthanctest.DoseReport(w.t, orthanctest.Report{PatientID: patient}))
}

// waitsOfReports are how long after their reception the reports wait, in order
// of arrival, once the deliverer has put each of them back.
func (w *world) waitsOfReports(n int) (waits []time.Duration) {
	w.t.Helper()
	w.eventually("every report waits for its day", func() bool {
		waits = nil
		for _, r := range w.rows() {
			waits = append(waits, r.Delivery.NextAttemptAt.Sub(r.Report.ReceivedAt))
		}
		return len(waits) == n && slices.Min(waits) >= w.waits.From
	})
	return waits
}

func TestTheFirstDeliveryWaitsAsLongForAllReportsOfAPatient(t *testing.T) {
	w, clock := delayed(t)
	w.start()
	w.storeOf("INVENTED-1")
	w.storeOf("INVENTED-2")
	w.storeOf("INVENTED-1")
	waits := w.waitsOfReports(3)
	slices.Sort(waits)
	if len(slices.Compact(slices.Clone(waits))) != 2 || slices.Max(waits) > w.waits.To {
		t.Errorf("the three reports of two patients wait for %v", waits)
	}
	for _, r := range w.rows() {
		if r.Delivery.Attempts != 0 || r.Delivery.LastError != "" || r.State != ledger.Queued {
			t.Errorf("waiting counts as an attempt: %+v", r.Delivery)
		}
	}
	w.stop()
	clock.forward(time.Hour)
	w.start()
	w.storeOf("INVENTED-2") // the fourth: a patient who comes again after a restart
	again := w.waitsOfReports(4)
	slices.Sort(again)
	if !slices.Equal(slices.Compact(again), slices.Compact(waits)) {
		t.Errorf("after a restart the reports wait for %v, before for %v", again, waits)
	}
	w.mustHaveArrived(0)
	clock.forward(w.waits.To)
	w.eventually("all are delivered", func() bool { return len(w.arrived()) == 4 })
	w.eventually("every delivery is recorded", func() bool {
		return !slices.ContainsFunc(w.rows(), func(r ledger.Row) bool { return r.State != ledger.Delivered || r.Delivery.Attempts != 1 })
	})
}

func TestAReportThatIsReleasedWaitsForItsDayToo(t *testing.T) {
	w, clock := delayed(t)
	w.stations("stations:\n  - name: CT9\n")
	w.start()
	w.storeOf("INVENTED-1")
	w.eventuallyStates("CT1 held station_not_configured")
	w.stations("stations:\n  - name: CT9\n  - name: CT1\n")
	w.waitsOfReports(1)
	w.mustHaveArrived(0)
	clock.forward(w.waits.To)
	w.eventually("it is delivered", func() bool { return len(w.arrived()) == 1 })
}

func TestWhatIsSentAgainDoesNotWait(t *testing.T) {
	w, clock := delayed(t)
	w.start()
	w.storeOf("INVENTED-1")
	w.waitsOfReports(1)
	clock.forward(w.waits.To)
	w.eventually("it is delivered", func() bool { return w.row("CT1").State == ledger.Delivered })
	w.stop()
	w.waits = pipeline.Delay{From: 300 * 24 * hour, To: 400 * 24 * hour}
	w.start()
	must(t, w.ledger.Resend(context.Background(), w.row("CT1").Report.ID, "dir", true, "person:resend"))
	w.eventually("it is sent again", func() bool { return len(w.arrived()) == 2 })
}
