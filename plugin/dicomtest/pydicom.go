// Package dicomtest lets tests ask an independent reader what a DICOM file
// holds.
package dicomtest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// Reading is what pydicom says of a file (testdata/oracle.py).
type Reading struct {
	File    string
	Numbers []json.RawMessage // [concept path, value, unit code, qualifier code] of every NUM item
	Codes   []json.RawMessage // [concept path, code value, scheme] of every CODE item, and all containers
	Texts   [][2]string       // [place, value] of every element
}

// Pydicom reads files with pydicom and gives the readings by path. Without
// pydicom the test is skipped, except where scripts/test has promised that it
// is there.
func Pydicom(t testing.TB, paths ...string) map[string]Reading {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	oracle := filepath.Join(filepath.Dir(here), "../../testdata/oracle.py")
	out := Tool(t, "/usr/bin/python3", append([]string{oracle}, paths...)...)
	all := make(map[string]Reading)
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var r Reading
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		all[r.File] = r
	}
	if len(all) != len(paths) {
		t.Fatalf("pydicom read %d of %d files", len(all), len(paths))
	}
	return all
}

// Tool runs a program of another project's and returns what it prints. Where
// it is missing the test is skipped, or fails under DOSEGATE_TEST_REQUIRE.
func Tool(t testing.TB, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err == nil {
		return out
	}
	missing := cmd.ProcessState == nil || strings.Contains(stderr.String(), "No module named 'pydicom'")
	if missing && os.Getenv("DOSEGATE_TEST_REQUIRE") == "" {
		t.Skipf("%s is not installed as the test needs it: run ./scripts/test", name)
	}
	t.Fatalf("%s: %v\n%s", name, err, stderr.String())
	return nil
}

// Missing gives what is in want more often than in have.
func Missing(want, have []json.RawMessage) []string {
	left := make(map[string]int)
	for _, h := range have {
		left[string(h)]++
	}
	var lost []string
	for _, w := range want {
		if left[string(w)]--; left[string(w)] < 0 {
			lost = append(lost, string(w))
		}
	}
	slices.Sort(lost)
	return slices.Compact(lost)
}
