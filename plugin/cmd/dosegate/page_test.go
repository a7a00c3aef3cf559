package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/browsertest"
	"github.com/dosegate/dosegate/plugin/ledger"
)

const pagePassword = "an invented password"

// link is the first operator's link in the log of serve.
func (s *serving) link(t *testing.T) (url string) {
	t.Helper()
	found := regexp.MustCompile(`link=(\S+)`)
	s.house.until(t, "the log has the link", func() bool {
		if m := found.FindStringSubmatch(s.log.String()); m != nil {
			url = strings.Trim(m[1], `"`)
		}
		return url != ""
	})
	return url
}

// firstOperator opens a browser and sets the first password.
func (s *serving) firstOperator(t *testing.T) *browsertest.Tab {
	t.Helper()
	tab := browsertest.Open(t, browsertest.Options{})
	tab.Go(s.link(t))
	tab.Fill("input[name=name]", "olga")
	tab.Fill("input[name=password]", pagePassword)
	tab.Fill("input[name=again]", pagePassword)
	tab.Click("button.main")
	tab.Sees(".me", "olga")
	return tab
}

// A first day, with a real Orthanc, a real registry and a real browser: the first
// operator comes in, a report of an unknown station waits, its station is
// configured, and it leaves; the registry goes down and comes back.
func TestTheFirstDayOnThePage(t *testing.T) {
	h := newFullHouse(t)
	h.stations(t, "# Ours.\nstations:\n  - {name: CT1}   # room 3\n")
	s := h.serve(t)
	url := "http://" + h.listen
	tab := s.firstOperator(t)
	tab.Sees("main", "What to do on the first day")
	tab.Sees("#sources", "Orthanc 1.")
	dx := h.store(t, "dx.dcm")[0]
	tab.Sees("#waits", "dxroom3")
	tab.Go(url + "/stations")
	tab.Sees("#seen", "dxroom3")
	tab.Click("#seen a.main")
	tab.Sees("main", "Its last report said")
	tab.Click("form.card button.main")
	tab.Sees(".will", "1 report (DX) of dxroom3 will be released to dir")
	tab.Click("form.inline button.main")
	tab.Sees(".note.good", "1 report will be released")
	tab.Go(url + "/reports")
	tab.Run("window.same = true", nil)
	tab.Sees("#rows", "delivered")
	h.report(t, dx, "delivered")
	same := false
	if tab.Run("window.same === true", &same); !same {
		t.Error("the page was loaded again as a whole")
	}
	if list := string(read(t, h.path("stations.yaml"))); list != "# Ours.\nstations:\n  - {name: CT1}   # room 3\n  - name: dxroom3\n" {
		t.Errorf("stations.yaml is\n%s", list)
	}

	tab.Go(url + "/")
	tab.Sees("#registries", "working")
	h.registry.Stop(t)
	h.store(t, "ct-small.dcm")
	tab.Sees("#registries", "waiting")
	tab.Sees("#answers", "Registry dir does not take reports, 1 waits")
	h.registry.Restart(t)
	tab.Sees("#registries", "working")
	tab.Sees("#answers", "2 reports came and 2 were delivered")

	s.end()
	tab.Sees("#live", "connection lost")
	h.serve(t)
	tab.Sees("h1", "Log in") // sessions end with serve
}

