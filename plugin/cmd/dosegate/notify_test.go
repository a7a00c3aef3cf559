package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/smtptest"
)

// heldReport is one that waits.
func heldReport(station, code string, until time.Time) ledger.Page {
	return ledger.Page{Seq: 1, Reports: []ledger.Seen{{Report: ledger.Report{OrthancID: "an-orthanc-id", Seq: 1, State: ledger.Held, ReasonCode: code, Reason: "invented",
		StationName: station, Template: "10001", Kind: "DX", Input: []byte(`{"station_name":"` + station + `"}`), Digest: "d", ReceivedAt: time.Now(), HeldUntil: until}}}}
}

// serve tells by both ways what needs somebody, and measures it.
func TestServeTellsByMailAndWebhook(t *testing.T) {
	h := newHouse(t)
	var mu sync.Mutex
	var hooked []string
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var m struct{ Subject, Text string }
		json.NewDecoder(r.Body).Decode(&m) // what cannot be read is no subject
		mu.Lock()
		defer mu.Unlock()
		hooked = append(hooked, m.Subject+"\n"+m.Text)
	}))
	defer hook.Close()
	told := func() []string {
		mu.Lock()
		defer mu.Unlock()
		return hooked
	}
	post := smtptest.Start(t, "none", "", "")
	h.configure(t, "notify:\n  site: Invented\n  mail: {server: \""+post.Address+"\", tls: none, from: dosegate@a.example, to: [pacs@a.example]}\n  webhook: {url: \""+hook.URL+"\"}\n")
	h.run(t, "notify").want(t, exitFailed, "")
	h.run(t, "notify", "--test").want(t, exitDone, "mail: a test was sent", "webhook: a test was sent")
	h.record(t, heldReport("dxroom3", "station_not_configured", time.Now().Add(48*time.Hour)))
	s := h.serve(t)
	h.until(t, "both have told", func() bool { return len(post.Mails()) == 2 && len(told()) == 2 })
	h.run(t, "notify").want(t, exitDone, "reports_expire", "station_unknown", "dxroom3")
	if text := h.metrics(t); !strings.Contains(text, "dosegate_leader 1\n") || !strings.Contains(text, "dosegate_expiry_suspended 1\n") || !strings.Contains(text, "dosegate_held_reports") {
		t.Error(text)
	}
	s.end()
	for _, text := range []string{post.Mails()[1], told()[1]} {
		if !strings.Contains(text, "Dosegate Invented: 2 things need attention") || !strings.Contains(text, "Station dxroom3: 1 report expires soon") || strings.Contains(text, "an-orthanc-id") {
			t.Error(text)
		}
	}
	if a := h.run(t, "check"); !regexp.MustCompile(`mail server +ok`).MatchString(a.stdout) {
		t.Error(a.stdout)
	}
	post.Stop()
	h.run(t, "notify", "--test").want(t, exitFailed, "mail: FAILED", "webhook: a test was sent")
}

// metrics asks as Prometheus does, from this machine before there are users.
func (h *house) metrics(t *testing.T) string {
	t.Helper()
	return h.api(t, "", "GET", "/page/metrics", "").stdout
}
