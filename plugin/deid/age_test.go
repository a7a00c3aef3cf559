package deid_test

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/sr"
)

// ageItem is a NUM item with a value in a unit under a concept.
func ageItem(d *dataset.Dataset, concept sr.Code, value, unit string) []byte {
	code := func(tag dataset.Tag, c sr.Code) []byte {
		item := d.Append(nil, dataset.Root, sr.CodeValue, dataset.SH, []byte(c.Value))
		item = d.Append(item, dataset.Root, sr.CodingSchemeDesignator, dataset.SH, []byte(c.Scheme))
		return d.Append(nil, dataset.Root, tag, dataset.SQ, dataset.AppendItem(nil, item))
	}
	measured := code(sr.MeasurementUnitsCodeSequence, sr.Code{Value: unit, Scheme: "UCUM"})
	measured = d.Append(measured, dataset.Root, sr.NumericValue, dataset.DS, []byte(value))
	item := d.Append(nil, dataset.Root, sr.ValueType, dataset.CS, []byte("NUM"))
	item = append(item, code(sr.ConceptNameCodeSequence, concept)...)
	return dataset.AppendItem(nil, d.Append(item, dataset.Root, sr.MeasuredValueSequence, dataset.SQ, dataset.AppendItem(nil, measured)))
}

func TestAnAgeOfTheContentTreeIsWholeYearsWhateverItsUnitAndConcept(t *testing.T) {
	for _, concept := range []sr.Code{sr.DCM("121033"), {Value: "397669002", Scheme: "SCT"}, {Value: "424144002", Scheme: "SCT"}, {Value: "30525-0", Scheme: "LN"}} {
		for _, c := range [][3]string{
			{"37", "a", "37"}, {"037.9", "a", "37"}, {"89.9", "a", "89"}, {"90", "a", "90"}, {"103", "a", "90"}, {"1236", "mo", "90"},
			{"23", "mo", "1"}, {"51", "wk", "0"}, {"5500", "wk", "90"}, {"400", "d", "1"}, {"48", "h", "0"}, {"59", "min", "0"}, {"3600", "s", "0"},
			{"-1", "a", ""}, {"old", "a", ""}, {"37Y", "a", ""}, {"103", "mGy", ""}, {"103", "", ""}, {"103", "year", ""},
		} {
			doc := plantedReport(t, func(d *dataset.Dataset, plan *dataset.Plan) {
				sequence, _ := d.Find(dataset.Root, sr.ContentSequence)
				plan.Replace(sequence, append(bytes.Clone(d.Bytes(sequence)), ageItem(d, concept, c[0], c[1])...))
			})
			_, d := deidentify(t, deid.Registry, doc, deid.Context{Key: newKey(t)})
			have, unit := "", ""
			tree := sr.Read(d)
			for item := range tree.Children(tree.Root()) {
				if measured, ok := d.First(item.Ref, sr.MeasuredValueSequence); ok && item.Concept == concept {
					have, unit = d.TextOf(measured, sr.NumericValue), sr.CodeAt(d, measured, sr.MeasurementUnitsCodeSequence).Value
				}
			}
			if have != c[2] || (unit == "a") != (c[2] != "") {
				t.Errorf("an age %v of %s %s became %q %s, want %q", concept, c[0], c[1], have, unit, c[2])
			}
		}
	}
}

func TestAHeaderAgeThatIsNotPaddedIsReadToo(t *testing.T) {
	for age, want := range map[string]string{"7Y": "007Y", " 37Y": "037Y", "5M": "000Y", "1D": "000Y", "2W": "000Y", "99M": "008Y", "999M": "083Y", "0Y": "000Y",
		"1236M": "", "37y": "", "-7Y": "", "3.5Y": "", "037Y\\103Y": ""} {
		_, d := deidentify(t, deid.Registry, edited(t, "ct-small", map[dataset.Tag]string{patientAge: age}), deid.Context{Key: newKey(t)})
		if got := d.TextOf(dataset.Root, patientAge); got != want {
			t.Errorf("%q becomes %q, want %q", age, got, want)
		}
	}
}

// Strict: of every date the year alone, no time of day, no serial number, and of
// the station a pseudonym.
func TestStrictLeavesYearsAndStationPseudonymsAloneInEveryReport(t *testing.T) {
	paths, err := filepath.Glob("../../testdata/*.dcm")
	must(t, err)
	seen := 0
	for _, p := range reports(t) {
		if !slices.Contains(paths, p.before) {
			continue
		}
		seen++
		name := strings.TrimSuffix(p.name, ".dcm")
		_, d := deidentify(t, deid.Strict, read(t, name), deid.Context{Key: newKey(t)})
		d, err := d.Flat()
		must(t, err)
		for r := dataset.Ref(1); int(r) < d.Len(); r++ {
			n := d.Node(r)
			if d.Container(r) || n.Tag == 0x00080106 || n.Tag.Group() == 0x0040 && n.Tag.Element()>>8 == 0xDB {
				continue // the versions of context groups and templates are no dates of anybody's
			}
			value, wrong := d.Text(r), false
			switch n.VR {
			case dataset.DA:
				wrong = value != "" && (len(value) != 8 || value[4:] != "0101")
			case dataset.TM:
				wrong = strings.Trim(value, "0") != ""
			case dataset.DT:
				wrong = value != "" && len(value) != 4 && value != "19000101000000"
			}
			switch n.Tag {
			case 0x00181000:
				wrong = true
			case stationName:
				wrong = len(value) != 16 || !strings.HasPrefix(value, "DG")
			}
			if wrong {
				t.Errorf("%s: %v is %q", name, n.Tag, value)
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d reports", seen)
	}
}

func TestAStationHasTheSamePseudonymInAllItsReports(t *testing.T) {
	key := newKey(t)
	of := func(station, serial, patient string) string {
		doc := edited(t, "ct-small", map[dataset.Tag]string{stationName: station, 0x00181000: serial, patientID: patient})
		_, d := deidentify(t, deid.Strict, doc, deid.Context{Key: key})
		return d.TextOf(dataset.Root, stationName)
	}
	one := of("CTROOM7", "SN-1", "INVENTED-1")
	if again := of("CTROOM7", "SN-1", "INVENTED-2"); again != one {
		t.Errorf("for another patient it is %s, and was %s", again, one)
	}
	for _, other := range []string{of("CTROOM8", "SN-1", "INVENTED-1"), of("CTROOM7", "SN-2", "INVENTED-1")} {
		if other == one {
			t.Errorf("another station is %s too", other)
		}
	}
}
