package pipeline_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/orthanctest"
	"github.com/dosegate/dosegate/plugin/pipeline"
)

// What persons can do beside the loops.

func TestAQueueWaitsAsLongAsAPersonHasPausedItsRegistry(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t, nil)
	w.prepare = func() {
		must(t, pipeline.StopRegistry(ctx, w.ledger, "dir", pipeline.Stop{At: time.Now(), Why: "it moves", By: "person:olga"}))
	}
	w.gateway.Store(t, w.report("CT1"))
	w.start()
	w.eventuallyStates("CT1 queued station_configured")
	stop, stopped, err := pipeline.Stopped(ctx, w.ledger, "dir")
	if err != nil || !stopped || stop.Why != "it moves" || stop.By != "person:olga" {
		t.Errorf("%+v, %t, %v", stop, stopped, err)
	}
	w.stop()
	w.prepare = func() {}
	w.start() // a start does not end it
	w.gateway.Store(t, w.report("CT9"))
	w.eventuallyStates("CT1 queued station_configured", "CT9 held station_not_configured")
	if r := w.rows(); r[len(r)-1].Delivery.Attempts != 0 {
		t.Errorf("%+v", r)
	}
	must(t, pipeline.ResumeRegistry(ctx, w.ledger, "dir", "it has moved", "person:olga"))
	w.eventuallyStates("CT1 delivered station_configured", "CT9 held station_not_configured")
	if _, stopped, err := pipeline.Stopped(ctx, w.ledger, "dir"); stopped || err != nil {
		t.Errorf("%t, %v", stopped, err)
	}
}

func TestWhatAListWouldDoIsForeseenAndHappens(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t, nil)
	w.prepare = func() { // so that something stays queued
		must(t, pipeline.StopRegistry(ctx, w.ledger, "dir", pipeline.Stop{At: time.Now(), Why: "a test", By: "person:test"}))
	}
	// The maker's name is not the patient's here: what is withheld cannot be foreseen.
	of := func(station string) []byte {
		return orthanctest.DoseReport(t, orthanctest.Report{StationName: station, PatientName: "Nobody^Ida", PatientID: "NOBODY-1"})
	}
	w.gateway.Store(t, of("CT1"), of("CT9"), of("CT9"), of("DX"), w.report("CT9"))
	w.start()
	w.eventuallyStates("CT1 queued station_configured", "CT9 held station_not_configured", "CT9 held station_not_configured", "CT9 held station_not_configured", "DX held station_not_configured")
	const after = "stations:\n  - {name: CT1, paused: true}\n  - name: CT9\n"
	list, err := filter.ParseStations([]byte(after), []string{"dir"})
	must(t, err)
	rules := &filter.Filter{Templates: []string{"10011"}, Stations: list}
	p, err := pipeline.Foresee(ctx, w.ledger, rules, []string{"dir"})
	must(t, err)
	if len(p.Released) != 1 || len(p.HeldBack) != 1 {
		t.Fatalf("%+v", p)
	}
	if got := fmt.Sprintf("%d %s %d %v %s %d %s %d %d", len(p.Released), p.Released[0].Station, p.Released[0].Count, p.Released[0].Registries, p.Released[0].Kind, len(p.HeldBack), p.HeldBack[0].Station, p.HeldBack[0].Count, p.Unsure); got != "1 CT9 2 [dir] CT 1 CT1 1 1" {
		t.Errorf("%s: %+v", got, p)
	}
	w.stations(after)
	w.eventuallyStates("CT1 held paused", "CT9 queued station_configured", "CT9 queued station_configured", "CT9 queued station_configured", "DX held station_not_configured")
	again, err := pipeline.Foresee(ctx, w.ledger, rules, []string{"dir"})
	if err != nil || len(again.Released)+len(again.HeldBack) != 0 {
		t.Errorf("%+v, %v", again, err)
	}
}

func TestAProlongedWaitIsMarkedInOrthanc(t *testing.T) {
	w := newWorld(t, nil)
	id := w.gateway.Store(t, w.report("CT9"))[0]
	w.start()
	w.eventuallyStates("CT9 held station_not_configured")
	r := w.rows()[0].Report
	until := r.HeldUntil.Add(30 * 24 * hour)
	must(t, w.gate.Prolong(context.Background(), r, until, "vacation", "person:olga"))
	day := until.UTC().Format(time.DateOnly)
	w.eventually("the mark has the new day", func() bool {
		return strings.Contains(w.metadata(id, "4803"), day)
	})
}
