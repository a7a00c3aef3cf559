package orthanctest

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"testing"
)

// settingsFor lays the overlay, and then what keeps the test to itself, over
// the shipped file. They become one file: Orthanc refuses a key that two of its
// files have.
func settingsFor(t testing.TB, o Options, password, storage string) map[string]any {
	t.Helper()
	settings := map[string]any{"DicomAet": "ORTHANC"}
	if o.Config != "" {
		maps.Copy(settings, Shipped(t, o.Config))
	}
	maps.Copy(settings, o.Overlay)
	maps.Copy(settings, map[string]any{
		"StorageDirectory":      storage,
		"IndexDirectory":        storage,
		"RemoteAccessAllowed":   false,
		"AuthenticationEnabled": true,
		"RegisteredUsers":       map[string]any{Username: password},
		"SyncStorageArea":       false, // the machine does not lose power during a test
		"HttpThreadsCount":      10,
	})
	return settings
}

// Shipped reads one of the files of orthanc-config/.
func Shipped(t testing.TB, name string) map[string]any {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(repository(t), "orthanc-config", name))
	if err != nil {
		t.Fatalf("read the shipped configuration: %v", err)
	}
	var settings map[string]any
	if err := json.Unmarshal(withoutComments(b), &settings); err != nil {
		t.Fatalf("read orthanc-config/%s: %v", name, err)
	}
	return settings
}

// commentOrString matches what a comment must be told from: "http://…" has none.
var commentOrString = regexp.MustCompile(`"(?:\\.|[^"\\])*"|//[^\n]*|(?s:/\*.*?\*/)`)

// withoutComments makes JSON of Orthanc's JSON, which knows comments.
func withoutComments(b []byte) []byte {
	return commentOrString.ReplaceAllFunc(b, func(m []byte) []byte {
		if m[0] == '"' {
			return m
		}
		return []byte(" ")
	})
}

// repository is the top of the source tree.
func repository(t testing.TB) string {
	t.Helper()
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		t.Fatal("find the sources of the project: no caller information")
	}
	return filepath.Join(filepath.Dir(file), "..", "..")
}

// Corpus returns the path of a file of the real reports that some checkouts
// have beside them, and skips the test where they are missing.
func Corpus(t testing.TB, name string) string {
	t.Helper()
	dir := filepath.Join(repository(t), "..", "shared", "corpus")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no real dose reports in ../shared/corpus")
	}
	return filepath.Join(dir, filepath.FromSlash(name))
}

func writeJSON(t testing.TB, path string, v any) {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("write %s: %v", path, err)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}
