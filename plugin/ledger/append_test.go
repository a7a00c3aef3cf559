package ledger_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestNothingRewritesTheHistory reads the package: events are only ever added.
func TestNothingRewritesTheHistory(t *testing.T) {
	files, err := filepath.Glob("*.go")
	must(t, err)
	for _, name := range files {
		text, err := os.ReadFile(name)
		must(t, err)
		if rewrites.Match(text) && !strings.HasSuffix(name, "_test.go") {
			t.Errorf("%s changes or deletes events", name)
		}
	}
}

var rewrites = regexp.MustCompile(`(?i)(UPDATE|DELETE\s+FROM|REPLACE\s+INTO)\s+events\b`)
