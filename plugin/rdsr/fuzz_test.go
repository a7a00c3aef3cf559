package rdsr_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/rdsr"
	"github.com/dosegate/dosegate/plugin/sr"
)

func FuzzRecognise(f *testing.F) {
	names, err := filepath.Glob("../../testdata/*.dcm")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		if file, err := os.ReadFile(name); err == nil && len(file) < 24<<10 {
			f.Add(file)
		}
	}
	f.Add(document(rdsr.EnhancedSR, "", sr.DCM("113701"), coded(sr.DCM("121058"), srt("P5-08000"))))
	f.Fuzz(func(t *testing.T, file []byte) {
		doc, err := rdsr.Recognise(file, dataset.Limits{Bytes: 1 << 20, Inflated: 1 << 20, Elements: 1 << 14})
		if doc == nil {
			if err == nil || ignored(err) {
				t.Fatalf("nothing was read, and the error is %v", err)
			}
			return
		}
		checkReport(t, doc.Report)
		if err == nil && (doc.IrradiationEvents < 0 || !rdsr.DoseClass(doc.SOPClassUID) && doc.Template == "") {
			t.Fatalf("a dose report of class %q without a template", doc.SOPClassUID)
		}
	})
}

// checkReport looks at what every report must hold to be logged and shown.
func checkReport(t *testing.T, r rdsr.Report) {
	t.Helper()
	for _, text := range []string{r.StationName, r.DeviceObserverName, r.Manufacturer, r.Model, r.SerialNumber} {
		if !printable(text) {
			t.Fatalf("%q is not fit to be shown", text)
		}
	}
	if r.SOPClassUID != "" && !dataset.ValidUID(r.SOPClassUID) {
		t.Fatalf("SOP class %q", r.SOPClassUID)
	}
	if !slices.Contains([]string{"", "10001", "10011", "10021", "10040"}, r.Template) ||
		!slices.Contains([]string{"", rdsr.KindCT, rdsr.KindXARF, rdsr.KindDX, rdsr.KindMG, rdsr.KindNM}, r.Kind) {
		t.Fatalf("template %q, kind %q", r.Template, r.Kind)
	}
}
