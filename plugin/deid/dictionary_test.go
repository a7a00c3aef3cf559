package deid

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/rdsr"
	"github.com/dosegate/dosegate/plugin/sr"
)

// dictionaryPolicies are those under which the dictionary is held against what
// is done.
func dictionaryPolicies() map[string]Policy {
	modified, removed, house := Registry, Strict, Registry
	modified.Dates = DatesModified
	removed.Dates, removed.Retain = DatesRemoved, Retain{}
	house.OldestAge, house.Retain.UIDs, house.Retain.InstitutionIdentity = 95, true, true
	return map[string]Policy{"registry": Registry, "strict": Strict, "modified dates": modified, "nothing retained": removed, "all retained": house}
}

// testName is in every text that the tests put into a report.
const testName = "Namensky"

// reportFor reads a report of testdata and lets the test change it. It is of a
// patient with that name.
func reportFor(t *testing.T, change func(*dataset.Dataset, *dataset.Plan)) *rdsr.Document {
	t.Helper()
	file, err := os.ReadFile("../../testdata/ct-small.dcm")
	if err != nil {
		t.Fatal(err)
	}
	d, err := dataset.Parse(file, dataset.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	plan := d.Plan()
	set(d, plan, 0x00100010, dataset.PN, []byte(testName+"^Zed"))
	change(d, plan)
	out, err := plan.Encode(dataset.AppendFileHeader(nil, rdsr.XRayRadiationDoseSR, "2.25.1", d.Syntax.Output()))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := rdsr.Recognise(out, dataset.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// set gives the report an attribute.
func set(d *dataset.Dataset, plan *dataset.Plan, tag dataset.Tag, vr dataset.VR, value []byte) {
	if e, ok := d.Find(dataset.Root, tag); ok {
		plan.Replace(e, value)
	} else {
		plan.Add(dataset.Root, tag, vr, value)
	}
}

func deidentified(t *testing.T, p Policy, doc *rdsr.Document) *dataset.Dataset {
	t.Helper()
	ring, err := NewKeyring()
	if err != nil {
		t.Fatal(err)
	}
	r, err := New(p).Deidentify(doc, Context{Key: ring.Keys()[0]})
	if err != nil {
		t.Fatal(err)
	}
	d, err := dataset.Parse(r.File, dataset.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// probe is a value that fits an attribute; free text has the patient's name in
// it.
func probe(d *dataset.Dataset, a attribute) []byte {
	row := rule{vr: a.vr, form: parseForm(a.form)}
	switch {
	case len(row.form.allowed) > 0:
		return []byte(row.form.allowed[0])
	case a.tag == sr.CodeMeaning:
		return []byte("quantum " + testName)
	}
	if v := map[string]string{"charset": "ISO_IR 100", "zone": "+0100", "digits": "10011", "code": "113701",
		"standard-uid": "1.2.840.10008.6.1.1", "date": "20260310"}[a.form]; v != "" {
		return []byte(v)
	}
	switch a.vr {
	case dataset.SQ:
		item := d.Append(nil, dataset.Root, sr.CodeValue, dataset.SH, []byte("113701"))
		return dataset.AppendItem(nil, d.Append(item, dataset.Root, sr.CodingSchemeDesignator, dataset.SH, []byte("DCM")))
	case dataset.FD:
		return binary.LittleEndian.AppendUint64(nil, math.Float64bits(1./3)) // about the Numeric Value beside it
	case dataset.SL, dataset.UL:
		return bytes.Repeat([]byte{1}, 4)
	}
	return []byte(textProbe(a.vr))
}

func textProbe(vr dataset.VR) string {
	switch vr {
	case dataset.DA:
		return "20260310"
	case dataset.TM:
		return "101112"
	case dataset.DT:
		return "20260310101112"
	case dataset.AS:
		return "097Y"
	case dataset.DS, dataset.IS:
		return "7"
	case dataset.UI:
		return "1.2.276.0.99999.17.4.1"
	case dataset.PN:
		return testName + "^Zed"
	}
	return "quantum " + testName
}

func TestTheDictionaryTellsWhatBecomesOfEveryAttribute(t *testing.T) {
	for name, p := range dictionaryPolicies() {
		entries := make(map[string]DictionaryEntry)
		for _, e := range Dictionary(p) {
			entries[e.Tag] = e
		}
		for _, a := range attributes() {
			var before []byte
			doc := reportFor(t, func(d *dataset.Dataset, plan *dataset.Plan) {
				there, ok := d.Find(dataset.Root, a.tag)
				switch {
				case ok && (a.vr == dataset.SQ && len(d.Bytes(there)) > 0 || a.tag == sopClassUID || a.tag == sr.ValueType): // what makes it a report
					before = d.Trimmed(there)
				case a.form == "item-value": // of no content item: it goes
				default:
					before = probe(d, a)
					set(d, plan, a.tag, a.vr, before)
					if a.vr == dataset.FD {
						set(d, plan, sr.NumericValue, dataset.DS, []byte("0.333333333"))
					}
				}
			})
			d := deidentified(t, p, doc)
			after, found := []byte(nil), false
			if e, ok := d.Find(dataset.Root, a.tag); ok {
				after, found = d.Trimmed(e), true
			}
			if e := entries[a.tag.String()]; !consistent(p, e.Action, string(before), string(after), found) {
				t.Errorf("%s: %s %s is said to be %q, and %q became %q (found: %v)", name, e.Tag, e.Name, e.Action, before, after, found)
			}
		}
	}
}

// consistent reports whether a value has the outcome.
func consistent(p Policy, o Outcome, before, after string, found bool) bool {
	if o == OutcomeRemoved || o == OutcomeByConcept {
		return !found
	}
	if !found {
		return false
	}
	switch o {
	case OutcomeKept:
		return after == before
	case OutcomeCleaned:
		return strings.Contains(after, cut) && !strings.Contains(after, testName)
	case OutcomeDescended:
		return after != ""
	case OutcomeEmptied:
		return after == ""
	case OutcomeDerivedUID:
		return strings.HasPrefix(after, "2.25.") && after != before
	case OutcomePseudonym:
		return strings.HasPrefix(after, "DG") && after != before
	case OutcomeDummy:
		return after != before && slices.Contains([]string{replacement, "19000101", "000000", "19000101000000", "0", ""}, after)
	case OutcomeAge:
		return after == ageString(97, p.OldestAge) || after == "38"
	case OutcomeYear:
		return after == before[:4] || after == before[:4]+"0101"
	case OutcomeMoved:
		return after < before && len(after) == len(before) && validDateTime(after) && after[8:] == before[8:]
	}
	return false
}

// What the dictionary is for: a change of a table shows in it, and nothing
// stands in it twice.
func TestTheDictionaryHasEverythingOnce(t *testing.T) {
	for name, p := range dictionaryPolicies() {
		seen := make(map[[4]string]bool)
		tags, codes := 0, 0
		for _, e := range Dictionary(p) {
			key := [4]string{e.Tag, e.Scheme, e.Code, e.Name + e.Type}
			if seen[key] || e.Action == "" || e.Name == "" || e.Reason == "" {
				t.Errorf("%s: %+v stands there twice, or says too little", name, e)
			}
			seen[key] = true
			switch {
			case e.Tag != "":
				tags++
			case e.Code != "":
				codes++
			}
		}
		if tags != len(attributes())+3 || codes < len(concepts()) {
			t.Errorf("%s: %d attributes and %d concepts", name, tags, codes)
		}
	}
}

// The reason is the cell that the action comes from.
func TestTheReasonsAreThoseOfTheTables(t *testing.T) {
	for name, p := range dictionaryPolicies() {
		check := func(what string, o options, patient bool, typ string) {
			act := o.resolve(p, patient, typ)
			if cell, option := o.why(p, patient); act != shift && act != yearOnly && cell != "" && letter(cell, typ) != act {
				t.Errorf("%s: %s is %d, but %s by %s is not", name, what, act, cell, option)
			}
		}
		for _, a := range attributes() {
			check(a.keyword, a.options, retained(p, a.keyword), a.typ)
		}
		for _, c := range concepts() {
			check(c.name, c.options, retained(p, c.name), "1")
		}
	}
}
