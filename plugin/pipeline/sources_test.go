package pipeline_test

import (
	"context"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/pipeline"
)

const (
	ct1Delivered = "CT1 delivered station_configured"
	ct9Held      = "CT9 held station_not_configured"
)

func TestAFeedThatWasEmptiedLosesNoReport(t *testing.T) {
	w := newWorld(t, nil)
	w.start()
	w.gateway.Store(t, w.report("CT1"))
	w.eventuallyStates(ct1Delivered)
	w.stop()
	w.gateway.Store(t, w.report("CT1"), w.report("CT9"))
	w.gateway.Must(t, "DELETE", "/changes", nil)
	w.start()
	w.eventuallyStates(ct1Delivered, ct1Delivered, ct9Held)
	w.stop()
	w.gateway.Store(t, w.report("CT1"))
	w.gateway.Must(t, "DELETE", "/changes", nil)
	w.gateway.Store(t, w.report("CT9")) // the feed goes on behind the gap
	w.start()
	w.eventuallyStates(ct1Delivered, ct1Delivered, ct1Delivered, ct9Held, ct9Held)
	w.mustHaveArrived(3)
}

// A gateway may have lived before dosegate came, with its feed emptied now and then.
func TestAFirstStartFindsWhatAnEmptiedFeedDoesNotTellOf(t *testing.T) {
	w := newWorld(t, nil)
	w.gateway.Store(t, w.report("CT1"))
	w.gateway.Must(t, "DELETE", "/changes", nil)
	w.start()
	w.eventuallyStates(ct1Delivered)
	w.mustHaveArrived(1)
}

// TestAnArchiveThatIsFollowedFromNowOnGivesNothingOlder also when its feed was
// emptied, and when it is read again from the start.
func TestAnArchiveThatIsFollowedFromNowOnGivesNothingOlder(t *testing.T) {
	w := newWorld(t, nil)
	w.archive, w.since = true, pipeline.Since{Now: true}
	w.gateway.Store(t, w.report("CT1"), w.report("CT9"))
	wait(1100 * time.Millisecond) // Orthanc notes the second
	w.start()
	w.eventually("it follows", func() bool { return strings.Contains(w.log.String(), "following the source for the first time") })
	w.gateway.Store(t, w.report("CT2"))
	w.eventuallyStates("CT2 held station_not_configured")
	w.stop()
	w.gateway.Store(t, w.report("CT3"))
	w.gateway.Must(t, "DELETE", "/changes", nil)
	w.start()
	w.eventuallyStates("CT2 held station_not_configured", "CT3 held station_not_configured")
	w.stop()
	w.gateway.Stop(t)
	w.gateway.Replace(t, "")
	w.gateway.Restart(t)
	w.gateway.Store(t, w.report("CT4"))
	w.start()
	w.eventuallyStates("CT2 held station_not_configured", "CT3 held station_not_configured", "CT4 held station_not_configured")
	w.mustHaveArrived(0)
}

// TestARestoredBackupIsReadFromTheStart has reports that came since the backup
// vanish, others come back that were deleted since, and new ones under old numbers.
func TestARestoredBackupIsReadFromTheStart(t *testing.T) {
	w := newWorld(t, nil)
	w.start()
	early := w.report("CT1")
	w.gateway.Store(t, early, w.report("CT9"))
	w.eventuallyStates(ct1Delivered, ct9Held)
	w.gateway.Stop(t)
	backup := t.TempDir()
	must(t, os.CopyFS(backup, os.DirFS(w.gateway.Storage)))
	w.gateway.Restart(t)
	w.gateway.Store(t, w.report("CT1"), w.report("CT8"))
	w.eventuallyStates(ct1Delivered, ct1Delivered, ct9Held, "CT8 held station_not_configured")
	w.gateway.Stop(t)
	w.gateway.Replace(t, backup)
	w.gateway.Restart(t)
	w.gateway.Store(t, w.report("CT1"))
	w.eventually("the new one is delivered", func() bool { return w.count("CT1", "delivered") == 3 })
	w.stop()
	w.start() // a round at once
	w.eventuallyStates(ct1Delivered, ct1Delivered, ct1Delivered, ct9Held, "CT8 withdrawn station_not_configured")
	w.mustHaveArrived(3)
}

