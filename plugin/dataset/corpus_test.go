package dataset_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
)

// sample is a file of the shipped test data or of the corpus of real reports.
type sample struct {
	name string
	file []byte
}

// samples reads every DICOM file of testdata and, where it is there, of the
// corpus beside the project.
func samples(t testing.TB) []sample {
	t.Helper()
	var all []sample
	for _, dir := range []string{"../../testdata", "../../../shared/corpus"} {
		if _, err := os.Stat(dir); err != nil {
			t.Logf("%s is missing: its files are not tested", dir)
			continue
		}
		err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".dcm") {
				return err
			}
			b, err := os.ReadFile(path)
			all = append(all, sample{filepath.Base(path), b})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func TestAnEmptyPlanKeepsEveryByte(t *testing.T) {
	for _, s := range samples(t) {
		d, err := dataset.Parse(s.file, dataset.Limits{})
		if err != nil {
			t.Errorf("%s: %v", s.name, err)
			continue
		}
		out, err := d.Plan().Encode(nil)
		if err != nil {
			t.Errorf("%s: %v", s.name, err)
			continue
		}
		if !d.Syntax.BigEndian && !bytes.Equal(out, d.Raw()) {
			t.Errorf("%s: the copy differs from the original", s.name)
		}
		if d.Syntax == dataset.ExplicitLittleEndian && !bytes.HasSuffix(s.file, out) {
			t.Errorf("%s: the copy is not the file's data set", s.name)
		}
	}
}

// Where the cut falls between two elements of the top level, the bytes are a
// whole data set, and nothing in them can tell that another element followed:
// package rdsr asks for the content there. Everywhere else a cut is an error.
func TestACutAtAnyByteIsAnErrorOrBetweenTwoElementsOfTheTopLevel(t *testing.T) {
	for _, s := range samples(t) {
		whole, err := dataset.Parse(s.file, dataset.Limits{})
		if err != nil {
			t.Errorf("%s: %v", s.name, err)
			continue
		}
		between := map[int]bool{}
		offset := len(s.file) - len(whole.Raw())
		for c := range whole.Children(dataset.Root) {
			between[offset+whole.Offset(c)] = true
		}
		step := 1 + len(s.file)/700
		for cut := 0; cut < len(s.file); cut += step {
			got, err := dataset.Parse(s.file[:cut], dataset.Limits{})
			if err == nil && whole.Syntax.Deflated && bytes.Equal(got.Raw(), whole.Raw()) {
				continue // what follows the end of the deflated stream is not of the data set
			}
			if err == nil && (whole.Syntax.Deflated || !between[cut]) {
				t.Errorf("%s: cut at %d of %d is read as %d elements", s.name, cut, len(s.file), got.Len())
				break
			}
		}
	}
}
