package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanctest"
)

// patienceOfTests bounds every wait; two shared cores can be slow.
const patienceOfTests = 60 * time.Second

// house is a folder with a configuration, and what stands around it.
type house struct {
	dir, config       string
	gateway, registry *orthanctest.Orthanc // nil in a house without
	listen            string
}

// newHouse is one whose Orthanc and registry do not answer.
func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{dir: t.TempDir(), listen: fmt.Sprintf("127.0.0.1:%d", orthanctest.FreePort(t))}
	h.config = filepath.Join(h.dir, "dosegate.yaml")
	h.configure(t, "")
	h.stations(t, "stations:\n  - {name: CT1, facility: \"100001\"}\n")
	return h
}

// newFullHouse is one with a real gateway and a real registry.
func newFullHouse(t *testing.T) *house {
	t.Helper()
	h := newHouse(t)
	h.gateway = orthanctest.Start(t, orthanctest.Options{Config: "gateway.json"})
	h.registry = orthanctest.Start(t, orthanctest.Options{Config: "registry.json"})
	h.configure(t, "")
	return h
}

// configure writes dosegate.yaml, with more settings of other sections.
func (h *house) configure(t *testing.T, settings string) {
	t.Helper()
	url, stow, login := "http://127.0.0.1:1", "http://127.0.0.1:1/dicom-web/studies", ""
	if h.gateway != nil {
		write(t, h.path("gateway.secret"), h.gateway.Password)
		write(t, h.path("registry.secret"), h.registry.Password)
		url, stow = h.gateway.URL, h.registry.URL+"/dicom-web/studies"
		login = "\n    username: " + orthanctest.Username + "\n    password_file: %s.secret"
	}
	in := func(which string) string { return strings.ReplaceAll(login, "%s", which) }
	write(t, h.config, "orthanc:\n  - name: main\n    role: gateway\n    url: "+url+in("gateway")+
		"\nregistries:\n  - name: dir\n    stow: "+stow+in("registry")+
		"\nweb:\n  listen: "+h.listen+"\n"+settings)
}

func (h *house) stations(t *testing.T, list string) {
	t.Helper()
	write(t, h.path("stations.yaml"), list)
}

func (h *house) path(name string) string { return filepath.Join(h.dir, name) }

// run runs a command with the house's configuration.
func (h *house) run(t *testing.T, command string, args ...string) answer {
	t.Helper()
	return dosegate(t, append([]string{command, "-c", h.config}, args...)...)
}

// withKey gives the house a site key.
func (h *house) withKey(t *testing.T) *house {
	t.Helper()
	dosegate(t, "key", "new", h.path("key")).want(t, exitDone)
	return h
}

// record puts a page of reports into the house's ledger.
func (h *house) record(t *testing.T, page ledger.Page) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(t.Context(), h.path("dosegate.db"), ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	if err := l.Record(t.Context(), "main", page); err != nil {
		t.Fatal(err)
	}
	return l
}

// serving is a running dosegate serve.
type serving struct {
	t     *testing.T
	end   func() int
	kill  func()
	ended chan struct{}
	log   *lockedBuffer
	house *house
}

// serve starts serve and waits until it says that it is well.
func (h *house) serve(t *testing.T) *serving {
	t.Helper()
	s := h.begin(t)
	h.until(t, "serve is well", func() bool {
		select {
		case <-s.ended:
			t.Fatalf("serve has ended:\n%s", s.log)
		default:
		}
		return h.run(t, "healthcheck").code == exitDone
	})
	return s
}

// begin starts serve.
func (h *house) begin(t *testing.T) *serving {
	t.Helper()
	cmd := dosegateCommand(t, "serve", "-c", h.config)
	s := &serving{t: t, log: &lockedBuffer{}, house: h}
	cmd.Stderr = s.log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { cmd.Wait(); close(ended) }()
	s.end = sync.OnceValue(func() int {
		cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(patienceOfTests):
			cmd.Process.Kill()
			<-ended
		}
		return cmd.ProcessState.ExitCode()
	})
	s.kill = func() { cmd.Process.Kill(); <-ended }
	t.Cleanup(func() {
		s.end()
		if t.Failed() {
			t.Logf("log of serve:\n%s", s.log)
		}
	})
	s.ended = ended
	return s
}

// until polls until something is so.
func (h *house) until(t *testing.T, what string, so func() bool) {
	t.Helper()
	for give := time.Now().Add(patienceOfTests); !so(); {
		if time.Now().After(give) {
			t.Fatalf("waited in vain until %s:\n%s", what, h.run(t, "reports").stdout)
		}
		pause := time.NewTimer(20 * time.Millisecond)
		select {
		case <-pause.C:
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		}
	}
}

// report waits until the report of an Orthanc ID is in a state.
func (h *house) report(t *testing.T, orthancID, state string) map[string]any {
	t.Helper()
	var found map[string]any
	h.until(t, "a report is "+state, func() bool {
		for _, r := range h.run(t, "reports", "--json").objects(t) {
			if r["orthanc_id"] == orthancID && r["state"] == state {
				found = r
				return true
			}
		}
		return false
	})
	return found
}

// store stores files of testdata/ in the gateway.
func (h *house) store(t *testing.T, names ...string) []string {
	t.Helper()
	var files [][]byte
	for _, name := range names {
		files = append(files, read(t, testdata(name)))
	}
	return h.gateway.Store(t, files...)
}

// sent lists the SOP Instance UIDs that the registry has.
func (h *house) sent(t *testing.T) []string {
	t.Helper()
	var instances []struct {
		MainDicomTags struct{ SOPInstanceUID string }
	}
	h.registry.GetJSON(t, "/instances?expand", &instances)
	var uids []string
	for _, i := range instances {
		uids = append(uids, i.MainDicomTags.SOPInstanceUID)
	}
	return uids
}

func mode(t *testing.T, name string) os.FileMode {
	t.Helper()
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}

// lockedBuffer is a log that is read while it is written.
type lockedBuffer struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.String()
}
