package pipeline_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanctest"
	"github.com/dosegate/dosegate/plugin/pipeline"
)

// withPacs gives the world a second source.
func (w *world) withPacs() {
	w.pacs = orthanctest.Start(w.t, orthanctest.Options{Config: "archive.json"})
}

func TestAReportInTwoSourcesIsOneAtTheRegistry(t *testing.T) {
	w := newWorld(t, nil)
	w.withPacs()
	w.start()
	file := w.report("CT1")
	w.gateway.Store(t, file)
	w.pacs.Store(t, file)
	w.eventuallyStates(ct1Delivered, ct1Delivered)
	w.mustHaveArrived(1)
}

// A key that was changed between the two makes the second no other object.
func TestAReportInTwoSourcesIsOneAlsoWhenTheKeyWasChanged(t *testing.T) {
	w := newWorld(t, nil)
	w.withPacs()
	w.start()
	file := w.report("CT1")
	w.gateway.Store(t, file)
	w.eventuallyStates(ct1Delivered)
	w.stop()
	path := w.dir + "/key"
	ring, err := deid.LoadKeyring(path)
	must(t, err)
	wait(1100 * time.Millisecond) // keys begin at a second
	must(t, ring.Rotate(time.Now()))
	must(t, ring.Save(path, false))
	wait(1100 * time.Millisecond)
	w.start()
	w.pacs.Store(t, file)
	w.eventuallyStates(ct1Delivered, ct1Delivered)
	w.mustHaveArrived(1)
}

// Somebody on the way changed one of them. The registry would keep the first and say
// nothing; where the change is in what does not leave, it has both.
func TestOtherContentInASecondSourceIsToldAndNotSentUnderTheSameUID(t *testing.T) {
	for what, c := range map[string]struct {
		change func(*orthanctest.Report)
		state  string
	}{
		"a figure": {func(r *orthanctest.Report) { r.DoseLengthProduct = "999" }, "CT1 rejected station_configured"},
		"a name":   {func(r *orthanctest.Report) { r.PatientName = "Invented^Ida^Corrected" }, ct1Delivered},
	} {
		t.Run(what, func(t *testing.T) {
			w := newWorld(t, nil)
			w.withPacs()
			w.start()
			r := aReport()
			w.gateway.Store(t, orthanctest.DoseReport(t, r))
			w.eventuallyStates(ct1Delivered)
			c.change(&r)
			w.pacs.Store(t, orthanctest.DoseReport(t, r))
			w.eventuallyStates(ct1Delivered, c.state)
			i := slices.IndexFunc(w.rows(), func(r ledger.Row) bool { return r.State == ledger.Rejected })
			if i >= 0 && !strings.Contains(w.rows()[i].Delivery.LastError, "with other bytes, from another source") {
				t.Errorf("the reason is %q", w.rows()[i].Delivery.LastError)
			}
			w.mustHaveToldOfOtherContent()
			w.mustHaveArrived(1)
		})
	}
}

func TestAReportOverwrittenAfterItWasDeliveredIsTold(t *testing.T) {
	w := newWorld(t, map[string]any{"OverwriteInstances": true})
	w.start()
	r := aReport()
	w.gateway.Store(t, orthanctest.DoseReport(t, r))
	w.eventuallyStates(ct1Delivered)
	r.DoseLengthProduct = "999"
	w.gateway.Store(t, orthanctest.DoseReport(t, r))
	w.mustHaveToldOfOtherContent()
	w.eventuallyStates(ct1Delivered)
	w.mustHaveArrived(1)
}

// aReport may come a second time: it has the UIDs that it keeps then.
func aReport() orthanctest.Report {
	return orthanctest.Report{StationName: "CT1", SOPInstanceUID: orthanctest.NewUID(), StudyInstanceUID: orthanctest.NewUID(),
		SeriesInstanceUID: orthanctest.NewUID()}
}

func (w *world) mustHaveToldOfOtherContent() {
	w.t.Helper()
	w.eventually("the log tells of other content", func() bool {
		return strings.Contains(w.log.String(), "level=ERROR msg=\"a report came with other content than its registry has")
	})
}

// Somebody on the way changed one of them; only a person can say which is right.
func TestCopiesWithOtherContentWaitForAPersonUntilOneIsReleased(t *testing.T) {
	for _, way := range []string{"two sources", "one source, and another patient ID"} {
		t.Run(way, func(t *testing.T) {
			w := newWorld(t, nil)
			w.withPacs()
			w.waits = pipeline.Delay{From: hour, To: hour}
			w.start()
			r := aReport()
			first := w.gateway.Store(t, orthanctest.DoseReport(t, r))[0]
			w.eventuallyStates("CT1 queued station_configured")
			r.DoseLengthProduct = "999"
			if way == "two sources" {
				w.pacs.Store(t, orthanctest.DoseReport(t, r))
			} else {
				r.PatientID = "CHANGED-BY-A-MONITOR"
				w.gateway.Store(t, orthanctest.DoseReport(t, r))
			}
			w.eventuallyStates("CT1 held changed", "CT1 held changed")
			w.stop()
			w.waits = pipeline.Delay{}
			w.start()
			i := slices.IndexFunc(w.rows(), func(r ledger.Row) bool { return r.Report.OrthancID == first && r.Report.Source == "main" })
			if _, err := w.gate.Release(t.Context(), w.rows()[i].Report, "person:olga"); err != nil {
				t.Fatal(err)
			}
			w.eventuallyStates(ct1Delivered, "CT1 held changed")
			w.mustHaveArrived(1)
		})
	}
}
