package rdsr_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/rdsr"
	"github.com/dosegate/dosegate/plugin/sr"
	"github.com/google/go-cmp/cmp"
)

// afterContent is the first byte of a file that is behind its content tree.
func afterContent(t *testing.T, file []byte, d *dataset.Dataset) int {
	t.Helper()
	content, ok := d.Find(dataset.Root, sr.ContentSequence)
	if !ok {
		t.Fatal("no content tree")
	}
	end := len(d.Raw())
	if next := d.After(content); int(next) < d.Len() {
		end = d.Offset(next)
	}
	return len(file) - len(d.Raw()) + end
}

// A connection that breaks must never make a report with less in it. Behind
// the content tree nothing follows that recognition looks at.
func TestACutReportIsAnErrorOrRecognisedAsTheWhole(t *testing.T) {
	for _, want := range expectations(t, "../../testdata/expected.tsv") {
		if !want.Dose {
			continue
		}
		file, err := os.ReadFile(filepath.Join("../../testdata", want.File))
		if err != nil {
			t.Fatal(err)
		}
		whole, err := recognise(t, file)
		if err != nil {
			t.Fatal(err)
		}
		end := afterContent(t, file, whole.Dataset)
		for cut := 0; cut < len(file); cut += 1 + len(file)/1500 {
			doc, err := rdsr.Recognise(file[:cut], dataset.Limits{})
			switch {
			case err == nil && whole.Dataset.Syntax.Deflated && !bytes.Equal(doc.Dataset.Raw(), whole.Dataset.Raw()):
				t.Errorf("%s: cut at %d of %d inflates to less", want.File, cut, len(file))
			case err == nil && !whole.Dataset.Syntax.Deflated && cut < end:
				t.Errorf("%s: cut at %d, before the end of the content at %d, is a dose report", want.File, cut, end)
			case err == nil && !cmp.Equal(doc.Report, whole.Report):
				t.Errorf("%s: cut at %d of %d is another report", want.File, cut, len(file))
			case ignored(err) && rdsr.DoseClass(doc.SOPClassUID):
				t.Errorf("%s: cut at %d of %d is ignored: %v", want.File, cut, len(file), err)
			}
		}
	}
}

func ignored(err error) bool {
	var not *rdsr.NotDoseError
	return errors.As(err, &not)
}
