package pipeline_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
)

func TestARegistryThatRefusesUsIsPausedInTheLedgerUntilItTakesReports(t *testing.T) {
	w := newWorld(t, nil)
	real := w.send
	closed := httptest.NewServer(http.HandlerFunc(func(to http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		to.WriteHeader(http.StatusUnauthorized)
	}))
	t.Cleanup(closed.Close)
	w.send = w.stow(closed.URL)
	w.gateway.Store(t, w.report("CT1"))
	w.start()
	pauses := func() []ledger.Pause {
		list, err := w.ledger.Pauses(context.Background())
		must(t, err)
		return list
	}
	w.eventually("the registry is paused", func() bool { return len(pauses()) == 1 })
	if p := pauses()[0]; p.Registry != "dir" || p.Refusals != 1 || p.Why == "" || p.Until.Before(time.Now()) {
		t.Errorf("the pause is %+v", p)
	}
	w.stop()
	w.send = real
	w.now = func() time.Time { return time.Now().Add(5 * time.Minute) }
	w.start()
	w.eventuallyStates("CT1 delivered station_configured")
	w.eventually("the pause is over", func() bool { return len(pauses()) == 0 })
}

func TestAClockThatWasSetBackBeforeTheStartIsNoticed(t *testing.T) {
	w := newWorld(t, nil)
	w.gateway.Store(t, w.report("CT9"))
	w.start()
	w.eventuallyStates("CT9 held station_not_configured")
	w.stop()
	w.now = func() time.Time { return time.Now().Add(-24 * time.Hour) }
	w.start()
	w.eventually("it is said", func() bool { return strings.Contains(w.log.String(), "the clock is behind the last time") })
}
