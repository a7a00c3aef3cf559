// Package orthanctest gives tests a real Orthanc: Debian's, on free loopback
// ports, with its own storage that goes when the test ends.
//
//	o := orthanctest.Start(t, orthanctest.Options{Config: "gateway.json"})
//	ids := o.Store(t, orthanctest.DoseReport(t, orthanctest.Report{}))
//	o.Kill(t)    // as a power cut would
//	o.Restart(t) // same ports, same storage
//
// It configures Orthanc with the files that the project ships, so every test
// that uses it also tests those.
package orthanctest

import (
	"crypto/rand"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/processtest"
)

// Username is the one user of every Orthanc that Start starts.
const Username = "tester"

// Options says what Orthanc to start. The zero value is one with Orthanc's own
// defaults.
type Options struct {
	Config  string         // a file of orthanc-config/, such as "gateway.json"
	Overlay map[string]any // keys of Orthanc's configuration that win over Config
	Env     []string       // "KEY=value", beside the test's own environment
}

// Orthanc is a running one, or one that was stopped and may run again.
type Orthanc struct {
	URL       string // of the REST API, without a slash at the end
	Password  string // of Username; another one in every Orthanc
	HTTPPort  int
	DICOMPort int
	AET       string // its AE title
	LogFile   string // all that it wrote since the first start
	Storage   string // its storage directory, with the index in it

	env     []string
	config  string // the file that it was started with
	process *processtest.Process
}

// deadline bounds every wait of this package: two shared cores can be slow, but
// an Orthanc that needs longer is broken.
const deadline = 60 * time.Second

// Start starts an Orthanc and waits until it answers. The test ends it.
func Start(t testing.TB, o Options) *Orthanc {
	t.Helper()
	requireOrthanc(t)
	dir := t.TempDir()
	srv := &Orthanc{
		Password: rand.Text(), LogFile: filepath.Join(dir, "orthanc.log"), Storage: filepath.Join(dir, "storage"),
		config: filepath.Join(dir, "orthanc.json"), env: o.Env,
	}
	settings := settingsFor(t, o, srv.Password, srv.Storage)
	srv.AET, _ = settings["DicomAet"].(string)
	t.Cleanup(func() {
		srv.end(os.Kill) // its storage goes too, so there is nothing to end well
		if t.Failed() {
			t.Logf("the end of Orthanc's log:\n%s", tail(srv.LogFile))
		}
	})
	// Between finding a free port and Orthanc taking it, another may be faster.
	for range 5 {
		srv.HTTPPort, srv.DICOMPort = FreePort(t), FreePort(t)
		srv.URL = "http://127.0.0.1:" + strconv.Itoa(srv.HTTPPort)
		settings["HttpPort"], settings["DicomPort"] = srv.HTTPPort, srv.DICOMPort
		writeJSON(t, srv.config, settings)
		if srv.run(t) {
			return srv
		}
	}
	t.Fatalf("Orthanc does not start:\n%s", tail(srv.LogFile))
	return nil
}

// PID is the number of the running process.
func (o *Orthanc) PID() int { return o.process.PID() }

// Stop ends Orthanc as its service manager would.
func (o *Orthanc) Stop(t testing.TB) {
	t.Helper()
	if !o.end(os.Interrupt) {
		t.Fatalf("Orthanc did not end by itself within %s", deadline)
	}
}

// Kill ends Orthanc by SIGKILL.
func (o *Orthanc) Kill(t testing.TB) {
	t.Helper()
	o.end(os.Kill)
}

// Replace puts other files in the place of the storage of one that is stopped, those
// of a folder or none, and moves what was there into a folder of its own, whose path
// it gives.
func (o *Orthanc) Replace(t testing.TB, with string) (was string) {
	t.Helper()
	was = filepath.Join(t.TempDir(), "storage")
	err := os.Rename(o.Storage, was)
	if err == nil && with != "" {
		err = os.CopyFS(o.Storage, os.DirFS(with))
	}
	if err != nil {
		t.Fatalf("replace the storage: %v", err)
	}
	return was
}

// Restart starts a stopped or killed Orthanc again, and stops a running one
// before: the same ports, the same storage.
func (o *Orthanc) Restart(t testing.TB) {
	t.Helper()
	o.end(os.Interrupt)
	for give := time.Now().Add(deadline); time.Now().Before(give); {
		if o.run(t) { // fails for as long as the system still holds the ports
			return
		}
	}
	t.Fatalf("Orthanc does not start again:\n%s", tail(o.LogFile))
}

// run starts the process and waits for the first answer; false when the process
// ends before.
func (o *Orthanc) run(t testing.TB) bool {
	t.Helper()
	p, err := processtest.Start(processtest.Options{LogFile: o.LogFile, Env: o.env}, orthancPath(), o.config)
	if err != nil {
		t.Fatalf("start Orthanc: %v", err)
	}
	o.process = p
	for give := time.Now().Add(deadline); time.Now().Before(give); {
		select {
		case <-p.Ended():
			return false
		case <-time.After(20 * time.Millisecond):
		}
		// The password tells it from a stranger on the same port.
		if o.answers() {
			return true
		}
	}
	t.Fatalf("Orthanc does not answer:\n%s", tail(o.LogFile))
	return false
}

func (o *Orthanc) answers() bool {
	req, err := http.NewRequest(http.MethodGet, o.URL+"/system", nil)
	if err != nil {
		return false
	}
	req.SetBasicAuth(Username, o.Password)
	resp, err := (&http.Client{Timeout: 5 * time.Second}).Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// end sends the signal, and SIGKILL when that does not help in time.
func (o *Orthanc) end(sig os.Signal) (obeyed bool) {
	if o.process == nil {
		return true
	}
	obeyed = o.process.End(sig)
	o.process = nil
	return obeyed
}

// FreePort returns a TCP port of the loopback that is free now, from below those
// that the kernel gives to outgoing connections: who is killed finds it free again.
func FreePort(t testing.TB) int {
	t.Helper()
	for range 100 {
		port := 20000 + mathrand.N(12000)
		l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port))
		if err == nil {
			l.Close()
			return port
		}
	}
	t.Fatal("find a free port: none of a hundred was")
	return 0
}

// requireOrthanc skips where Orthanc is missing, so that `go test ./...` works
// in a newcomer's clone; scripts/test installs it and asks for it.
func requireOrthanc(t testing.TB) {
	t.Helper()
	if orthancPath() != "" {
		return
	}
	const missing = "Orthanc is not installed: run ./scripts/test"
	if os.Getenv("DOSEGATE_TEST_REQUIRE") == "1" {
		t.Fatal(missing)
	}
	t.Skip(missing)
}

// orthancPath finds Debian's Orthanc, whose folder is not on a user's PATH, unless
// DOSEGATE_TEST_ORTHANC names another one.
func orthancPath() string {
	if path := os.Getenv("DOSEGATE_TEST_ORTHANC"); path != "" {
		return path
	}
	for _, name := range []string{"Orthanc", "/usr/sbin/Orthanc"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

func tail(file string) string {
	b, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return strings.Join(lines[max(0, len(lines)-25):], "\n")
}
