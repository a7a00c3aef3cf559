package pipeline_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/dicomtest"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/rdsr"
)

// onlyByFile are reports that no sender could send by C-STORE: the reason is
// the file's, not the route's.
var onlyByFile = map[string]string{
	"ct-no-preamble.dcm":    "no file meta information: storescu and Orthanc do not read it",
	"ct-un-explicit.dcm":    "items with VRs inside UN: storescu and Orthanc give it up as malformed",
	"ct-implicit-stray.dcm": "VRs in a data set declared implicit: storescu and Orthanc give it up as malformed",
}

// lostOnPurpose is what is left out of every report by the profile: the type
// of an Irradiation Event Label goes with the label (Table E.3.4-1), and an age
// that is no number goes, and the name of a coding scheme that is the
// institution's, and a value of a private scheme under a concept that no dose
// template has.
var lostOnPurpose = []string{"/113605:DCM/113606:DCM", `"/121010:DCM", "RT"`, `"/SITE:99MADEUP", "NG1"`, `"/121033:DCM", "Testpatient^Ada^Mock"`}

// doseReports are the dose reports of testdata and corpus, by path. Of several under
// one SOP Instance UID it is the first: no registry can hold two.
func doseReports(t *testing.T) map[string][]byte {
	all, seen := make(map[string][]byte), make(map[string]bool)
	for _, dir := range []string{"../../testdata", "../../../shared/corpus"} {
		if _, err := os.Stat(dir); err != nil {
			t.Logf("%s is not beside the project: its reports are not sent", dir)
			continue
		}
		must(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".dcm") || onlyByFile[filepath.Base(path)] != "" {
				return err
			}
			file, err := os.ReadFile(path)
			doc, not := rdsr.Recognise(file, dataset.Limits{})
			if not != nil {
				return err
			}
			if uid := doc.Dataset.TextOf(dataset.Root, 0x00080018); !seen[uid] {
				seen[uid], all[path] = true, file
			}
			return err
		}))
	}
	return all
}

func TestEveryDoseReportArrivesOnceAndWhole(t *testing.T) {
	w := newWorld(t, nil)
	w.stations("stations:\n  - aet: SCANNER\n")
	w.start()
	for _, file := range doseReports(t) {
		w.gateway.StoreSCU(t, "SCANNER", file)
	}
	n := len(w.gateway.Instances(t))
	w.eventually("all delivered", func() bool {
		states := w.states()
		return len(states) == n && !slices.ContainsFunc(states, func(s string) bool { return !strings.Contains(s, "delivered") })
	})
	w.mustHaveArrived(n)
	w.compare()
}

// compare reads what arrived, and what was sent, with pydicom.
func (w *world) compare() {
	t := w.t
	dir := t.TempDir()
	var paths, names []string
	must(t, w.ledger.List(context.Background(), ledger.Query{}, func(r ledger.Row) error {
		before := filepath.Join(dir, r.Report.ID+"-before")
		after := filepath.Join(dir, r.Report.ID+"-after")
		must(t, os.WriteFile(before, w.gateway.Must(t, "GET", "/instances/"+r.Report.OrthancID+"/file", nil), 0o600))
		must(t, os.WriteFile(after, w.atRegistry(r.Delivery.SentSOPInstanceUID), 0o600))
		paths = append(paths, before, after)
		names = append(names, r.Report.StationName)
		return nil
	}))
	read := dicomtest.Pydicom(t, paths...)
	numbers := 0
	for i, name := range names {
		before, after := read[paths[2*i]], read[paths[2*i+1]]
		numbers += len(before.Numbers)
		for _, lost := range append(dicomtest.Missing(before.Numbers, after.Numbers), dicomtest.Missing(before.Codes, after.Codes)...) {
			if !slices.ContainsFunc(lostOnPurpose, func(s string) bool { return strings.Contains(lost, s) }) {
				t.Errorf("a report of %s lost %s on the way", name, lost)
			}
		}
	}
	t.Logf("%d reports with %d numbers arrived whole", len(names), numbers)
}

// atRegistry fetches what the registry stored under a SOP Instance UID.
func (w *world) atRegistry(uid string) []byte {
	w.t.Helper()
	var found []string
	mustJSON(w.t, w.registry.Must(w.t, "POST", "/tools/find",
		[]byte(`{"Level": "Instance", "Query": {"SOPInstanceUID": "`+uid+`"}}`)), &found)
	if len(found) != 1 {
		w.t.Fatalf("the registry has %d objects under one UID", len(found))
	}
	return w.registry.Must(w.t, "GET", "/instances/"+found[0]+"/file", nil)
}
