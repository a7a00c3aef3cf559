package deid_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/sr"
)

// ownScheme is a coding scheme of the tests': its codes are kept, and tell
// where a planted item stood.
const ownScheme = "99QZTEST"

// itemPlant is a row of Table E.3.4-1 with what was put into the report for it.
type itemPlant struct {
	row  tableRow
	code sr.Code
	planted
	valueType string
	number    string // of the row, as a code of ownScheme
}

// itemPlants gives every row of the table a value, under its value type or
// under another one.
func itemPlants(valueType string) (all []itemPlant) {
	for n, row := range tableRows("annex_e341.tsv") {
		p := itemPlant{row: row, code: sr.Code{Value: row["code"], Scheme: row["scheme"]}, valueType: row["value_type"], number: fmt.Sprint("row-", n)}
		if valueType != "" {
			p.valueType = valueType
		}
		vr := map[string]string{"TEXT": "UT", "PNAME": "PN", "UIDREF": "UI", "DATETIME": "DT", "DATE": "DA", "TIME": "TM",
			"COMPOSITE": "UI", "IMAGE": "UI", "WAVEFORM": "UI", "CONTAINER": "SQ"}[p.valueType]
		p.planted = plantedValue(vr, n)
		p.vr = vr
		switch {
		case p.valueType == "CODE":
			p.value = "M"
		case p.valueType == "NUM":
			p.value = "37"
		case p.code == sr.DCM("121031") && vr == "DA":
			p.value, p.token = bornOn, bornOn
		case p.code == sr.DCM("121435"):
			p.value = p.token // a name: each of its words would be cut out of the others
		}
		all = append(all, p)
	}
	return all
}

// want is what must become of an item: a content item may be mandatory by its
// template, so a dummy goes before a removal.
func (p itemPlant) want(policy deid.Policy) string {
	want := demanded(p.row, policy, "1")
	if want == year && p.vr == "TM" {
		want = "D"
	}
	return want
}

// code writes a code sequence.
func code(d *dataset.Dataset, value, scheme, meaning string) []byte {
	item := d.Append(nil, dataset.Root, sr.CodeValue, dataset.SH, []byte(value))
	item = d.Append(item, dataset.Root, sr.CodingSchemeDesignator, dataset.SH, []byte(scheme))
	return dataset.AppendItem(nil, d.Append(item, dataset.Root, sr.CodeMeaning, dataset.LO, []byte(meaning)))
}

// contentItem writes a content item; its value and what is below it come last.
func contentItem(d *dataset.Dataset, valueType string, concept []byte, value ...[]byte) []byte {
	item := d.Append(nil, dataset.Root, 0x0040A010, dataset.CS, []byte("CONTAINS"))
	item = d.Append(item, dataset.Root, sr.ValueType, dataset.CS, []byte(valueType))
	item = d.Append(item, dataset.Root, sr.ConceptNameCodeSequence, dataset.SQ, concept)
	return append(item, bytes.Join(value, nil)...)
}

// numeric writes the value of a NUM item.
func numeric(d *dataset.Dataset, value, unit, meaning string) []byte {
	m := d.Append(nil, dataset.Root, 0x004008EA, dataset.SQ, code(d, unit, "UCUM", meaning))
	m = d.Append(m, dataset.Root, sr.NumericValue, dataset.DS, []byte(value))
	return d.Append(nil, dataset.Root, sr.MeasuredValueSequence, dataset.SQ, dataset.AppendItem(nil, m))
}

// item is the planted content item.
func (p itemPlant) item(d *dataset.Dataset) []byte {
	concept := code(d, p.code.Value, p.code.Scheme, p.row["name"])
	switch p.valueType {
	case "CODE":
		return contentItem(d, "CODE", concept, d.Append(nil, dataset.Root, sr.ConceptCodeSequence, dataset.SQ, code(d, "M", "DCM", "Male")))
	case "NUM":
		return contentItem(d, "NUM", concept, numeric(d, p.value, "a", "year"))
	case "CONTAINER":
		return contentItem(d, "CONTAINER", concept, d.Append(nil, dataset.Root, 0x0040A050, dataset.CS, []byte("SEPARATE")))
	case "COMPOSITE", "IMAGE", "WAVEFORM":
		reference := d.Append(nil, dataset.Root, 0x00081150, dataset.UI, []byte("1.2.840.10008.5.1.4.1.1.2"))
		reference = dataset.AppendItem(nil, d.Append(reference, dataset.Root, 0x00081155, dataset.UI, []byte(p.value)))
		item := d.Append(nil, dataset.Root, 0x00081199, dataset.SQ, reference)
		return append(item, contentItem(d, p.valueType, concept)...)
	}
	tag := map[string]dataset.Tag{"TEXT": sr.TextValue, "PNAME": sr.PersonName, "UIDREF": sr.UID,
		"DATETIME": sr.DateTime, "DATE": sr.Date, "TIME": sr.Time}[p.valueType]
	return contentItem(d, p.valueType, concept, d.Append(nil, dataset.Root, tag, dataset.VR(p.vr[0])<<8|dataset.VR(p.vr[1]), []byte(p.value)))
}

