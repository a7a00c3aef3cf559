package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/browsertest"
	"github.com/dosegate/dosegate/plugin/postgrestest"
)

// beDosegate has the test binary be dosegate: the tests speak to a process of
// its own, as a user does, and the race detector is in it.
const beDosegate = "BE_DOSEGATE"

func TestMain(m *testing.M) {
	if os.Getenv(beDosegate) != "" {
		main()
		return
	}
	code := postgrestest.Run(m)
	browsertest.End()
	os.Exit(code)
}

// dosegateCommand is a command line of dosegate, not started yet.
func dosegateCommand(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), beDosegate+"=1",
		"GORACE=atexit_sleep_ms=0 "+os.Getenv("GORACE")) // the race detector would keep every process for a second
	return cmd
}

// answer is what a command did.
type answer struct {
	code           int
	stdout, stderr string
}

// dosegate runs a command to its end.
func dosegate(t *testing.T, args ...string) answer {
	t.Helper()
	cmd := dosegateCommand(t, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	var ended *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	return answer{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// want checks the exit code, and that each text is in what was said.
func (a answer) want(t *testing.T, code int, texts ...string) answer {
	t.Helper()
	if a.code != code {
		t.Fatalf("exit code %d, want %d\n%s%s", a.code, code, a.stdout, a.stderr)
	}
	for _, text := range texts {
		if !strings.Contains(a.stdout+a.stderr, text) {
			t.Errorf("%q is not in:\n%s%s", text, a.stdout, a.stderr)
		}
	}
	return a
}

// objects reads JSON, one object a line.
func (a answer) objects(t *testing.T) []map[string]any {
	t.Helper()
	var all []map[string]any
	for line := range strings.Lines(a.stdout) {
		var object map[string]any
		if err := json.Unmarshal([]byte(line), &object); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		all = append(all, object)
	}
	return all
}

// wantKeys checks that an object has these keys and no other.
func wantKeys(t *testing.T, object map[string]any, keys string) {
	t.Helper()
	want := strings.Fields(keys)
	slices.Sort(want)
	if have := slices.Sorted(maps.Keys(object)); !slices.Equal(have, want) {
		t.Errorf("keys are\n%v, want\n%v", have, want)
	}
}

// testdata is the path of a file of testdata/.
func testdata(name string) string {
	return filepath.Join("..", "..", "..", "testdata", name)
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
