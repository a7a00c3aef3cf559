package chaos

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/dosegate/dosegate/plugin/postgrestest"
	"github.com/dosegate/dosegate/plugin/processtest"
)

// member is a dosegate serve that is kept running, as a service manager would.
type member struct {
	dir    string
	listen string
	cable  *postgrestest.Cable // to the ledger; nil with SQLite

	program string
	mu      sync.Mutex
	process *processtest.Process // nil: it is down on purpose
	begun   int
	frozen  bool
	fallen  []string // when it ended though nobody asked it to, or not as asked
}

func (m *member) config() string { return filepath.Join(m.dir, "dosegate.yaml") }
func (m *member) log() string    { return filepath.Join(m.dir, "dosegate.log") }

// start runs serve, and again a second after it ended by itself.
func (m *member) start() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.process != nil {
		return
	}
	p, err := processtest.Start(processtest.Options{LogFile: m.log()}, m.program, "serve", "-c", m.config())
	if err != nil {
		m.fallen = append(m.fallen, err.Error())
		return
	}
	m.process = p
	m.begun++
	go func() {
		<-p.Ended()
		m.mu.Lock()
		asked := m.process != p
		if !asked {
			m.process = nil
			m.fallen = append(m.fallen, "ended by itself with "+exit(p))
		}
		m.mu.Unlock()
		if !asked {
			<-time.After(time.Second)
			m.start()
		}
	}()
}

func exit(p *processtest.Process) string {
	if code := p.ExitCode(); code >= 0 {
		return fmt.Sprintf("exit code %d", code)
	}
	return "a signal"
}

// end ends it by a signal until it is started again; false when it was down.
func (m *member) end(sig syscall.Signal) bool {
	m.mu.Lock()
	p := m.process
	m.process, m.frozen = nil, false
	m.mu.Unlock()
	if p == nil {
		return false
	}
	obeyed := p.End(sig)
	if sig == syscall.SIGTERM && (!obeyed || p.ExitCode() != 0) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.fallen = append(m.fallen, "on SIGTERM ended with "+exit(p))
	}
	return true
}

// freeze stops the process for a time, as a machine that is being moved.
func (m *member) freeze(long time.Duration) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.process
	if p == nil {
		return false
	}
	m.frozen = true
	p.Signal(syscall.SIGSTOP)
	time.AfterFunc(long, func() {
		p.Signal(syscall.SIGCONT)
		m.mu.Lock()
		defer m.mu.Unlock()
		m.frozen = false
	})
	return true
}

func (m *member) up() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.process != nil && !m.frozen
}

func (m *member) troubles() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string(nil), m.fallen...)
}

// health is what it says of itself, "" where it does not answer.
func (m *member) health() string {
	if !m.up() {
		return ""
	}
	resp, err := (&http.Client{Timeout: time.Second}).Get("http://" + m.listen + "/healthz")
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	said, _ := io.ReadAll(resp.Body)
	return string(said)
}

func (m *member) leads() bool {
	said := m.health()
	return said == "ok\n" || said == "ok" || strings.HasPrefix(said, "ok: leads")
}

// logSince is what the log got after a place, and the place after that.
func (m *member) logSince(at int64) (string, int64) {
	f, err := os.Open(m.log())
	if err != nil {
		return "", at
	}
	defer f.Close()
	if _, err := f.Seek(at, io.SeekStart); err != nil {
		return "", at
	}
	text, _ := io.ReadAll(f)
	return string(text), at + int64(len(text))
}