// TestANewDatabaseIsToldFromTheOldOneThoughItsNumbersAreHigher: nobody looked while
// it grew past where the old one was read up to.
func TestANewDatabaseIsToldFromTheOldOneThoughItsNumbersAreHigher(t *testing.T) {
	w := newWorld(t, nil)
	w.start()
	w.gateway.Store(t, w.report("CT1"))
	w.eventually("delivered and marked", func() bool { return w.metadata(w.gateway.Instances(t)[0], "4801") == "delivered" })
	w.stop()
	w.gateway.Stop(t)
	w.gateway.Replace(t, "")
	w.gateway.Restart(t)
	for range 8 {
		w.gateway.Store(t, w.report("CT1"))
	}
	w.start()
	w.eventually("all of the new database are delivered", func() bool { return w.count("CT1", "delivered") == 9 })
	w.mustHaveArrived(9)
}

func TestAnOrthancWithAnEmptyVolumeWithdrawsNothing(t *testing.T) {
	w := newWorld(t, nil)
	w.registry.Kill(t)
	w.start()
	for range 3 {
		w.gateway.Store(t, w.report("CT9"))
	}
	w.gateway.Store(t, w.report("CT1"))
	w.eventually("a failed attempt", func() bool { return len(w.rows()) == 4 && w.row("CT1").Delivery.Attempts > 0 })
	w.gateway.Stop(t)
	volume := w.gateway.Replace(t, "")
	w.gateway.Restart(t)
	w.registry.Restart(t)
	missing := func() bool {
		_, is, err := pipeline.MissingFrom(context.Background(), w.ledger, "main")
		must(t, err)
		return is
	}
	w.eventually("it is seen that reports are missing", missing)
	w.stop()
	w.start() // a round at once, and an attempt
	w.gateway.Store(t, w.report("CT1"))
	w.eventuallyStates(ct9Held, ct9Held, ct9Held, ct1Delivered, "CT1 queued station_configured")
	if !missing() || strings.Count(w.log.String(), "reports of the source are missing") != 1 {
		t.Errorf("it is not said, or not once:\n%s", w.log)
	}
	// The right volume is back, and everything goes on.
	w.gateway.Stop(t)
	w.gateway.Replace(t, volume)
	w.gateway.Restart(t)
	w.eventually("the reports are back", func() bool { return !missing() })
	w.stations("stations:\n  - name: CT1\n  - name: CT9\n")
	w.eventually("all are delivered", func() bool { return w.count("CT9", "delivered") == 3 && w.count("CT1", "delivered") == 2 })
	w.mustHaveArrived(5)
}

// What a person deletes, also a good part, is withdrawn as ever.
func TestManyReportsThatAPersonDeletesAreWithdrawn(t *testing.T) {
	w := newWorld(t, nil)
	w.start()
	var ids []string
	for range 20 {
		ids = append(ids, w.gateway.Store(t, w.report("CT9"))...)
	}
	w.eventually("all are held", func() bool { return w.count("CT9", "held") == 20 })
	for _, id := range ids[:9] {
		w.gateway.Must(t, "DELETE", "/instances/"+id, nil)
	}
	w.stop()
	w.start()
	w.eventually("they are withdrawn", func() bool { return w.count("CT9", "withdrawn") == 9 })
	w.stop() // else a pass may come when only some are gone
	for _, id := range ids[9:] {
		w.gateway.Must(t, "DELETE", "/instances/"+id, nil)
	}
	w.start()
	w.eventually("all being gone is noticed", func() bool {
		_, is, err := pipeline.MissingFrom(context.Background(), w.ledger, "main")
		must(t, err)
		return is
	})
	if n := w.count("CT9", "held"); n != 11 {
		t.Errorf("%d are held still, want 11", n)
	}
	// A person says that they are lost.
	src := w.gate.Sources[0]
	gone, looked, err := w.gate.AllMissing(context.Background(), src)
	must(t, err)
	if len(gone) != 11 || looked != 11 {
		t.Errorf("%d of %d are gone", len(gone), looked)
	}
	n, err := w.gate.Lost(context.Background(), src, gone, "person:missing")
	if n != 11 || err != nil {
		t.Errorf("%d are withdrawn, %v", n, err)
	}
	w.gateway.Store(t, w.report("CT1"))
	w.eventually("it goes on", func() bool { return w.count("CT1", "delivered") == 1 && w.count("CT9", "withdrawn") == 20 })
}