// What persons do at the page is done in Orthanc, with its reason in the history;
// and no page or answer has anything of the patients'.
func TestActsOnThePage(t *testing.T) {
	h := newFullHouse(t)
	write(t, h.path("pw"), pagePassword)
	h.passwd(t, "olga", "--role", "operator").want(t, exitDone, "is set")
	token := strings.TrimSpace(h.run(t, "passwd", "--token", "--role", "operator", "program").want(t, exitDone).stdout)
	h.serve(t)
	files := []string{"ct-small.dcm", "ct-identities.dcm", "rf-identities.dcm", "dx.dcm", "rf.dcm", "nm.dcm", "mg.dcm", "sc-dose-screen.dcm", "ct-names-in-protocol.dcm"}
	ids := h.store(t, files...)
	ct, rf, dx := h.report(t, ids[0], "delivered")["id"].(string), h.report(t, ids[2], "held")["id"].(string), h.report(t, ids[3], "held")["id"].(string)
	h.report(t, ids[5], "held")
	h.report(t, ids[6], "held")
	h.report(t, ids[8], "delivered")

	if a := h.api(t, token, "POST", "/reports/"+dx+"/release", "reason=somebody+asked"); a.code != http.StatusConflict || !strings.Contains(a.stdout, "still held: station dxroom3 is not configured") {
		t.Errorf("release: %+v", a)
	}
	if a := h.api(t, token, "POST", "/reports/"+rf+"/discard", "reason=a+phantom"); a.code != http.StatusOK {
		t.Errorf("discard: %+v", a)
	}
	if slices.Contains(h.gateway.Instances(t), ids[2]) {
		t.Error("what was deleted is still there")
	}
	h.run(t, "history", rf).want(t, exitDone, "a phantom", "person:program")
	if a := h.api(t, token, "POST", "/reports/"+ct+"/resend", "reason=they+lost+it"); a.code != http.StatusOK {
		t.Errorf("resend: %+v", a)
	}
	h.run(t, "history", ct).want(t, exitDone, "they lost it", "sent again")
	if a := h.api(t, token, "POST", "/registries/dir/pause", "reason=it+moves"); a.code != http.StatusOK {
		t.Errorf("pause: %+v", a)
	}
	h.store(t, "ct-40-events.dcm")
	h.until(t, "it is queued", func() bool {
		return strings.Contains(h.api(t, token, "GET", "/registries", "").stdout, `"queued":1`)
	})
	if a := h.api(t, token, "POST", "/registries/dir/resume", "reason=moved"); a.code != http.StatusOK {
		t.Errorf("resume: %+v", a)
	}
	h.until(t, "it is delivered", func() bool {
		return strings.Contains(h.api(t, token, "GET", "/registries", "").stdout, `"queued":0`)
	})
	if a := h.api(t, token, "POST", "/registries/dir/test", ""); !strings.Contains(a.stdout, `"step":"Login and STOW-RS","well":true`) {
		t.Errorf("the way: %s", a.stdout)
	}
	screen := "/orthanc/instances/" + ids[7]
	h.says(t, token, screen, `"has":true,"words":"has it, and no structured report in it"`)
	h.says(t, token, "/orthanc/instances/"+ids[0], `"state":"delivered"`, `"page":"/reports/`+ct+`"`)
	h.says(t, token, "/reports/"+ct, `{"name":"CTDIvol","value":"48.83","unit":"mGy"}`, `"actions":{"kept":`)
	h.nothingOfThePatients(t, token, files, screen, "/page"+screen)
	h.says(t, token, "/page/metrics", `dosegate_source_last_read_timestamp_seconds{source="main"} 1`, `dosegate_delivery_changes_total{registry="dir",state="delivered"} `,
		`dosegate_reports{source="main",state="accepted",station="CT1"} `, `dosegate_held_reports{reason="station_not_configured",station="(other)"} `)
}

// passwd sets a password from a pipe.
func (h *house) passwd(t *testing.T, name string, args ...string) answer {
	t.Helper()
	cmd := dosegateCommand(t, append([]string{"passwd", "-c", h.config, name}, args...)...)
	var out bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(pagePassword+"\n"), &out, &out
	cmd.Run() // its exit code is looked at
	return answer{cmd.ProcessState.ExitCode(), out.String(), ""}
}

// api asks the API; the answer's code is the HTTP status.
func (h *house) api(t *testing.T, token, method, path, form string) answer {
	t.Helper()
	if !strings.HasPrefix(path, "/reports.csv") && !strings.HasPrefix(path, "/dictionary.csv") && !strings.HasPrefix(path, "/page") {
		path = "/api/v1" + path
	}
	r, err := http.NewRequest(method, "http://"+h.listen+strings.TrimPrefix(path, "/page"), strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, string(body), ""}
}

