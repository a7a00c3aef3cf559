//go:build native

package main_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/doorbell"
	"github.com/dosegate/dosegate/plugin/orthanctest"
)

// library builds the plugin once, as scripts/build-native does.
var library = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "dosegate-native")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "dosegate.so")
	out, err := exec.Command("../../scripts/build-native", path).CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	return path, err
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := library(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// dosegate hears the bell and has a page.
type dosegate struct {
	*httptest.Server
	heard chan doorbell.Message
}

func newDosegate(t *testing.T) *dosegate {
	d := &dosegate{heard: make(chan doorbell.Message, 1000)}
	mux := http.NewServeMux()
	mux.Handle("/doorbell", doorbell.Handler(func() (string, error) { return "secret", nil }, func(m doorbell.Message) { d.heard <- m }))
	mux.HandleFunc("/dosegate/api/v1/orthanc/{level}/{id}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		state := "held"
		if r.PathValue("level") == "instances" {
			state = "" // none is known
		}
		fmt.Fprintf(w, `{"state": %q, "words": "1 dose report of this <b>study</b>: 1 held."}`, state)
	})
	mux.HandleFunc("/dosegate/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'")
		if r.URL.Path == "/dosegate/elsewhere" {
			http.Redirect(w, r, "/dosegate/", http.StatusSeeOther)
			return
		}
		fmt.Fprintf(w, "%s asks for %s with %q", r.Header.Get("Authorization"), r.URL.Path, r.URL.Query().Get("q"))
	})
	d.Server = httptest.NewServer(mux)
	t.Cleanup(d.Close)
	return d
}

// orthanc starts an Orthanc with the plugin and these settings of it.
func orthanc(t *testing.T, url string, settings map[string]any) *orthanctest.Orthanc {
	t.Helper()
	path, err := library()
	if err != nil {
		t.Fatal(err)
	}
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	section := map[string]any{"Url": url, "TokenFile": token, "WindowTokenFile": token}
	for key, value := range settings {
		section[key] = value
	}
	return orthanctest.Start(t, orthanctest.Options{Config: "gateway.json", Overlay: map[string]any{"Plugins": []string{path}, "Dosegate": section}})
}

// rings waits for a message of an event.
func (d *dosegate) rings(t *testing.T, event doorbell.Event) doorbell.Message {
	t.Helper()
	patience := time.After(20 * time.Second)
	for {
		select {
		case m := <-d.heard:
			if m.Event == event {
				return m
			}
		case <-patience:
			t.Fatalf("nobody rang for %d", event)
		}
	}
}

// quiet takes what was rung.
func (d *dosegate) quiet() (n int) {
	for {
		select {
		case <-d.heard:
			n++
		default:
			return n
		}
	}
}

func image(t *testing.T) []byte {
	t.Helper()
	return orthanctest.DoseReport(t, orthanctest.Report{SOPClassUID: "1.2.840.10008.5.1.4.1.1.7"}) // secondary capture, whatever is in it
}

func TestAStoredReportRingsAndAnImageDoesNot(t *testing.T) {
	t.Parallel()
	d := newDosegate(t)
	o := orthanc(t, d.URL, nil)
	d.rings(t, doorbell.Stored) // of the connection
	o.StoreSCU(t, "CT1", orthanctest.DoseReport(t, orthanctest.Report{}))
	d.rings(t, doorbell.Stored)
	o.Store(t, image(t))
	o.StoreSCU(t, "CT1", orthanctest.DoseReport(t, orthanctest.Report{})) // after it, so that its ring would have come
	d.rings(t, doorbell.Stored)
	if n := d.quiet(); n != 0 {
		t.Errorf("%d rings more than reports", n)
	}
}

