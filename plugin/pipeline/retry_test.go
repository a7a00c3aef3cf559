package pipeline_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/ledger"
)

// passedAll waits for a pass of the sweep that began after now: a report of a
// station that is configured only now goes by it.
func (w *world) passedAll(station string) {
	w.t.Helper()
	w.gateway.Store(w.t, w.report(station))
	w.eventually(station+" is held", func() bool { return w.count(station, ledger.Held) == 1 })
	w.stations("stations:\n  - name: CT1\n  - name: " + station + "\n")
	w.eventually(station+" is released", func() bool { return w.count(station, ledger.Delivered) == 1 })
}

// count says how many rows of a station have a state.
func (w *world) count(station string, state ledger.State) (n int) {
	for _, r := range w.rows() {
		if r.Report.StationName == station && r.State == state {
			n++
		}
	}
	return n
}

func TestANewerDosegateTriesOnceWhatWasUnreadable(t *testing.T) {
	w := newWorld(t, nil)
	w.version = "1"
	p := w.behindProxy(t)
	var broken atomic.Bool
	broken.Store(true)
	id := w.gateway.Store(t, w.report("CT1"))[0]
	asked := atomic.Int32{}
	p.answer("/instances/"+id+"/file", func(status int, body []byte) (int, []byte) {
		asked.Add(1)
		if broken.Load() {
			return 500, nil
		}
		return status, body
	})
	w.start()
	w.eventuallyStates("held unreadable")
	w.passedAll("CT2")
	w.stop()
	asked.Store(0)
	w.start() // the same dosegate does not try again
	w.passedAll("CT3")
	if n := asked.Load(); n != 0 {
		t.Errorf("asked for it %d times without any reason", n)
	}
	w.stop()
	w.version = "2" // does, once, and Orthanc still does not give it out
	w.start()
	w.eventually("tried", func() bool { return asked.Load() > 0 })
	w.passedAll("CT4")
	n := asked.Load()
	w.passedAll("CT5")
	if again := asked.Load(); again != n {
		t.Errorf("asked for it again: %d times, then %d", n, again)
	}
	w.stop()
	broken.Store(false)
	w.version = "3"
	w.start()
	w.eventually("read and delivered", func() bool { return w.count("CT1", ledger.Delivered) == 1 })
}

func TestAnUnreadableReportOfOtherContentIsLeftToAPerson(t *testing.T) {
	w := newWorld(t, nil)
	w.version = "1"
	p := w.behindProxy(t)
	var broken atomic.Bool
	broken.Store(true)
	id := w.gateway.Store(t, w.report("CT1"))[0]
	p.answer("/instances/"+id+"/file", func(status int, body []byte) (int, []byte) {
		if broken.Load() {
			return status, body[:len(body)/2]
		}
		return status, body
	})
	w.start()
	w.eventuallyStates("held unreadable")
	w.stop()
	broken.Store(false)
	w.version = "2"
	w.start()
	w.eventuallyStates("held changed")
	w.mustHaveArrived(0)
}

// A leak is held by hand here, since no report that is made on purpose has one:
// what it is about is who looks again, and when.
func TestOtherDeidentificationTriesOnceWhatLeaked(t *testing.T) {
	w := newWorld(t, nil)
	w.registry.Kill(t)
	w.start()
	w.gateway.Store(t, w.report("CT1"))
	w.eventually("a failed attempt", func() bool { return len(w.rows()) == 1 && w.rows()[0].Delivery.Attempts > 0 })
	w.stop()
	w.open()
	must(t, w.ledger.Hold(context.Background(), w.rows()[0].Report.ID, ledger.Verdict{ReasonCode: "leak", Reason: "not sent"},
		time.Time{}, ledger.ByDeliver))
	must(t, w.ledger.Close())
	w.registry.Restart(t)
	w.start()
	w.passedAll("CT2")
	w.eventuallyStates("CT1 held leak", "CT2 delivered station_configured")
	w.stop()
	w.policy = deid.Strict
	w.start()
	w.eventuallyStates("CT1 delivered station_configured", "CT2 delivered station_configured")
}
