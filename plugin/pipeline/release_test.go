package pipeline_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanctest"
)

// release decides again on the one report of a station as a person would.
func (w *world) release(station string) filter.Verdict {
	w.t.Helper()
	var verdicts []filter.Verdict
	must(w.t, w.gate.HeldOf(context.Background(), station, func(r ledger.Report) error {
		done, err := w.gate.Release(context.Background(), r, "person:release")
		verdicts = append(verdicts, done.Verdict)
		return err
	}))
	if len(verdicts) != 1 {
		w.t.Fatalf("%d reports of station %s to release", len(verdicts), station)
	}
	return verdicts[0]
}

// row gives a station's one row in the ledger.
func (w *world) row(station string) ledger.Row {
	w.t.Helper()
	for _, r := range w.rows() {
		if r.Report.StationName == station {
			return r
		}
	}
	w.t.Fatalf("nothing of station %s", station)
	return ledger.Row{}
}

func TestOnlyAPersonDecidesAnExpiredReportOfAnArchiveAgain(t *testing.T) {
	w := newWorld(t, nil)
	w.archive, w.holdFor = true, time.Second
	w.start()
	w.gateway.Store(t, w.report("CT9"))
	w.eventuallyStates("CT9 expired station_not_configured")
	if v := w.release("ct9"); v.Action != filter.Hold {
		t.Errorf("released by force: %+v", v)
	}
	if h := w.row("CT9").Report; h.State == ledger.Held && h.HeldUntil.Before(time.Now()) {
		t.Errorf("its new wait ends on %v", h.HeldUntil)
	}
	w.eventuallyStates("CT9 expired station_not_configured")
	w.stations("stations:\n  - name: CT1\n  - name: CT9\n")
	w.gateway.Store(t, w.report("CT1")) // when this has arrived, the list is in force
	w.eventuallyStates("CT9 expired station_not_configured", "CT1 delivered station_configured")
	w.stop()
	w.start()
	w.gateway.Store(t, w.report("CT1"))
	w.eventuallyStates("CT9 expired station_not_configured", "CT1 delivered station_configured", "CT1 delivered station_configured")
	if v := w.release(" ct9"); v.Action != filter.Accept {
		t.Errorf("not released: %+v", v)
	}
	w.eventuallyStates("CT9 delivered station_configured", "CT1 delivered station_configured", "CT1 delivered station_configured")
	w.mustHaveArrived(3)
}

func TestAnExpiredReportOfAGatewayIsGone(t *testing.T) {
	w := newWorld(t, nil)
	w.holdFor = time.Second
	w.start()
	w.gateway.Store(t, w.report("CT9"))
	w.eventuallyStates("CT9 expired station_not_configured")
	_, err := w.gate.Release(context.Background(), w.row("CT9").Report, "person:release")
	if err == nil || !strings.Contains(err.Error(), "deleted in source main") {
		t.Errorf("error %v does not say that it is gone", err)
	}
	must(t, w.gate.HeldOf(context.Background(), "CT9", func(ledger.Report) error {
		t.Error("it is offered for release")
		return nil
	}))
}

func TestAnExpiredReportThatIsGoneFromItsArchiveStaysExpired(t *testing.T) {
	w := newWorld(t, nil)
	w.archive, w.holdFor = true, time.Second
	w.start()
	id := w.gateway.Store(t, w.report("CT9"))[0]
	w.eventuallyStates("CT9 expired station_not_configured")
	w.gateway.Must(t, "DELETE", "/instances/"+id, nil)
	_, err := w.gate.Release(context.Background(), w.row("CT9").Report, "person:release")
	if err == nil || !strings.Contains(err.Error(), "is gone from source main") {
		t.Errorf("error %v does not say that it is gone", err)
	}
	w.eventuallyStates("CT9 expired station_not_configured")
}

// overwritten stores a report of a station and then another under its UIDs.
func (w *world) overwritten(station string, between func()) {
	r := orthanctest.Report{StationName: station, SOPInstanceUID: orthanctest.NewUID(), StudyInstanceUID: orthanctest.NewUID(),
		SeriesInstanceUID: orthanctest.NewUID()}
	w.gateway.Store(w.t, orthanctest.DoseReport(w.t, r))
	between()
	r.DoseLengthProduct = "999"
	w.gateway.Store(w.t, orthanctest.DoseReport(w.t, r))
	w.eventuallyStates(station + " held changed")
}

