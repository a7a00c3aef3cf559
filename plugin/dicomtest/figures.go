package dicomtest

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/suyashkumar/dicom"
	"github.com/suyashkumar/dicom/pkg/tag"
)

// Figures is what a dose report measures, as suyashkumar/dicom reads it: a reader
// that shares nothing with Dosegate's.
type Figures struct {
	Numbers map[string]int // NUM items, by the concepts on the way to one, its value, unit and qualifier
	Events  []string       // the UIDs of the irradiation events
}

// irradiationEventUID is the concept of DCM that names an event: PS3.16 TID
// 10003, 10013 and others.
const irradiationEventUID = "113769"

// ReadFigures reads a whole DICOM file.
func ReadFigures(file []byte) (Figures, error) {
	d, err := dicom.Parse(bytes.NewReader(file), int64(len(file)), nil)
	if err != nil {
		return Figures{}, err
	}
	f := Figures{Numbers: make(map[string]int)}
	f.read(d.Elements, "")
	return f, nil
}

func (f *Figures) read(es []*dicom.Element, path string) {
	for _, child := range items(es, tag.ContentSequence) {
		concept := codeIn(child, tag.ConceptNameCodeSequence)
		here := path + "/" + concept
		for _, measured := range items(child, tag.MeasuredValueSequence) {
			f.Numbers[fmt.Sprint(here, text(measured, tag.NumericValue), codeIn(measured, tag.MeasurementUnitsCodeSequence),
				codeIn(child, tag.NumericValueQualifierCodeSequence))]++
		}
		if concept == irradiationEventUID+" DCM" {
			f.Events = append(f.Events, text(child, tag.UID))
		}
		f.read(child, here)
	}
}

// items are the items of a sequence among elements; none where it is missing.
func items(es []*dicom.Element, t tag.Tag) (all [][]*dicom.Element) {
	for _, e := range es {
		if e.Tag != t {
			continue
		}
		values, _ := e.Value.GetValue().([]*dicom.SequenceItemValue)
		for _, v := range values {
			all = append(all, v.GetValue().([]*dicom.Element))
		}
	}
	return all
}

// text is the value of an element, without padding.
func text(es []*dicom.Element, t tag.Tag) string {
	for _, e := range es {
		if values, ok := e.Value.GetValue().([]string); ok && e.Tag == t {
			return strings.TrimRight(strings.Join(values, `\`), " \x00")
		}
	}
	return ""
}

// codeIn is "value scheme" of the first item of a code sequence (PS3.3 8.8).
func codeIn(es []*dicom.Element, sequence tag.Tag) string {
	for _, item := range items(es, sequence) {
		for _, t := range []tag.Tag{tag.CodeValue, tag.LongCodeValue, tag.URNCodeValue} {
			if v := text(item, t); v != "" {
				return v + " " + text(item, tag.CodingSchemeDesignator)
			}
		}
	}
	return ""
}
