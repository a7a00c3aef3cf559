package plugin

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// layers says which of our packages each may import. A new edge is either code
// in the wrong place or a change of this table, with a reason.
var layers = map[string][]string{
	"dataset":      {},
	"sr":           {"dataset"},
	"identity":     {"dataset", "sr"},
	"rdsr":         {"dataset", "sr"},
	"filter":       {"dataset", "rdsr", "identity"}, // dataset: filter.exclude looks at two attributes
	"deid":         {"dataset", "sr", "rdsr", "identity"},
	"orthanc":      {},
	"doorbell":     {},
	"native":       {"doorbell", "dataset", "rdsr"}, // what a dose report is, and when two copies differ, is decided in one place
	"registry":     {},
	"ledger":       {},
	"config":       {},
	"statement":    {"filter", "ledger"},
	"rhythm":       {},
	"survey":       {"pipeline", "ledger", "filter", "rhythm"},
	"surveytest":   {"survey", "pipeline", "ledger", "filter"},
	"metrics":      {"survey", "ledger", "rhythm"},
	"notify":       {"survey", "ledger", "filter", "rhythm"},
	"web":          {"pipeline", "ledger", "filter", "rdsr", "statement", "rhythm"},
	"browsertest":  {},
	"orthanctest":  {"processtest"},
	"postgrestest": {"processtest"},
	"processtest":  {},
	"sshtest":      {"orthanctest", "processtest"},
	"smtptest":     {"orthanctest", "processtest"},
	"dicomtest":    {},
	"pipeline":     {"dataset", "rdsr", "identity", "filter", "deid", "orthanc", "registry", "ledger"},
	"cmd/dosegate": {"dataset", "rdsr", "filter", "deid", "orthanc", "registry", "ledger", "config", "pipeline", "web", "doorbell", "statement", "survey", "metrics", "notify"},
}

const ours = "github.com/dosegate/dosegate/plugin/"

func TestImportsRunOneWay(t *testing.T) {
	found := make(map[string]bool)
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		pkg := filepath.ToSlash(filepath.Dir(path))
		if pkg == "." {
			return nil
		}
		allowed, known := layers[pkg]
		if !known {
			t.Errorf("package %s is not in the table", pkg)
		}
		found[pkg] = true
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if target, is := strings.CutPrefix(name, ours); is && !slices.Contains(allowed, target) {
				t.Errorf("%s imports %s, which the table does not have", path, target)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range layers {
		if !found[pkg] {
			t.Errorf("the table has %s, which there is not", pkg)
		}
	}
}
