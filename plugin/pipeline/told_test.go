package pipeline_test

import (
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/pipeline"
)

// One Orthanc with the plugin keeps the first copy, and the plugin tells that another
// came. The same report lies in a second source, of which nobody told.
func TestACopyThatOrthancDidNotKeepHoldsWhatIsNotDelivered(t *testing.T) {
	w := newWorld(t, nil)
	w.withPacs()
	w.rdim()
	w.stations("stations:\n  - {name: CT1, registries: [dir, rdim]}\n  - {name: CT2, registries: [rdim]}\n")
	w.waits = pipeline.Delay{From: hour, To: hour} // before the first delivery to dir
	w.start()
	both, gone := w.report("CT1"), w.report("CT2")
	w.pacs.Store(t, both)
	ids := w.gateway.Store(t, both, gone)
	const ct2Delivered = "CT2 delivered station_configured"
	w.eventuallyStates("CT1 queued station_configured", "CT1 queued station_configured", ct1Delivered, ct1Delivered, ct2Delivered)
	for _, id := range append(ids, "unknown") {
		must(t, w.gate.CopyDiffers(t.Context(), id))
	}
	w.eventuallyStates("CT1 held changed", "CT1 held changed", "CT1 delivered changed", "CT1 delivered changed", ct2Delivered)
	for words, want := range map[string]int{"of a report that was delivered": 3, "of a report that is not in the ledger yet": 1} {
		if n := strings.Count(w.log.String(), words); n != want {
			t.Errorf("%q is said %d times, want %d", words, n, want)
		}
	}
}
