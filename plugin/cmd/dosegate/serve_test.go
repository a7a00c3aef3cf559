package main

import (
	"os"
	"slices"
	"testing"
)

func TestServeMakesItsKeyOnTheFirstStartAndStopsCleanly(t *testing.T) {
	h := newHouse(t)
	h.run(t, "healthcheck").want(t, exitFailed, "does not answer")
	s := h.serve(t)
	h.run(t, "healthcheck").want(t, exitDone, "ok")
	for _, name := range []string{"key", "dosegate.db"} {
		if mode(t, h.path(name)) != 0o600 {
			t.Errorf("mode of %s is %v", name, mode(t, h.path(name)))
		}
	}
	h.run(t, "serve").want(t, exitFailed, h.path("dosegate.db.lock"), "locked by another dosegate serve")
	if code := s.end(); code != exitDone {
		t.Errorf("serve ended with %d on SIGTERM", code)
	}
	h.run(t, "healthcheck").want(t, exitFailed, "does not answer")
}

// Another key, or a new one, would send every report a second time as somebody
// else's.
func TestServeRefusesAnotherKeyAndAMissingOne(t *testing.T) {
	h := newHouse(t)
	h.serve(t).end()
	own := read(t, h.path("key"))
	if err := os.Remove(h.path("key")); err != nil {
		t.Fatal(err)
	}
	h.run(t, "serve").want(t, exitUsage, "is missing, and this installation has one", "put it back")
	h.run(t, "release", "X").want(t, exitUsage, "is missing")
	h.withKey(t)
	h.run(t, "serve").want(t, exitUsage, "is not this installation's")
	h.run(t, "resend", "X").want(t, exitUsage, "is not this installation's")
	write(t, h.path("key"), string(own))
	dosegate(t, "key", "rotate", "-c", h.config).want(t, exitDone)
	h.serve(t).end() // a ring that begins with the known key is the installation's
}

// A whole life: a report is delivered, one waits until its station is
// configured, one is discarded; one is sent again.
func TestCommandsBesideServe(t *testing.T) {
	h := newFullHouse(t)
	s := h.serve(t)
	h.run(t, "check").want(t, exitDone)
	ids := h.store(t, "ct-small.dcm", "dx.dcm", "rf.dcm", "sc-dose-screen.dcm")
	ct, dx, rf := h.report(t, ids[0], "delivered"), h.report(t, ids[1], "held"), h.report(t, ids[2], "held")
	if have := h.sent(t); !slices.Equal(have, []string{ct["sent_sop_instance_uid"].(string)}) {
		t.Errorf("the registry has %v, the ledger says %v", have, ct["sent_sop_instance_uid"])
	}
	h.until(t, "the dose screen is counted", func() bool {
		return slices.ContainsFunc(h.run(t, "stations", "--json").objects(t), func(o map[string]any) bool {
			return o["list"] == "ignored" && o["station_name"] == "CT1"
		})
	})
	t.Run("release does not override the verdict", func(t *testing.T) {
		h.run(t, "release", dx["id"].(string)).want(t, exitFailed, "still held: station dxroom3 is not configured")
		h.run(t, "release", "--station", "dxroom3").want(t, exitFailed, "still held")
	})
	t.Run("discard deletes in the gateway", func(t *testing.T) {
		h.run(t, "discard", "--reason", "a phantom", rf["id"].(string)).want(t, exitDone, "deleted in main")
		h.report(t, ids[2], "expired")
		if slices.Contains(h.gateway.Instances(t), ids[2]) {
			t.Error("the instance is still there")
		}
		h.run(t, "discard", "--reason", "again", rf["id"].(string)).want(t, exitFailed, "only a held report")
	})
	t.Run("resend sends the same object", func(t *testing.T) {
		h.run(t, "resend", ct["id"].(string)).want(t, exitDone, "queued again for dir")
		h.until(t, "it is delivered again", func() bool {
			return h.report(t, ids[0], "delivered")["delivered_at"] != ct["delivered_at"]
		})
		if have := h.sent(t); len(have) != 1 {
			t.Errorf("the registry has %v", have)
		}
	})
	if code := s.end(); code != exitDone {
		t.Errorf("serve ended with %d", code)
	}
	h.stations(t, "stations:\n  - {name: CT1}\n  - {name: dxroom3}\n")
	h.run(t, "release", "--station", "DXROOM3").want(t, exitDone, "released: station dxroom3 is configured")
	h.report(t, ids[1], "queued")
	h.configure(t, "deidentify: {dates: removed}\n")
	h.run(t, "resend", ct["id"].(string)).want(t, exitFailed, "other bytes under the same UID")
	h.run(t, "resend", "--as-new", ct["id"].(string)).want(t, exitDone)
	h.serve(t)
	h.report(t, ids[1], "delivered")
	if again := h.report(t, ids[0], "delivered"); again["sent_sop_instance_uid"] == ct["sent_sop_instance_uid"] {
		t.Error("sent as new, and under the same UID")
	}
	if have := h.sent(t); len(have) != 3 {
		t.Errorf("the registry has %v, want two reports, one of them under two UIDs", have)
	}
}

func TestAReportThatIsGoneFromOrthancIsNotDiscardedButWithdrawn(t *testing.T) {
	h := newFullHouse(t)
	s := h.serve(t)
	ids := h.store(t, "dx.dcm")
	dx := h.report(t, ids[0], "held")
	s.end()
	h.gateway.Must(t, "DELETE", "/instances/"+ids[0], nil)
	h.run(t, "discard", "--reason", "a test", dx["id"].(string)).want(t, exitFailed, "was not deleted: it is withdrawn now")
	h.run(t, "release", dx["id"].(string)).want(t, exitFailed, "is withdrawn")
}

func TestHealthIsAskedOnTheLoopbackOfEveryInterface(t *testing.T) {
	for listen, want := range map[string]string{
		"127.0.0.1:8480": "127.0.0.1:8480", "0.0.0.0:8480": "127.0.0.1:8480", ":8480": "127.0.0.1:8480",
		"[::]:8480": "[::1]:8480", "10.1.2.3:80": "10.1.2.3:80",
	} {
		if have := reachable(listen); have != want {
			t.Errorf("%s is asked at %s, want %s", listen, have, want)
		}
	}
}
