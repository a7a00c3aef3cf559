package metrics_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/metrics"
)

const folder = "../../docker/monitoring"

// promtool runs the checker that comes with Prometheus.
func promtool(t *testing.T, in io.Reader, args ...string) {
	t.Helper()
	if _, err := exec.LookPath("promtool"); err != nil {
		if os.Getenv("DOSEGATE_TEST_REQUIRE") != "" {
			t.Fatal("there is no promtool: install Debian's prometheus")
		}
		t.Log("there is no promtool: not checked by it")
		return
	}
	cmd := exec.Command("promtool", args...)
	cmd.Stdin, cmd.Dir = in, folder
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// used finds metrics in expressions.
var used = regexp.MustCompile(`\b(?:dosegate|process|go)_[a-z_]+\b|\bup\b`)

func isMetric(name string) bool {
	return name == "up" || name == "process_resident_memory_bytes" || slices.ContainsFunc(metrics.Table, func(m metrics.Metric) bool { return m.Name == name })
}

func TestTheAlertRulesAreRightAndUseMetricsThatThereAre(t *testing.T) {
	promtool(t, nil, "check", "rules", "dosegate.rules.yml")
	promtool(t, nil, "test", "rules", "dosegate.rules.test.yml")
	promtool(t, nil, "check", "config", "--syntax-only", "prometheus.yml")
	for _, file := range []string{"dosegate.rules.yml", "dosegate.rules.test.yml"} {
		text, err := os.ReadFile(filepath.Join(folder, file))
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for line := range strings.Lines(string(text)) {
			if !strings.Contains(line, "expr: ") && !strings.Contains(line, "series: ") {
				continue
			}
			for _, name := range used.FindAllString(line, -1) {
				if found++; !isMetric(name) {
					t.Errorf("%s: there is no metric %s", file, name)
				}
			}
		}
		if found < 15 {
			t.Errorf("%s: only %d metrics", file, found)
		}
	}
}

func TestTheDashboardIsRightAndUsesMetricsThatThereAre(t *testing.T) {
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	text, err := os.ReadFile(filepath.Join(folder, "dosegate.dashboard.json"))
	if err == nil {
		err = json.Unmarshal(text, &board)
	}
	if err != nil {
		t.Fatal(err)
	}
	// promtool reads an expression where it is that of a rule.
	rules := "groups:\n- name: panels\n  rules:\n"
	for i, p := range board.Panels {
		if len(p.Targets) == 0 {
			t.Errorf("%s shows nothing", p.Title)
		}
		for j, target := range p.Targets {
			rules += fmt.Sprintf("  - {record: \"panel:%d_%d\", expr: %q}\n", i, j, target.Expr)
			names := used.FindAllString(target.Expr, -1)
			if len(names) == 0 || !slices.ContainsFunc(names, isMetric) {
				t.Errorf("%s: %s", p.Title, target.Expr)
			}
			for _, name := range names {
				if !isMetric(name) {
					t.Errorf("%s: there is no metric %s", p.Title, name)
				}
			}
		}
	}
	path := filepath.Join(t.TempDir(), "panels.yml")
	if err := os.WriteFile(path, []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	promtool(t, nil, "check", "rules", path)
}

// The table of the documentation is the program's.
func TestEveryMetricIsDocumented(t *testing.T) {
	text, err := os.ReadFile("../../.github/MONITORING.md")
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	for _, m := range metrics.Table {
		fmt.Fprintf(&want, "| `%s` | %s | %s | %s |\n", m.Name, m.Kind, strings.Join(m.Labels, ", "), m.Help)
	}
	if !bytes.Contains(text, want.Bytes()) {
		t.Errorf(".github/MONITORING.md has to have this table:\n%s", want.String())
	}
}
