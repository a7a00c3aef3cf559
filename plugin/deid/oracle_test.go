package deid_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/rdsr"
)

// pair is a dose report before and after, as files.
type pair struct {
	name          string
	before, after string // paths
}

const corpusFolder = "../../../shared/corpus"

// pairs de-identifies every dose report of testdata and of the corpus, by the
// registry profile, once for all tests of the package.
var pairs = sync.OnceValues(func() ([]pair, error) {
	out, err := os.MkdirTemp("", "dosegate-deid")
	if err != nil {
		return nil, err
	}
	ring, err := deid.NewKeyring()
	if err != nil {
		return nil, err
	}
	x := deid.New(deid.Registry)
	var all []pair
	for _, dir := range []string{"../../testdata", corpusFolder} {
		err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".dcm") {
				return nil
			}
			file, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			doc, err := rdsr.Recognise(file, dataset.Limits{})
			if err != nil {
				return nil // recognition has its own tests
			}
			result, err := x.Deidentify(doc, deid.Context{Key: ring.Keys()[0], Issuer: "test"})
			p := pair{name: strings.TrimPrefix(path, dir+"/"), before: path}
			if err == nil {
				p.after = filepath.Join(out, strings.ReplaceAll(p.name, "/", "_"))
				err = os.WriteFile(p.after, result.File, 0o600)
			}
			all = append(all, p)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if all, err := pairs(); err == nil && len(all) > 0 {
		os.RemoveAll(filepath.Dir(all[0].after))
	}
	os.Exit(code)
}

// reports gives the pairs, and fails where a dose report was not de-identified.
func reports(t *testing.T) []pair {
	t.Helper()
	all, err := pairs()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(corpusFolder); err != nil {
		t.Log("the corpus of real reports is not beside the project: only testdata is tested")
	}
	return all
}

// reading is what pydicom says of a file (testdata/oracle.py).
type reading struct {
	File    string
	Numbers []json.RawMessage
	Codes   []json.RawMessage
	Texts   [][2]string
}

// pydicom reads files with the independent reader.
func pydicom(t *testing.T, paths ...string) map[string]reading {
	t.Helper()
	out := tool(t, "/usr/bin/python3", append([]string{"../../testdata/oracle.py"}, paths...)...)
	all := make(map[string]reading)
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var r reading
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

// tool runs a program of another project's. Without it the test is skipped,
// except where scripts/test has promised that it is there.
func tool(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err == nil {
		return out
	}
	missing := strings.Contains(stderr.String(), "No module named 'pydicom'") || cmd.ProcessState == nil
	if missing && os.Getenv("DOSEGATE_TEST_REQUIRE") == "" {
		t.Skipf("%s with pydicom is not installed: run ./scripts/test", name)
	}
	t.Fatalf("%s: %v\n%s", name, err, stderr.String())
	return nil
}

var readOnce struct {
	sync.Once
	by map[string]reading
}

// readings reads all pairs before and after, once for all tests.
func readings(t *testing.T) (all []pair, by map[string]reading) {
	all = reports(t)
	readOnce.Do(func() {
		var paths []string
		for _, p := range all {
			paths = append(paths, p.before, p.after)
		}
		readOnce.by = pydicom(t, paths...)
	})
	if readOnce.by == nil {
		t.Skip("pydicom did not read the files: see the first test that needs it")
	}
	return all, readOnce.by
}

// missing gives what is in want more often than in have.
func missing(want, have []json.RawMessage) []string {
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
