package deid_test

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/sr"
)

// headerPlant is a row of Table E.1-1 with what was put into the report for it.
type headerPlant struct {
	row tableRow
	tag dataset.Tag
	planted
	listed tableRow // its row of attributes.tsv; nil where it has none
}

// Places at which an attribute can stand.
const (
	atTop         = "at the top"
	inSequence    = "in a nested sequence"
	inContentItem = "in a content item"
	inRequest     = "in a Referenced Request Sequence"
)

// headerPlants gives every row of the table, and of what attributes.tsv has
// beside it, a value.
func headerPlants(t testing.TB) (all []headerPlant) {
	t.Helper()
	listed := map[string]tableRow{}
	for _, row := range tableRows("attributes.tsv") {
		listed[row["tag"]] = row
	}
	seen := map[string]bool{}
	add := func(row tableRow, tag string) {
		n, err := strconv.ParseUint(tag, 16, 32)
		must(t, err)
		p := headerPlant{row: row, tag: dataset.Tag(n), planted: plantedValue(row["vr"], len(all)), listed: listed[tag]}
		if row["vr"] == "" && p.tag.Element() == 0x10 {
			p.planted = plantedValue("LO", len(all)) // a private creator
		}
		if v, ok := fitting[p.tag]; ok {
			p.value, p.token = v, v
		}
		seen[tag] = true
		all = append(all, p)
	}
	for _, row := range tableRows("annex_e11.tsv") {
		for _, tag := range concrete(row["tag"]) {
			add(row, tag)
		}
	}
	for tag, row := range listed {
		if !seen[tag] && row["form"] == "" && row["vr"] != "SQ" && row["vr"] != "FD" && row["vr"] != "DS" {
			add(tableRow{"tag": tag, "keyword": row["keyword"], "vr": row["vr"], "basic": "K"}, tag)
		}
	}
	slices.SortFunc(all, func(a, b headerPlant) int { return int(int64(a.tag) - int64(b.tag)) })
	return all
}

// fitting are the values of attributes that do not take any value of their VR.
var fitting = map[dataset.Tag]string{
	patientName: plantedName + "^Quasi", birthDate: bornOn, studyDate: plantedDay, 0x00100040: "F", 0x00080201: "+0100",
}

// concrete gives tags for a pattern of the table.
func concrete(tag string) []string {
	switch tag {
	case "odd":
		return []string{"00090010", "00091001", "00310010", "003110FF", "7FE11001"}
	case "50xxxxxx":
		return []string{"50000010", "501E3000"}
	case "60xx3000", "60xx4000":
		return []string{strings.Replace(tag, "xx", "00", 1), strings.Replace(tag, "xx", "1E", 1)}
	}
	return []string{tag}
}

// want is what must become of a row's value at a place.
func (p headerPlant) want(policy deid.Policy, place string) string {
	switch {
	case p.listed == nil:
		return "X" // the allow-list does not have it
	case p.listed["form"] == "item-value":
		return "X" // nobody's value: the item has none, or is none
	case p.tag == patientID:
		return "D" // a pseudonym, under every policy
	case p.tag == 0x00080106:
		return "K" // a context group's version is no date of the patient's
	case p.tag == stationName && !policy.Retain.DeviceIdentity:
		return "D" // a pseudonym, so that devices can be told apart
	}
	want := demanded(p.row, policy, p.typeIn(place))
	if want == year && (p.vr == "TM" || p.vr == "SH") {
		want = compound("X/Z/D", p.typeIn(place))
	}
	return want
}

// typeIn is the attribute's type at a place; in a request some have another one
// (PS3.3 C.17.2, SR Document General).
func (p headerPlant) typeIn(place string) string {
	typ, there, _ := strings.Cut(p.listed["type"], "|")
	if other, ok := strings.CutPrefix(there, "0040A370="); ok && place == inRequest {
		return other
	}
	return typ
}

