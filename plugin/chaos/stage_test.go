package chaos

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/dosegate/dosegate/plugin/orthanctest"
	"github.com/dosegate/dosegate/plugin/postgrestest"
)

// stage is all that runs.
type stage struct {
	t        *testing.T
	dir      string
	program  string // dosegate
	gateway  *orthanctest.Orthanc
	registry *orthanctest.Orthanc
	proxy    *proxy
	server   *postgrestest.Server // nil with SQLite
	database string               // of the server
	members  []*member
	markers  *markers
}

// newStage starts everything but the dosegates. A folder of "" is a temporary one.
func newStage(t *testing.T, o options) *stage {
	s := &stage{t: t, dir: o.keep, markers: newMarkers()}
	if s.dir == "" {
		s.dir = t.TempDir()
	}
	must(t, os.MkdirAll(s.dir, 0o700))
	s.program = filepath.Join(s.dir, "dosegate")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", s.program, "../cmd/dosegate")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build dosegate: %v\n%s", err, out)
	}
	s.gateway = orthanctest.Start(t, orthanctest.Options{Config: "gateway.json"})
	s.registry = orthanctest.Start(t, orthanctest.Options{Config: "registry.json"})
	s.proxy = newProxy(t, s.registry.URL, o.seed, s.markers)
	if o.ledger == "postgres" {
		s.server = postgrestest.Start(t)
		s.database = s.server.Database(t)
	}
	for n := range o.dosegates {
		s.members = append(s.members, s.newMember(n+1))
	}
	s.sameKeys()
	t.Cleanup(func() {
		s.endAll()
		for name, log := range map[string]string{"gateway.log": s.gateway.LogFile, "registry.log": s.registry.LogFile} {
			if text, err := os.ReadFile(log); err == nil {
				os.WriteFile(filepath.Join(s.dir, name), text, 0o600)
			}
		}
	})
	return s
}

// newMember makes the folder of a dosegate.
func (s *stage) newMember(n int) *member {
	m := &member{dir: filepath.Join(s.dir, fmt.Sprintf("dosegate-%d", n)), program: s.program,
		listen: fmt.Sprintf("127.0.0.1:%d", orthanctest.FreePort(s.t))}
	ledger := "sqlite:dosegate.db"
	if s.server != nil {
		m.cable = postgrestest.NewCable(s.t, s.database)
		ledger = m.cable.URL
	}
	s.furnish(m.dir, ledger, m.listen)
	return m
}

// furnish writes what an administrator would.
func (s *stage) furnish(dir, ledger, listen string) {
	must(s.t, os.MkdirAll(dir, 0o700))
	for name, content := range map[string]string{
		"gateway.secret": s.gateway.Password, "registry.secret": s.registry.Password, "stations.yaml": stationsList,
		"dosegate.yaml": fmt.Sprintf(`orthanc:
  - {name: main, role: gateway, url: %q, username: %s, password_file: gateway.secret}
registries:
  - {name: dir, stow: %q, username: %s, password_file: registry.secret}
ledger: %q
web: {listen: %q}
`, s.gateway.URL, orthanctest.Username, s.proxy.URL+"/dicom-web/studies", orthanctest.Username, ledger, listen),
	} {
		must(s.t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
}

// sameKeys gives those that share a ledger one key, and the person a folder from
// which the ledger is always reached.
func (s *stage) sameKeys() {
	if s.server == nil {
		return // serve makes it
	}
	s.furnish(s.office(), s.database, "127.0.0.1:1")
	key := filepath.Join(s.office(), "key")
	if out, err := exec.CommandContext(s.t.Context(), s.program, "key", "new", key).CombinedOutput(); err != nil {
		s.t.Fatalf("make a key: %v\n%s", err, out)
	}
	text, err := os.ReadFile(key)
	must(s.t, err)
	for _, m := range s.members {
		must(s.t, os.WriteFile(filepath.Join(m.dir, "key"), text, 0o600))
	}
}

// office is the folder of the configuration that the person's commands use.
func (s *stage) office() string {
	if s.server == nil {
		return s.members[0].dir
	}
	return filepath.Join(s.dir, "office")
}

// ledgerAddress is where the ledger is, without any cable.
func (s *stage) ledgerAddress() string {
	if s.server == nil {
		return filepath.Join(s.office(), "dosegate.db")
	}
	return s.database
}

// leader is the dosegate that works, nil while none does.
func (s *stage) leader() *member {
	for _, m := range s.members {
		if m.leads() {
			return m
		}
	}
	return nil
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
