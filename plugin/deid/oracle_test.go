package deid_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/dicomtest"
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

var readOnce struct {
	sync.Once
	by map[string]dicomtest.Reading
}

// readings reads all pairs before and after, once for all tests.
func readings(t *testing.T) (all []pair, by map[string]dicomtest.Reading) {
	all = reports(t)
	readOnce.Do(func() {
		var paths []string
		for _, p := range all {
			paths = append(paths, p.before, p.after)
		}
		readOnce.by = dicomtest.Pydicom(t, paths...)
	})
	if readOnce.by == nil {
		t.Skip("pydicom did not read the files: see the first test that needs it")
	}
	return all, readOnce.by
}
