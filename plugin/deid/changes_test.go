package deid_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/deid"
)

func changes(t *testing.T, p deid.Policy, name string) ([]deid.Change, *deid.Result) {
	t.Helper()
	x, doc, ctx := deid.New(p), read(t, name), deid.Context{Key: newKey(t)}
	r, err := x.Deidentify(doc, ctx)
	must(t, err)
	all, err := x.Changes(doc, ctx, r)
	must(t, err)
	return all, r
}

func TestEveryChangeIsToldOnceAndCountedAlike(t *testing.T) {
	for _, p := range []deid.Policy{deid.Registry, deid.Strict} {
		for _, name := range []string{"ct-identities", "rf-identities", "ct-sloppy", "ct-implicit", "ct-deflated", "mg-big-endian", "nm", "ct-un-explicit", "enhanced-xray"} {
			all, r := changes(t, p, name)
			count := make(map[deid.Outcome]int)
			places := make(map[string]bool)
			for _, c := range all {
				count[c.Action]++
				if places[c.Place+string(c.Action)] || c.Place == "" {
					t.Errorf("%s: %s is told twice", name, c.Place)
				}
				places[c.Place+string(c.Action)] = true
			}
			if count[deid.OutcomeRemoved] != r.Counts.Removed || count[deid.OutcomeEmptied] != r.Counts.Emptied || count[deid.OutcomeCleaned] != r.Counts.Cleaned {
				t.Errorf("%s: told %v, counted %+v", name, count, r.Counts)
			}
		}
	}
}

// What is told is in the copy, to the letter.
func TestNoChangeTellsAValueOfTheOriginal(t *testing.T) {
	for _, name := range []string{"ct-identities", "rf-identities", "ct-names-in-protocol", "rf-ir87"} {
		all, r := changes(t, deid.Strict, name)
		d, err := dataset.Parse(r.File, dataset.Limits{})
		must(t, err)
		var values []string
		for e := dataset.Ref(1); int(e) < d.Len(); e++ {
			if !d.Container(e) {
				values = append(values, d.Charset(d.Node(e).Parent).Decode(d.Trimmed(e)))
			}
		}
		for _, c := range all {
			if c.Value != "" && !slices.Contains(values, c.Value) {
				t.Errorf("%s: what is told of %s is not in the copy", name, c.Place)
			}
			if c.Action == deid.OutcomeRemoved && c.Value != "" {
				t.Errorf("%s: %s is removed and has a value", name, c.Place)
			}
		}
	}
}

func TestAChangeSaysWhereAndWhat(t *testing.T) {
	all, _ := changes(t, deid.Registry, "ct-identities")
	find := func(place string) deid.Change {
		for _, c := range all {
			if c.Place == place {
				return c
			}
		}
		return deid.Change{}
	}
	if c := find("(0010,0010)"); c.Name != "PatientName" || c.Action != deid.OutcomeEmptied || c.Value != "" {
		t.Errorf("the patient's name: %+v", c)
	}
	if c := find("(0010,0020)"); c.Action != deid.OutcomeReplaced || !strings.HasPrefix(c.Value, "DG") {
		t.Errorf("the patient's ID: %+v", c)
	}
	if c := find("(0012,0062)"); c.Name != "PatientIdentityRemoved" || c.Action != deid.OutcomeWritten || c.Value != "YES" {
		t.Errorf("the mark: %+v", c)
	}
	if !slices.ContainsFunc(all, func(c deid.Change) bool {
		return strings.HasPrefix(c.Place, "(0040,A730)[") && c.Action == deid.OutcomeRemoved && strings.Contains(c.Concept, " DCM, ")
	}) {
		t.Error("no content item is told to be removed")
	}
}

func TestTheMarksAreReadFromTheCopy(t *testing.T) {
	_, r := changes(t, deid.Strict, "ct-small")
	m, err := r.Marks()
	must(t, err)
	if want := []string{"113100", "113104", "113105", "113108"}; m.PatientIdentityRemoved != "YES" || m.Dates != "REMOVED" || !slices.Equal(m.Methods, want) {
		t.Errorf("%+v", m)
	}
}
