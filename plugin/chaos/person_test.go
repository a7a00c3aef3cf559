package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// person is who looks after the installation, by the means that dosegate gives:
// what was rejected is sent again by the command resend, and when the log says
// that the registry refuses everything, because of the 401 that the proxy says,
// the dosegate is restarted, as after a password was mended.
type person struct {
	*stage
	read     map[*member]int64 // how far each log
	resent   int
	restarts int
	failed   []string // commands
}

// tend looks every second until the context ends.
func (p *person) tend(ctx context.Context) {
	p.read = make(map[*member]int64)
	for round := 0; ; round++ {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
		}
		for _, m := range p.members {
			p.endPause(m)
		}
		if round%3 == 0 {
			p.resend(ctx)
		}
	}
}

const refusesAll = "the registry refuses every report"

func (p *person) endPause(m *member) {
	said, at := m.logSince(p.read[m])
	p.read[m] = at
	if strings.Contains(said, refusesAll) && m.up() {
		p.restarts++
		m.end(syscall.SIGTERM)
		m.start()
	}
}

func (p *person) resend(ctx context.Context) {
	out, ok := p.command(ctx, "reports", "--state", "rejected", "--json")
	if !ok {
		return
	}
	for lines := json.NewDecoder(bytes.NewReader(out)); lines.More(); {
		var r struct{ ID string }
		if err := lines.Decode(&r); err != nil {
			p.t.Errorf("read reports --json: %v", err)
			return
		}
		if _, ok := p.command(ctx, "resend", r.ID); ok {
			p.resent++
		}
	}
}

// command runs one of dosegate's.
func (p *person) command(ctx context.Context, name string, args ...string) ([]byte, bool) {
	args = append([]string{name, "-c", filepath.Join(p.office(), "dosegate.yaml")}, args...)
	cmd := exec.CommandContext(ctx, p.program, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil && ctx.Err() == nil {
		p.failed = append(p.failed, fmt.Sprintf("%s: %s", name, strings.TrimSpace(stderr.String())))
	}
	return out, err == nil
}
