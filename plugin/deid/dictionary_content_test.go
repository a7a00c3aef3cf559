package deid

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/rdsr"
	"github.com/dosegate/dosegate/plugin/sr"
)

// probes is a container of content items, one for each entry of the dictionary.
// Each text has a word of its own, so that one that is cut out as a name is not
// cut out of the others.
type probes struct {
	d     *dataset.Dataset
	items []byte
	value map[[3]string]string // what each item says, by scheme, code and value type
}

// frame is the concept of the container.
var frame = sr.Code{Scheme: "99TEST", Value: "frame"}

func (p *probes) code(tag dataset.Tag, c sr.Code, meaning string) []byte {
	item := p.d.Append(nil, dataset.Root, sr.CodeValue, dataset.SH, []byte(c.Value))
	item = p.d.Append(item, dataset.Root, sr.CodingSchemeDesignator, dataset.SH, []byte(c.Scheme))
	return p.sequence(tag, p.d.Append(item, dataset.Root, sr.CodeMeaning, dataset.LO, []byte(meaning)))
}

func (p *probes) sequence(tag dataset.Tag, item []byte) []byte {
	return p.d.Append(nil, dataset.Root, tag, dataset.SQ, dataset.AppendItem(nil, item))
}

// add makes the item of an entry.
func (p *probes) add(c sr.Code, valueType string) {
	n := len(p.value)
	relationship := p.d.Append(nil, dataset.Root, sr.RelationshipType, dataset.CS, []byte("CONTAINS"))
	before := p.d.Append(relationship, dataset.Root, sr.ValueType, dataset.CS, []byte(valueType))
	before = append(before, p.code(sr.ConceptNameCodeSequence, c, "Invented concept")...)
	value, own := "", []byte(nil)
	if tag, ok := valueTags[valueType]; ok {
		vr := dataset.DictionaryVR(tag)
		switch value = textProbe(vr); vr {
		case dataset.DA, dataset.DT: // each its own: the day of birth is an identifier
			value = time.Date(2026, 1, 1+n, 0, 0, 0, 0, time.UTC).Format("20060102") + value[8:]
		case dataset.UI:
			value += fmt.Sprintf(".%d", n)
		case dataset.UT:
			value = fmt.Sprintf("quantum%d %s", n, testName)
		}
		own = p.d.Append(nil, dataset.Root, tag, vr, []byte(value))
	}
	switch valueType {
	case "NUM":
		value = "38"
		unit := p.code(sr.MeasurementUnitsCodeSequence, sr.Code{Scheme: "UCUM", Value: "a"}, "year")
		own = p.sequence(sr.MeasuredValueSequence, p.d.Append(unit, dataset.Root, sr.NumericValue, dataset.DS, []byte(value)))
	case "CODE":
		value = "113014"
		own = p.code(sr.ConceptCodeSequence, sr.DCM(value), "Study")
	case "IMAGE", "COMPOSITE", "WAVEFORM":
		value = fmt.Sprintf("1.2.276.0.99999.18.%d", n)
		class := p.d.Append(nil, dataset.Root, 0x00081150, dataset.UI, []byte("1.2.840.10008.5.1.4.1.1.2"))
		// (0008,1199) comes before the concept in the order of tags.
		before = append(p.sequence(0x00081199, p.d.Append(class, dataset.Root, 0x00081155, dataset.UI, []byte(value))), before...)
	}
	p.value[[3]string{c.Scheme, c.Value, valueType}] = value
	p.items = dataset.AppendItem(p.items, append(before, own...))
}

// report puts the container at the end of a report's tree.
func (p *probes) report(t *testing.T, entries []DictionaryEntry) *rdsr.Document {
	return reportFor(t, func(d *dataset.Dataset, plan *dataset.Plan) {
		p.d = d
		for _, e := range entries {
			if e.Tag == "" && e.Type != "" {
				p.add(probeConcept(e), e.Type)
			}
		}
		container := d.Append(nil, dataset.Root, sr.RelationshipType, dataset.CS, []byte("CONTAINS"))
		container = d.Append(container, dataset.Root, sr.ValueType, dataset.CS, []byte("CONTAINER"))
		container = append(container, p.code(sr.ConceptNameCodeSequence, frame, "Frame")...)
		container = d.Append(container, dataset.Root, sr.ContentSequence, dataset.SQ, p.items)
		tree, _ := d.Find(dataset.Root, sr.ContentSequence)
		plan.Replace(tree, dataset.AppendItem(slices.Clone(d.Bytes(tree)), container))
	})
}

// probeConcept is an entry's concept; one that no table has, for the entries of
// the rest.
func probeConcept(e DictionaryEntry) sr.Code {
	if e.Code == "" {
		return sr.Code{Scheme: "99TEST", Value: "unknown"}
	}
	return sr.Code{Scheme: e.Scheme, Value: e.Code}
}

func TestTheDictionaryTellsWhatBecomesOfEveryContentItem(t *testing.T) {
	for name, p := range dictionaryPolicies() {
		entries := Dictionary(p)
		in := &probes{value: make(map[[3]string]string)}
		d := deidentified(t, p, in.report(t, entries))
		out := make(map[[3]string]sr.Item)
		tree := sr.Read(d)
		for _, parent := range tree.Walk() {
			if parent.Concept != frame {
				continue
			}
			for item := range tree.Children(parent) {
				out[[3]string{item.Concept.Scheme, item.Concept.Value, item.ValueType}] = item
			}
		}
		for _, e := range entries {
			if e.Tag != "" || e.Type == "" {
				continue
			}
			c := probeConcept(e)
			key := [3]string{c.Scheme, c.Value, e.Type}
			item, found := out[key]
			after := ""
			if found {
				after = said(d, item)
			}
			if e.Action == OutcomeDescended && found {
				continue // a heading: it says nothing itself
			}
			if !consistent(p, e.Action, in.value[key], after, found) {
				t.Errorf("%s: %s %s %s is said to be %q, and %q became %q (found: %v)", name, e.Type, e.Code, e.Name, e.Action, in.value[key], after, found)
			}
		}
		if len(in.value) < 400 {
			t.Errorf("%s: only %d content items were looked at", name, len(in.value))
		}
	}
}

// said is the value of a content item in the output.
func said(d *dataset.Dataset, item sr.Item) string {
	for _, where := range [][]dataset.Tag{{valueTags[item.ValueType]}, {sr.MeasuredValueSequence, sr.NumericValue},
		{sr.ConceptCodeSequence, sr.CodeValue}, {0x00081199, 0x00081155}} {
		at := item.Ref
		for _, tag := range where[:len(where)-1] {
			at, _ = d.First(at, tag)
		}
		if at == 0 {
			continue
		}
		if v := d.TextOf(at, where[len(where)-1]); v != "" {
			return strings.TrimSpace(v)
		}
	}
	return ""
}