// says fails where an answer of the API lacks a text.
func (h *house) says(t *testing.T, token, path string, texts ...string) {
	t.Helper()
	a := h.api(t, token, "GET", path, "")
	for _, text := range texts {
		if !strings.Contains(a.stdout, text) {
			t.Errorf("%s: %q is not in %s", path, text, a.stdout)
		}
	}
}

// A report of an unknown station is seen to run out on the page.
func TestAReportExpiresBeforeTheEyes(t *testing.T) {
	h := newFullHouse(t)
	h.configure(t, "holding: {for: 12s}\n")
	tab := h.serve(t).firstOperator(t)
	id := h.store(t, "dx.dcm")[0]
	tab.Go("http://" + h.listen + "/reports")
	tab.Sees("#rows", "dxroom3 is not configured; expires in 1 minute")
	tab.Sees("#rows", "expired")
	tab.Click("#rows a")
	tab.Sees("#timeline", "its time was up (station_not_configured)")
	if slices.Contains(h.gateway.Instances(t), id) {
		t.Error("it is still in the gateway")
	}
}

func TestPasswdChangesTheUsersFile(t *testing.T) {
	h := newHouse(t)
	h.passwd(t, "olga", "--role", "boss").want(t, exitUsage, "neither viewer nor operator")
	h.passwd(t, "olga").want(t, exitDone, "the password of olga is set")
	first := string(read(t, h.path("users.yaml")))
	h.passwd(t, "olga", "--role", "operator").want(t, exitDone)
	if again := string(read(t, h.path("users.yaml"))); again == first || !strings.Contains(again, "role: operator") || strings.Contains(again, pagePassword) {
		t.Errorf("the users file is\n%s", again)
	}
	if info, err := os.Stat(h.path("users.yaml")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	h.run(t, "check").want(t, exitFailed, "1 users, 0 tokens")
	h.passwd(t, "olga", "--remove").want(t, exitDone, "is removed")
	h.passwd(t, "olga", "--remove").want(t, exitUsage, "no user or token olga")
	h.run(t, "check").want(t, exitFailed, "nobody may log in")
}

// What the README says of the API works as it stands there.
func TestTheExamplesOfTheAPIWork(t *testing.T) {
	h := newHouse(t)
	token := strings.TrimSpace(h.run(t, "passwd", "--token", "--role", "operator", "program").want(t, exitDone).stdout)
	held := ledger.Seen{Report: ledger.Report{OrthancID: "an-id", Seq: 1, State: ledger.Held, ReasonCode: "station_not_configured", Reason: "station dxroom3 is not configured",
		StationName: "dxroom3", Template: "10001", Kind: "DX", Input: []byte(`{"station_name":"dxroom3","template":"10001"}`), Digest: "d", SOPInstance: "2.25.1",
		ReceivedAt: time.Now(), HeldUntil: time.Now().Add(time.Hour)}}
	h.record(t, ledger.Page{Seq: 1, Reports: []ledger.Seen{held}})
	h.serve(t)
	_, block, ok := strings.Cut(string(read(t, filepath.Join("..", "..", "..", "README.md"))), "```sh\ncurl")
	block, _, end := strings.Cut(block, "```")
	if !ok || !end {
		t.Fatal("the README has no examples")
	}
	lines := strings.Split(strings.TrimSpace("curl"+block), "\n")
	if len(lines) < 5 {
		t.Fatalf("only %d examples", len(lines))
	}
	for _, line := range lines {
		cmd := exec.Command("sh", "-c", line)
		cmd.Env = append(os.Environ(), "TOKEN="+token, "PAGE=http://"+h.listen)
		if out, err := cmd.Output(); err != nil || !json.Valid(out) {
			t.Errorf("%s: %v\n%s", line, err, out)
		}
	}
}