// TestASourceThatAnswersGarbageChangesNothing has a proxy answer in Orthanc's place
// with all that a proxy may say.
func TestASourceThatAnswersGarbageChangesNothing(t *testing.T) {
	w := newWorld(t, nil)
	w.registry.Kill(t)
	p := w.behindProxy(t)
	w.start()
	w.gateway.Store(t, w.report("CT1"), w.report("CT9"))
	w.eventually("a failed attempt", func() bool { return len(w.rows()) == 2 && w.row("CT1").Delivery.Attempts > 0 })
	w.registry.Restart(t)
	var asked atomic.Int32
	for name, answer := range map[string]func(int, []byte) (int, []byte){
		"a login page":    func(int, []byte) (int, []byte) { return 200, []byte("<html>Invented^Ida, please log in</html>") },
		"half an answer":  func(status int, body []byte) (int, []byte) { return status, body[:len(body)/2] },
		"nothing":         func(int, []byte) (int, []byte) { return 200, nil },
		"an empty object": func(int, []byte) (int, []byte) { return 200, []byte("{}") },
		"null":            func(int, []byte) (int, []byte) { return 200, []byte("null") },
		"not found":       func(int, []byte) (int, []byte) { return 404, []byte("<html>no such page</html>") },
		"Orthanc's not found": func(int, []byte) (int, []byte) {
			return 404, []byte(`{"HttpStatus":404,"OrthancStatus":17}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			asked.Store(0)
			p.answer("", func(status int, body []byte) (int, []byte) {
				asked.Add(1)
				return answer(status, body)
			})
			w.stop()
			w.start() // a pass, a round and an attempt at once
			w.eventually("it was asked", func() bool { return asked.Load() > 20 })
			w.eventuallyStates("CT1 queued station_configured", ct9Held)
		})
	}
	w.t = t
	p.answer("", func(status int, body []byte) (int, []byte) { return status, body })
	w.eventuallyStates(ct1Delivered, ct9Held)
	w.mustHaveArrived(1)
	if strings.Contains(w.log.String(), "Ida") {
		t.Error("the log quotes the answers")
	}
}

// TestASourceThatWasDownForDaysLosesNothing lets every clock go on by twenty days
// while Orthanc does not answer.
func TestASourceThatWasDownForDaysLosesNothing(t *testing.T) {
	w := newWorld(t, nil)
	c := &clock{}
	w.now, w.steady = c.now, c.now
	p := w.behindProxy(t)
	p.answer("/tools/now", func(int, []byte) (int, []byte) {
		return http.StatusOK, []byte(c.now().UTC().Format("20060102T150405"))
	})
	w.registry.Kill(t)
	w.start()
	w.gateway.Store(t, w.report("CT1"), w.report("CT9"))
	w.eventually("a failed attempt", func() bool { return len(w.rows()) == 2 && w.row("CT1").Delivery.Attempts > 0 })
	w.gateway.Kill(t)
	w.registry.Restart(t)
	for range 20 {
		c.forward(24 * time.Hour)
		n := w.row("CT1").Delivery.Attempts
		w.eventually("another attempt", func() bool { return w.row("CT1").Delivery.Attempts > n })
	}
	w.eventuallyStates("CT1 queued station_configured", ct9Held)
	w.gateway.Restart(t)
	w.eventually("CT1 is delivered", func() bool { return w.count("CT1", "delivered") == 1 }) // CT9 may expire before that
	c.forward(2 * time.Minute)                                                                // the next pass
	w.eventuallyStates(ct1Delivered, "CT9 expired station_not_configured")
	w.mustHaveArrived(1)
}
