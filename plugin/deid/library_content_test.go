package deid

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/sr"
	"github.com/suyashkumar/dicom"
	"github.com/suyashkumar/dicom/pkg/tag"
)

// libItemValue is what is to be done with the value of a content item.
type libItemValue struct {
	tag    dataset.Tag
	action action
	dated  bool
}

var libNoValue libItemValue // of an item that is no content item

// contentItem edits a content item by annex_e341.tsv, and what is below it, and
// tells whether it stays.
func (x *libraryEdit) contentItem(es []*dicom.Element) (out []*dicom.Element, stay bool) {
	item := sr.Item{Concept: libCodeIn(es, sr.ConceptNameCodeSequence), ValueType: x.valueType(es)}
	rule := x.rules.concept(item.Concept)
	act, exact := rule.action(item.ValueType)
	stays := libItemValue{}
	switch item.ValueType {
	case "CONTAINER":
		stays.action = keep
		if exact && act == remove {
			stays.action = remove
		}
	case "NUM":
		stays.action = x.numeric(es, rule)
	case "CODE":
		if stays.action = x.coded(es, item, rule); stays.action != keep {
			stays.action = remove
		}
	case "TEXT", "PNAME", "UIDREF", "DATETIME", "DATE", "TIME":
		stays = libItemValue{tag: libValueTags[item.ValueType], action: act, dated: rule.dated}
	default:
		stays.action = act
	}
	if stays.action == remove {
		if !x.holdsNumbers(es) {
			return nil, false
		}
		stays.action = dummy
	}
	if rule.age && item.ValueType == "NUM" && stays.action == keep {
		x.wholeYears(es)
	}
	out = x.elements(es, sr.ContentSequence, stays)
	if stays.action == dummy {
		out = slices.DeleteFunc(out, func(e *dicom.Element) bool {
			return libTag(e) == sr.ConceptCodeSequence || libTag(e) == sr.MeasuredValueSequence
		})
	}
	if e := libFind(out, sr.ValueType); e != nil && libValue(e) != item.ValueType {
		libSet(e, item.ValueType)
	}
	return out, true
}

var libValueTags = map[string]dataset.Tag{"TEXT": sr.TextValue, "PNAME": sr.PersonName, "UIDREF": sr.UID,
	"DATETIME": sr.DateTime, "DATE": sr.Date, "TIME": sr.Time}

// valueType is the item's, or the one whose attribute it has.
func (x *libraryEdit) valueType(es []*dicom.Element) string {
	written := libText(es, sr.ValueType)
	if written != "" && x.rules.valueTypes.matches(written) {
		return written
	}
	for _, vt := range []string{"NUM", "CODE", "TEXT", "PNAME", "UIDREF", "DATETIME", "DATE", "TIME", "CONTAINER"} {
		t, ok := libValueTags[vt]
		if !ok {
			t = map[string]dataset.Tag{"NUM": sr.MeasuredValueSequence, "CODE": sr.ConceptCodeSequence, "CONTAINER": sr.ContentSequence}[vt]
		}
		if libFind(es, t) != nil {
			return vt
		}
	}
	return ""
}

func (x *libraryEdit) numeric(es []*dicom.Element, rule *conceptRule) action {
	if rule.age {
		if _, ok := x.subjectAge(es); !ok {
			return remove
		}
		return keep
	}
	for _, m := range libItems(libFind(es, sr.MeasuredValueSequence)) {
		if v := libText(libElements(m), sr.NumericValue); v != "" && !Number(v) {
			return remove
		}
	}
	return keep
}

// subjectAge reads an age in completed years; ok is false where there is none.
func (x *libraryEdit) subjectAge(es []*dicom.Element) (n int, ok bool) {
	measured := libItems(libFind(es, sr.MeasuredValueSequence))
	if len(measured) != 1 {
		return 0, false
	}
	m := libElements(measured[0])
	age, isNumber := number(libText(m, sr.NumericValue))
	n, ok = inYears(age, libCodeIn(m, sr.MeasurementUnitsCodeSequence).Value)
	return n, ok && isNumber
}

func (x *libraryEdit) wholeYears(es []*dicom.Element) {
	n, _ := x.subjectAge(es)
	libFind(es, sr.MeasuredValueSequence).Value = libMust(dicom.NewValue([][]*dicom.Element{{
		libSequence(tag.MeasurementUnitsCodeSequence, libCode(sr.Code{Value: "a", Scheme: "UCUM"}, "year")),
		libElement(tag.NumericValue, strconv.Itoa(capped(n, x.policy.OldestAge))),
	}}))
}

func (x *libraryEdit) coded(es []*dicom.Element, item sr.Item, rule *conceptRule) action {
	if act, exact := rule.action(item.ValueType); rule.identifies(exact) {
		return act
	}
	if !listedScheme(libCodeIn(es, sr.ConceptCodeSequence).Scheme) && !rule.coded {
		return remove
	}
	return keep
}

func (x *libraryEdit) holdsNumbers(es []*dicom.Element) bool {
	for _, child := range libItems(libFind(es, sr.ContentSequence)) {
		below := libElements(child)
		if x.valueType(below) == "NUM" && x.numeric(below, x.rules.concept(libCodeIn(below, sr.ConceptNameCodeSequence))) != remove || x.holdsNumbers(below) {
			return true
		}
	}
	return false
}

// itemValue edits the attribute that holds a content item's value.
func (x *libraryEdit) itemValue(e *dicom.Element, row *rule, value libItemValue) bool {
	own := *row
	own.action = value.action
	switch {
	case row.vr == dataset.UT && value.dated && value.action != dummy:
		own.vr = dataset.DT
	case row.vr == dataset.UI && value.action != remove, row.vr == dataset.UT && value.action == dummy && dataset.ValidUID(libValue(e)):
		own.action = newUID
	}
	return x.apply(e, &own)
}

// code edits a part of a code, and tells whether it stays.
func (x *libraryEdit) code(e *dicom.Element, c sr.Code) bool {
	meaning, listed := meaningOf(c.Scheme, c.Value)
	text := libValue(e)
	switch libTag(e) {
	case sr.CodeMeaning:
		switch {
		case listed && !strings.EqualFold(meaning, text):
			libSet(e, meaning)
		case !listed && text != "":
			row, _ := x.rules.attributes.get(sr.CodeMeaning)
			return x.apply(e, row)
		}
	case sr.CodingSchemeDesignator:
		x.codePart(e, text, listed || listedScheme(c.Scheme), true)
	case sr.CodeValue, sr.LongCodeValue, sr.URNCodeValue:
		if text != c.Value {
			return false
		}
		x.codePart(e, text, listed, listed || looksLikeCode(c))
	case sr.CodingSchemeVersion:
		x.codePart(e, text, false, word([]byte(text)))
	default:
		return x.apply(e, &groupVersion)
	}
	return true
}

func (x *libraryEdit) codePart(e *dicom.Element, text string, listed, looksLikeOne bool) {
	if !listed && !(looksLikeOne && len(text) <= longestCodePart && noControls([]byte(text), false) && !x.cleaner.id.IsWord(text)) {
		libSet(e, replacement)
	}
}