func (w *world) mustHaveArrivedWith(figure string) {
	w.t.Helper()
	w.mustHaveArrived(1)
	file := w.registry.Must(w.t, "GET", "/instances/"+w.registry.Instances(w.t)[0]+"/file", nil)
	if !bytes.Contains(file, []byte(figure)) {
		w.t.Errorf("what arrived is not the report that has the figure %s", figure)
	}
}

func TestAReleasedChangedReportIsSentAsItIsNow(t *testing.T) {
	w := newWorld(t, map[string]any{"OverwriteInstances": true})
	w.start()
	w.overwritten("CT9", func() { w.eventuallyStates("CT9 held station_not_configured") })
	if v := w.release("CT9"); v.ReasonCode != filter.StationNotConfigured {
		t.Errorf("released by force: %+v", v)
	}
	// Held for that now, it waits its time and goes when the station is configured.
	w.eventuallyStates("CT9 held station_not_configured")
	if until := w.row("CT9").Report.HeldUntil; until.Before(time.Now().Add(w.holdFor - time.Minute)) {
		t.Errorf("it expires on %v", until)
	}
	w.stations("stations:\n  - name: CT9\n")
	w.eventuallyStates("CT9 delivered station_configured")
	w.mustHaveArrivedWith("999")
}

// TestAChangeThatTheFeedHasNotShownYetIsReleasedAsItIs has a person quicker
// than the feed: dosegate follows nothing here.
func TestAChangeThatTheFeedHasNotShownYetIsReleasedAsItIs(t *testing.T) {
	w := newWorld(t, map[string]any{"OverwriteInstances": true})
	w.start()
	r := orthanctest.Report{StationName: "CT9", SOPInstanceUID: orthanctest.NewUID(), StudyInstanceUID: orthanctest.NewUID(),
		SeriesInstanceUID: orthanctest.NewUID()}
	w.gateway.Store(t, orthanctest.DoseReport(t, r))
	w.eventuallyStates("CT9 held station_not_configured")
	w.stop()
	r.DoseLengthProduct, r.StationName = "999", "CT1"
	w.gateway.Store(t, orthanctest.DoseReport(t, r))
	w.open()
	if v := w.release("CT9"); v.Action != filter.Accept {
		t.Errorf("not released: %+v", v)
	}
	if got := w.row("CT1"); got.State != ledger.Queued {
		t.Errorf("it is %s", got.State)
	}
	must(t, w.ledger.Close())
	w.start()
	w.eventuallyStates("CT1 delivered station_configured")
	w.mustHaveArrivedWith("999")
}

// refusing is a registry that refuses every report for good (PS3.18 10.5.3).
func refusing(t *testing.T) string {
	s := httptest.NewServer(http.HandlerFunc(func(to http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		to.WriteHeader(http.StatusConflict)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestARejectedReportThatChangedIsOfferedAgainOnceReleased(t *testing.T) {
	w := newWorld(t, map[string]any{"OverwriteInstances": true})
	real := w.send
	w.send = w.stow(refusing(t))
	w.start()
	w.overwritten("CT1", func() { w.eventuallyStates("CT1 rejected station_configured") })
	w.stop()
	w.send = real
	w.start()
	if v := w.release("CT1"); v.Action != filter.Accept {
		t.Errorf("not released: %+v", v)
	}
	w.eventuallyStates("CT1 delivered station_configured")
	w.mustHaveArrivedWith("999")
}

func TestAnUnreadableReportThatCanBeReadNowIsReleased(t *testing.T) {
	w := newWorld(t, nil)
	p := w.behindProxy(t)
	broken := true
	id := w.gateway.Store(t, w.report("CT1"))[0]
	p.answer("/instances/"+id+"/file", func(status int, body []byte) (int, []byte) {
		if broken {
			return status, body[:len(body)/2]
		}
		return status, body
	})
	w.start()
	w.eventuallyStates("held unreadable")
	if v := w.release(""); v.ReasonCode != filter.Unreadable {
		t.Errorf("released by force: %+v", v)
	}
	w.eventuallyStates("held unreadable")
	p.mu.Lock()
	broken = false
	p.mu.Unlock()
	if v := w.release(""); v.Action != filter.Accept {
		t.Errorf("not released: %+v", v)
	}
	w.eventuallyStates("CT1 delivered station_configured")
	if r := w.row("CT1").Report; r.Template != "10011" || r.Kind != "CT" || r.SOPInstance == "" {
		t.Errorf("it is still described as unreadable: %+v", r)
	}
	w.mustHaveArrived(1)
}
