package pipeline_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/registry"
)

// allMarked says whether nothing in the gateway is still to be marked.
func (w *world) allMarked() bool {
	all, err := w.ledger.Unmarked(context.Background(), "main", "", 1)
	must(w.t, err)
	return len(all) == 0
}

func TestMarksThatAStopCameBeforeAreWrittenAtTheNextStart(t *testing.T) {
	w := newWorld(t, nil)
	id := w.gateway.Store(t, w.report("CT1"))[0]
	w.runUntilKilled("after delivered")
	w.start()
	w.eventually("marked as delivered", func() bool { return w.metadata(id, "4801") == "delivered" })
}

func TestWhatAnotherProcessDoesIsMarkedToo(t *testing.T) {
	w := newWorld(t, nil)
	var mended atomic.Bool
	w.send = &choosy{w.send, func(registry.Object) error {
		if mended.Load() {
			return nil
		}
		return &registry.Error{Kind: registry.Rejected, Op: "it rejects the report", Receipt: registry.Receipt{Status: 409}}
	}}
	w.start()
	id := w.gateway.Store(t, w.report("CT1"))[0]
	w.eventually("marked as rejected", func() bool { return w.metadata(id, "4801") == "rejected" })
	mended.Store(true)
	other, err := ledger.Open(t.Context(), w.address(), ledger.Options{Marked: []string{"main"}})
	must(t, err)
	defer other.Close()
	must(t, other.Resend(t.Context(), w.rows()[0].Report.ID, "dir", false, "person:olga"))
	w.eventually("marked as delivered", func() bool { return w.metadata(id, "4801") == "delivered" })
}

func TestMarksThatOrthancRefusesHoldNobodyUpAndAreToldOnce(t *testing.T) {
	w := newWorld(t, nil)
	p := w.behindProxy(t)
	first := w.gateway.Store(t, w.report("CT1"))[0]
	p.answer("PUT /instances/"+first+"/metadata/4801", func(int, []byte) (int, []byte) { return 500, []byte("{}") })
	w.start()
	var others []string
	for range 3 {
		others = append(others, w.gateway.Store(t, w.report("CT1"))[0])
	}
	for _, id := range others {
		w.eventually("the others are marked", func() bool { return w.metadata(id, "4801") == "delivered" })
	}
	if n := strings.Count(w.log.String(), "cannot mark a report"); n != 1 {
		t.Errorf("that one report cannot be marked is told %d times", n)
	}
	w.stop()
	p.answer("PUT /instances/"+first+"/metadata/4801", func(status int, body []byte) (int, []byte) { return status, body })
	w.start()
	w.eventually("it is marked when Orthanc takes it", func() bool { return w.metadata(first, "4801") == "delivered" })
}

func TestWhatIsGoneFromOrthancIsNotMarked(t *testing.T) {
	w := newWorld(t, nil)
	id := w.gateway.Store(t, w.report("CT9"))[0]
	w.runUntilKilled("after record")
	w.gateway.Must(t, "DELETE", "/instances/"+id, nil)
	w.start()
	w.eventually("nothing is left to mark", w.allMarked)
}