// value reads what the item has become.
func (p itemPlant) valueOf(d *dataset.Dataset, item dataset.Ref) string {
	first := func(item dataset.Ref, path ...dataset.Tag) dataset.Ref {
		for _, tag := range path {
			item, _ = d.First(item, tag)
		}
		return item
	}
	switch p.valueType {
	case "CODE":
		return sr.CodeAt(d, item, sr.ConceptCodeSequence).Value
	case "NUM":
		return d.TextOf(first(item, sr.MeasuredValueSequence), sr.NumericValue)
	case "COMPOSITE", "IMAGE", "WAVEFORM":
		return d.TextOf(first(item, 0x00081199), 0x00081155)
	}
	for _, tag := range []dataset.Tag{sr.TextValue, sr.PersonName, sr.UID, sr.DateTime, sr.Date, sr.Time} {
		if e, ok := d.Find(item, tag); ok {
			return d.Text(e)
		}
	}
	return ""
}

// series writes the planted items, each behind a NUM that tells its row: a
// number is kept whatever becomes of what follows.
func series(d *dataset.Dataset, plants []itemPlant) (items []byte) {
	for _, p := range plants {
		items = dataset.AppendItem(items, contentItem(d, "NUM", code(d, p.number, ownScheme, "row"), numeric(d, "1", "1", "no units")))
		items = dataset.AppendItem(items, p.item(d))
	}
	return items
}

// plantContent puts the items into the tree: under the root, in containers of
// containers, and below a number.
func plantContent(d *dataset.Dataset, plan *dataset.Plan, plants []itemPlant) {
	all := bytes.Clone(series(d, plants))
	below := func(valueType string, value []byte) []byte {
		return contentItem(d, valueType, code(d, "holder", ownScheme, "holder"), value, d.Append(nil, dataset.Root, sr.ContentSequence, dataset.SQ, series(d, plants)))
	}
	container := below("CONTAINER", nil)
	for range 5 {
		container = contentItem(d, "CONTAINER", code(d, "holder", ownScheme, "holder"),
			d.Append(nil, dataset.Root, sr.ContentSequence, dataset.SQ, dataset.AppendItem(nil, container)))
	}
	all = dataset.AppendItem(dataset.AppendItem(all, container), below("NUM", numeric(d, "1", "1", "no units")))
	e, _ := d.Find(dataset.Root, sr.ContentSequence)
	plan.Replace(e, append(bytes.Clone(d.Bytes(e)), all...))
}

// places gives the items behind every number of a row: what stands there of
// its code, or none.
func places(d *dataset.Dataset) map[string][]sr.Item {
	all := map[string][]sr.Item{}
	tree := sr.Read(d)
	for _, parent := range tree.Walk() {
		row := ""
		for item := range tree.Children(parent) {
			if item.Concept.Scheme == ownScheme && item.Concept.Value != "holder" {
				row = item.Concept.Value
				all[row] = append(all[row], sr.Item{})
				continue
			}
			if here := all[row]; row != "" && here[len(here)-1].Ref == 0 {
				here[len(here)-1] = item
			}
			row = ""
		}
	}
	return all
}

// PS3.15 Table E.3.4-1.
func TestEveryRowOfTableE341IsObeyedAtEveryLevelUnderEveryOption(t *testing.T) {
	plants, key, checks := itemPlants(""), newKey(t), 0
	doc := plantedReport(t, func(d *dataset.Dataset, plan *dataset.Plan) { plantContent(d, plan, plants) })
	for name, policy := range annexPolicies() {
		_, d := deidentify(t, policy, doc, deid.Context{Key: key})
		found, moved := places(d), offset("")
		for _, p := range plants {
			if len(found[p.number]) != 3 {
				t.Fatalf("%s: %d of 3 places of %v are left", name, len(found[p.number]), p.code)
			}
			for _, item := range found[p.number] {
				checks++
				want := p.want(policy)
				if what := wrong(want, p.planted, item.Concept == p.code, p.valueOf(d, item.Ref), &moved); what != "" {
					t.Errorf("%s: %s %v %s, to be treated by %s, %s", name, p.valueType, p.code, p.row["name"], want, what)
				}
			}
		}
	}
	t.Logf("%d rows, %d checks", len(plants), checks)
}

// A concept is the same whatever the value type that a device gives it: what
// its row does not let out does not come out under another type either.
func TestAConceptOfTableE341KeepsNoMoreUnderAnotherValueType(t *testing.T) {
	key := newKey(t)
	for _, valueType := range []string{"TEXT", "PNAME", "UIDREF", "CODE"} {
		all, own := itemPlants(valueType), map[sr.Code]bool{}
		for _, row := range tableRows("annex_e341.tsv") {
			if row["value_type"] == valueType {
				own[sr.Code{Value: row["code"], Scheme: row["scheme"]}] = true
			}
		}
		for name, policy := range annexPolicies() {
			shut := slices.DeleteFunc(slices.Clone(all), func(p itemPlant) bool {
				return own[p.code] || strings.Contains("KC", p.want(policy)) || p.valueType == "UIDREF" && policy.Retain.UIDs
			})
			doc := plantedReport(t, func(d *dataset.Dataset, plan *dataset.Plan) { plantContent(d, plan, shut) })
			r, _ := deidentify(t, policy, doc, deid.Context{Key: key})
			for _, p := range shut {
				if bytes.Contains(r.File, []byte(p.token)) {
					t.Errorf("%s: %v %s as %s comes out though its row says %s", name, p.code, p.row["name"], valueType, p.want(policy))
				}
			}
		}
	}
}
