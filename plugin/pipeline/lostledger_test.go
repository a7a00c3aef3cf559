package pipeline_test

import (
	"context"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/postgrestest"
)

// loseLedger takes the ledger away, as a broken disk would, and leaves the key.
func (w *world) loseLedger() {
	w.t.Helper()
	if os.Getenv(onPostgres) != "" {
		w.databases[w.dir] = postgrestest.Database(w.t)
		return
	}
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(w.address() + end); err != nil && !os.IsNotExist(err) {
			w.t.Fatal(err)
		}
	}
}

// days are when held reports go, by Orthanc ID.
func (w *world) days() map[string]time.Time {
	days := map[string]time.Time{}
	for _, r := range w.rows() {
		days[r.Report.OrthancID] = r.Report.HeldUntil
	}
	return days
}

func TestALostLedgerEndsInTheSameDeliveries(t *testing.T) {
	w := newWorld(t, nil)
	w.stations("stations:\n  - name: CT1\n  - {name: CT3, paused: true}\n")
	w.start()
	w.gateway.Store(t, w.report("CT1"), w.report("CT9"), w.report("CT3"))
	want := []string{ct1Delivered, ct9Held, "CT3 held paused"}
	w.eventuallyStates(want...)
	w.stop()
	w.gateway.Store(t, w.report("CT1")) // in the feed, and in no ledger
	want = append(want, ct1Delivered)
	w.start()
	w.eventuallyStates(want...)
	before, arrived := w.days(), w.arrived()
	w.stop()
	w.loseLedger()
	w.start()
	w.eventuallyStates(want...)
	for id, day := range w.days() {
		if day.Before(before[id]) || day.IsZero() != before[id].IsZero() {
			t.Errorf("a report would go on %s, that was %s before", day, before[id])
		}
	}
	w.mustHaveArrived(2)
	again := w.arrived()
	slices.Sort(arrived)
	slices.Sort(again)
	if !slices.Equal(arrived, again) {
		t.Errorf("the registry has %v, had %v", again, arrived)
	}
	// And once more, in the middle of the work.
	w.stop()
	w.loseLedger()
	w.runUntilKilled("after send")
	w.loseLedger()
	w.start()
	w.eventuallyStates(want...)
	w.mustHaveArrived(2)
	w.stations("stations:\n  - name: CT1\n  - name: CT3\n  - name: CT9\n")
	w.eventuallyStates(ct1Delivered, ct1Delivered, "CT9 delivered station_configured", "CT3 delivered station_configured")
	w.mustHaveArrived(4)
}

// A report that was deleted by the old ledger's will does not come back by the new
// one's: nothing is left of it to be read again.
func TestALostLedgerBringsNothingBackThatExpired(t *testing.T) {
	w := newWorld(t, nil)
	w.holdFor = 2 * time.Second
	w.start()
	id := w.gateway.Store(t, w.report("CT9"))[0]
	w.eventuallyStates("CT9 expired station_not_configured")
	w.eventually("it is gone", func() bool { return !w.inGateway(id) })
	w.stop()
	w.loseLedger()
	w.start()
	w.gateway.Store(t, w.report("CT1"))
	w.eventuallyStates(ct1Delivered)
	if _, known, err := w.ledger.Lookup(context.Background(), "main", id); known || err != nil {
		t.Errorf("known: %v, %v", known, err)
	}
}