// element is what stands in the report.
func (p headerPlant) element(d *dataset.Dataset) (dataset.VR, []byte) {
	if p.vr != "SQ" {
		return dataset.VR(p.vr[0])<<8 | dataset.VR(p.vr[1]), []byte(p.value)
	}
	item := d.Append(nil, dataset.Root, sr.CodeValue, dataset.SH, []byte("113701"))
	item = d.Append(item, dataset.Root, sr.CodingSchemeDesignator, dataset.SH, []byte("DCM"))
	item = d.Append(item, dataset.Root, patientName, dataset.PN, []byte(p.token))
	return dataset.SQ, dataset.AppendItem(nil, d.Append(item, dataset.Root, 0x00104000, dataset.LT, []byte(p.value)))
}

// plantHeader puts the values into a report at a place.
func plantHeader(d *dataset.Dataset, plan *dataset.Plan, plants []headerPlant, place string) {
	var item []byte
	container := place == inContentItem
	for _, p := range plants {
		if container && p.tag > sr.ValueType {
			item = d.Append(item, dataset.Root, sr.ValueType, dataset.CS, []byte("CONTAINER"))
			container = false
		}
		vr, value := p.element(d)
		switch e, ok := d.Find(dataset.Root, p.tag); {
		case place != atTop:
			item = d.Append(item, dataset.Root, p.tag, vr, value)
		case ok:
			plan.Replace(e, value)
			plan.Retype(e, vr)
		default:
			plan.Add(dataset.Root, p.tag, vr, value)
		}
	}
	switch place {
	case inSequence, inRequest:
		e, _ := d.Find(dataset.Root, sequenceOf[place])
		plan.Replace(e, dataset.AppendItem(nil, item))
	case inContentItem:
		e, _ := d.Find(dataset.Root, sr.ContentSequence)
		plan.Replace(e, dataset.AppendItem(bytes.Clone(d.Bytes(e)), item))
	}
}

// performedProcedureCodes is a sequence that every report has and every policy
// keeps.
const performedProcedureCodes dataset.Tag = 0x0040A372

// sequenceOf is where the items at a place stand.
var sequenceOf = map[string]dataset.Tag{inSequence: performedProcedureCodes, inRequest: 0x0040A370}

// placed finds the item that the values were put into.
func placed(d *dataset.Dataset, place string) (item dataset.Ref, ok bool) {
	switch place {
	case inSequence, inRequest:
		return d.First(dataset.Root, sequenceOf[place])
	case inContentItem:
		e, _ := d.Find(dataset.Root, sr.ContentSequence)
		for child := range d.Children(e) {
			item, ok = child, true
		}
		return item, ok
	}
	return dataset.Root, true
}

// PS3.15 Table E.1-1, with the allow-list beside it.
func TestEveryRowOfTableE11IsObeyedAtEveryLevelUnderEveryOption(t *testing.T) {
	all := headerPlants(t)
	// These make the report one, and have a test of their own below.
	all = slices.DeleteFunc(all, func(p headerPlant) bool {
		return p.tag == sr.ContentSequence || p.tag == performedProcedureCodes || p.tag == sequenceOf[inRequest]
	})
	key, checks := newKey(t), 0
	for name, policy := range annexPolicies() {
		for _, place := range []string{atTop, inSequence, inContentItem, inRequest} {
			doc := plantedReport(t, func(d *dataset.Dataset, plan *dataset.Plan) { plantHeader(d, plan, all, place) })
			_, d := deidentify(t, policy, doc, deid.Context{Key: key})
			item, ok := placed(d, place)
			if !ok {
				t.Fatalf("%s, %s: the item is gone", name, place)
			}
			moved := offset("")
			for _, p := range all {
				checks++
				e, found := d.Find(item, p.tag)
				value := ""
				if found {
					value = d.Text(e)
				}
				want := p.want(policy, place)
				if what := wrong(want, p.planted, found, value, &moved); what != "" {
					t.Errorf("%s, %s: %v %s, to be treated by %s, %s", name, place, p.tag, p.row["keyword"], want, what)
				}
				if p.vr == "SQ" && bytes.Contains(d.Raw(), []byte(p.token)) {
					t.Errorf("%s, %s: what is in %v %s comes out", name, place, p.tag, p.row["keyword"])
				}
			}
		}
	}
	t.Logf("%d rows, %d checks", len(all), checks)
}