func TestTheDoorRefusesWhatIsNoDoseReportAndCountsIt(t *testing.T) {
	t.Parallel()
	d := newDosegate(t)
	o := orthanc(t, d.URL, map[string]any{"Door": true})
	file := filepath.Join(t.TempDir(), "image.dcm")
	if err := os.WriteFile(file, image(t), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _ := exec.Command("storescu", "-v", "-aet", "SCREENS", "-aec", o.AET, "127.0.0.1", fmt.Sprint(o.DICOMPort), file).CombinedOutput()
	if !bytes.Contains(out, []byte("SOPClassNotSupported")) && !bytes.Contains(out, []byte("0x0122")) {
		t.Errorf("storescu was told\n%s", out)
	}
	if m := d.rings(t, doorbell.Refused); m.Sender != "SCREENS" || m.Count != 1 {
		t.Errorf("dosegate was told %+v", m)
	}
	o.StoreSCU(t, "CT1", orthanctest.DoseReport(t, orthanctest.Report{}))
	if got := len(o.Instances(t)); got != 1 {
		t.Errorf("Orthanc has %d instances, want the report alone", got)
	}
}

func TestASecondCopyWithAnotherContentIsTold(t *testing.T) {
	t.Parallel()
	d := newDosegate(t)
	o := orthanc(t, d.URL, nil)
	r := orthanctest.Report{SOPInstanceUID: orthanctest.NewUID(), StudyInstanceUID: orthanctest.NewUID(), SeriesInstanceUID: orthanctest.NewUID(), DoseLengthProduct: "123.4"}
	first := orthanctest.DoseReport(t, r)
	o.StoreSCU(t, "CT1", first)
	o.StoreSCU(t, "CT1", first) // the same again is no change
	r.DoseLengthProduct = "999.9"
	o.StoreSCU(t, "CT1", orthanctest.DoseReport(t, r))
	m := d.rings(t, doorbell.Changed)
	if ids := o.Instances(t); len(ids) != 1 || m.Instance != ids[0] {
		t.Errorf("told of %q, Orthanc has %v", m.Instance, ids)
	}
	for range d.quiet() {
		t.Error("it was told more than once, or of the same copy")
	}
}

func TestTheWindowShowsThePagesForReading(t *testing.T) {
	t.Parallel()
	d := newDosegate(t)
	o := orthanc(t, d.URL, map[string]any{"Window": true})
	for path, want := range map[string]string{
		"/dosegate/":                        `Bearer secret asks for /dosegate/ with ""`,
		"/dosegate/stations?q=a%2Bb%20%25c": `Bearer secret asks for /dosegate/stations with "a+b %c"`,
		"/dosegate/reports/7":               `Bearer secret asks for /dosegate/reports/7 with ""`,
	} {
		if got := string(o.Must(t, http.MethodGet, path, nil)); got != want {
			t.Errorf("%s shows %q, want %q", path, got, want)
		}
	}
	if status, _ := o.Do(t, http.MethodPost, "/dosegate/stations", []byte("x")); status != http.StatusMethodNotAllowed {
		t.Errorf("a POST has the status %d", status)
	}
	d.Close()
	if status, body := o.Do(t, http.MethodGet, "/dosegate/", nil); status != http.StatusBadGateway || !strings.Contains(string(body), "does not answer") {
		t.Errorf("without dosegate: %d %s", status, body)
	}
}

func TestOrthancLivesWhateverIsWrongWithThePlugin(t *testing.T) {
	t.Parallel()
	hanging, err := net.Listen("tcp", "127.0.0.1:0") // takes connections, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer hanging.Close()
	for name, c := range map[string]struct {
		url      string
		settings map[string]any
		says     string
	}{
		"no URL":             {"", nil, "Url is not of the form"},
		"an unknown key":     {"http://127.0.0.1:1", map[string]any{"Dor": true}, "Dor"},
		"no token":           {"http://127.0.0.1:1", map[string]any{"TokenFile": "/not-there"}, "/not-there"},
		"nobody there":       {"http://127.0.0.1:1", nil, "does not reach dosegate"},
		"somebody who hangs": {"http://" + hanging.Addr().String(), nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := orthanc(t, c.url, c.settings)
			o.StoreSCU(t, "CT1", orthanctest.DoseReport(t, orthanctest.Report{}))
			o.Stop(t)
			log, err := os.ReadFile(o.LogFile)
			if err != nil || !bytes.Contains(log, []byte(c.says)) {
				t.Errorf("the log does not say %q (%v)", c.says, err)
			}
			o.Restart(t)
			if got := len(o.Instances(t)); got != 1 {
				t.Errorf("%d instances", got)
			}
		})
	}
}

// Twenty stops by SIGTERM while reports come in.
//
// On a machine with free cores an Orthanc 1.10 then waits for a thread for ever, and it
// is not known yet whether for one of its own or because of the plugin: until that is
// understood, only who asks for it runs this.
func TestOrthancEndsWhenItIsToldWhileReportsComeIn(t *testing.T) {
	if os.Getenv("DOSEGATE_TEST_STOPS") == "" {
		t.Skip("known to hang: set DOSEGATE_TEST_STOPS to look into it")
	}
	t.Parallel()
	d := newDosegate(t)
	o := orthanc(t, d.URL, nil)
	stop := make(chan struct{})
	var sending sync.WaitGroup
	sending.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			req, _ := http.NewRequest(http.MethodPost, o.URL+"/instances", bytes.NewReader(orthanctest.DoseReport(t, orthanctest.Report{})))
			req.SetBasicAuth(orthanctest.Username, o.Password)
			if resp, err := http.DefaultClient.Do(req); err == nil {
				_, _ = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
		}
	})
	for range 20 {
		o.Stop(t)
		o.Restart(t)
	}
	close(stop)
	sending.Wait()
	if len(o.Instances(t)) == 0 {
		t.Error("nothing came in")
	}
}
