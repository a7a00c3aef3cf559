package filter_test

import (
	"os"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/rdsr"
)

const (
	patientID        dataset.Tag = 0x00100020
	stationName      dataset.Tag = 0x00081010
	studyDescription dataset.Tag = 0x00081030
)

// report reads a shipped report, with other values of some attributes.
func report(t *testing.T, values map[dataset.Tag]string) *rdsr.Document {
	t.Helper()
	file, err := os.ReadFile("../../testdata/ct-small.dcm")
	if err != nil {
		t.Fatal(err)
	}
	d, err := dataset.Parse(file, dataset.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	p := d.Plan()
	for tag, value := range values {
		r, ok := d.Find(dataset.Root, tag)
		if !ok {
			t.Fatalf("no %v in the report", tag)
		}
		p.Replace(r, []byte(value))
	}
	out, err := p.Encode(dataset.AppendFileHeader(nil, rdsr.XRayRadiationDoseSR, "2.25.1", d.Syntax.Output()))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := rdsr.Recognise(out, dataset.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestExclusionsAreGlobsThatMustAllMatch(t *testing.T) {
	id, study := func(p string) filter.Exclusion { return filter.Exclusion{PatientID: p} }, func(p string) filter.Exclusion {
		return filter.Exclusion{StudyDescription: p}
	}
	for _, c := range []struct {
		name      string
		id, study string
		rules     filter.Exclusions
		want      string // the rule in the reason; "" where none matches
	}{
		{"no rules", "QA-7", "Phantom", nil, ""},
		{"a prefix", "QA-7", "", filter.Exclusions{id("QA*")}, "patient_id: QA*"},
		{"without case", "qa-7", "", filter.Exclusions{id("QA*")}, "patient_id: QA*"},
		{"pattern without case", "QA-7", "", filter.Exclusions{id("qa-?")}, "patient_id: qa-?"},
		{"the whole value", "AQA-7", "", filter.Exclusions{id("QA*")}, ""},
		{"anywhere", "", "Daily phantom check", filter.Exclusions{study("*phantom*")}, "study_description: *phantom*"},
		{"a slash is a character", "", "QA/phantom/daily", filter.Exclusions{study("qa*daily")}, "study_description: qa*daily"},
		{"a slash in the pattern", "", "QA/daily", filter.Exclusions{study("qa/*")}, "study_description: qa/*"},
		{"a class", "QA7", "", filter.Exclusions{id("QA[0-9]")}, "patient_id: QA[0-9]"},
		{"both", "QA-7", "Phantom", filter.Exclusions{{PatientID: "QA*", StudyDescription: "phantom"}}, "patient_id: QA*, study_description: phantom"},
		{"one of two patterns", "QA-7", "Thorax", filter.Exclusions{{PatientID: "QA*", StudyDescription: "phantom"}}, ""},
		{"the first rule that matches", "QA-7", "Phantom", filter.Exclusions{id("X*"), study("phantom"), id("QA*")}, "study_description: phantom"},
		{"a rule without patterns", "QA-7", "Phantom", filter.Exclusions{{}}, ""},
		{"letters beyond ASCII", "", "Pr\xFCfk\xF6rper", filter.Exclusions{study("PRÜFK*")}, "study_description: PRÜFK*"},
		{"an empty value", "", "", filter.Exclusions{id("QA*"), study("?*")}, ""},
		{"blanks around", " QA-7 ", "", filter.Exclusions{id("QA-7")}, "patient_id: QA-7"},
	} {
		f := &filter.Filter{Templates: collected, Exclude: c.rules, Stations: listed(t, "stations: [{name: CT1}]")}
		in := f.NewInput(report(t, map[dataset.Tag]string{patientID: c.id, studyDescription: c.study}), "main", filter.NewCame("CT", "", ""))
		if in.Excluded != c.want {
			t.Errorf("%s: %q, want %q", c.name, in.Excluded, c.want)
		}
		if got := f.Decide(in); (got.ReasonCode == filter.Excluded) != (c.want != "") || !strings.Contains(got.Reason, c.want) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

// The pattern is the house's own word; the value that it matched is not.
func TestTheReasonOfAnExclusionHoldsNothingOfThePatient(t *testing.T) {
	f := &filter.Filter{Templates: collected, Exclude: filter.Exclusions{{PatientID: "QA*"}}}
	got := f.Decide(f.NewInput(report(t, map[dataset.Tag]string{patientID: "QA-SECRET"}), "main", filter.NewCame("CT", "", "")))
	if strings.Contains(got.Reason, "SECRET") {
		t.Errorf("%q", got.Reason)
	}
}

func TestOtherRulesMakeAStoredInputStale(t *testing.T) {
	before := &filter.Filter{Exclude: filter.Exclusions{{PatientID: "QA*"}}}
	in := before.NewInput(report(t, nil), "main", filter.NewCame("CT", "", "")).Stored()
	if before.Stale(in) {
		t.Error("stale under the same rules")
	}
	for _, rules := range []filter.Exclusions{nil, {{PatientID: "QA"}}, {{StudyDescription: "QA*"}}, {{PatientID: "QA*"}, {PatientID: "X"}}} {
		if after := (&filter.Filter{Exclude: rules}); !after.Stale(in) {
			t.Errorf("not stale under %v", rules)
		}
	}
}
