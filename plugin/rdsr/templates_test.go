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

func TestTheTemplatesAreWhole(t *testing.T) {
	rows := rdsr.Templates()
	known := make(map[string]bool)
	for _, r := range rows {
		known[r.TID] = true
	}
	for _, tid := range []string{"1002", "1003", "1004", "1005", "1006", "1007", "1020", "1021", "1204", "10001", "10002", "10003",
		"10003A", "10003B", "10003C", "10004", "10005", "10006", "10007", "10011", "10012", "10013", "10014", "10015", "10021", "10022",
		"10023", "10024", "10040", "10041", "10042"} {
		if !known[tid] {
			t.Errorf("TID %s is missing", tid)
		}
	}
	for i, r := range rows {
		if i > 0 && r.TID == rows[i-1].TID && r.Level > rows[i-1].Level+1 || r.Level > 0 && (i == 0 || r.TID != rows[i-1].TID) {
			t.Errorf("%+v has no parent", r)
		}
		if !slices.Contains([]string{"M", "MC", "U", "UC", ""}, r.Requirement) || r.Requirement == "" && r.TID != "10040" {
			t.Errorf("%+v: the requirement is none", r)
		}
		if r.ValueType == "NUM" && (r.Unit == "") == (r.Values == nil) || r.ValueType != "NUM" && r.ValueType != "TABLE" && r.Unit != "" {
			t.Errorf("%+v: a number has one unit or a list of them, and nothing else has", r)
		}
		if r.Concept.Value == "" || r.Concept.Scheme == "" || r.Meaning == "" && r.Included() == "" {
			t.Errorf("%+v has no concept", r)
		}
	}
}

// beside are templates that are included for what no dose report is about: a
// fetus, a specimen or a device as the subject, and geometry (TID 4007).
var beside = []string{"1008", "1009", "1010", "4007"}

func TestEveryIncludedTemplateIsThere(t *testing.T) {
	known := make(map[string]bool)
	for _, r := range rdsr.Templates() {
		known[r.TID] = true
	}
	for _, r := range rdsr.Templates() {
		if tid := r.Included(); tid != "" && !known[tid] && !slices.Contains(beside, tid) {
			t.Errorf("TID %s includes TID %s, which is missing", r.TID, tid)
		}
	}
}

// What the shipped reports measure, in DICOM's own words, is what the templates
// have. A scheme of the maker's own may say more.
func TestWhatTheShippedReportsMeasureIsInTheTemplates(t *testing.T) {
	known := make(map[sr.Code]bool)
	for _, r := range rdsr.Templates() {
		if r.ValueType == "NUM" {
			known[r.Concept] = true
		}
	}
	measured := 0
	for _, name := range []string{"ct-small", "ct-250k", "rf", "dx", "mg", "nm", "enhanced-xray"} {
		file, err := os.ReadFile(filepath.Join("../../testdata", name+".dcm"))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := rdsr.Recognise(file, dataset.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range doc.Tree.Walk() {
			if item.ValueType != "NUM" || item.Concept.Scheme != "DCM" {
				continue
			}
			measured++
			if !known[item.Concept] {
				t.Errorf("%s measures %s, which no template has", name, item.Concept.Value)
			}
		}
	}
	if measured < 500 {
		t.Errorf("only %d numbers were looked at", measured)
	}
}
