package main

import (
	"cmp"
	"slices"

	"github.com/suyashkumar/dicom"
	"github.com/suyashkumar/dicom/pkg/tag"
)

// elements is a data set, or one item of a sequence. Builders may append in any order: the encoder sorts by tag.
type elements []*dicom.Element

// str makes an element whose VR the dictionary knows. Values are bytes in the file's own character set.
func str(t tag.Tag, values ...string) *dicom.Element {
	return must(dicom.NewElement(t, values))
}

func numbers(t tag.Tag, values ...int) *dicom.Element {
	return must(dicom.NewElement(t, values))
}

func seq(t tag.Tag, items ...elements) *dicom.Element {
	return must(dicom.NewElement(t, plain(items)))
}

func octets(t tag.Tag, value string) *dicom.Element {
	return must(dicom.NewElement(t, even([]byte(value))))
}

// private makes an element that no dictionary knows.
func private(group, element uint16, vr string, value string) *dicom.Element {
	var data any = []string{value}
	if vr == "OB" || vr == "UN" {
		data = even([]byte(value))
	}
	return &dicom.Element{
		Tag:                    tag.Tag{Group: group, Element: element},
		RawValueRepresentation: vr,
		Value:                  must(dicom.NewValue(data)),
	}
}

func privateSeq(group, element uint16, items ...elements) *dicom.Element {
	return &dicom.Element{
		Tag:                    tag.Tag{Group: group, Element: element},
		RawValueRepresentation: "SQ",
		Value:                  must(dicom.NewValue(plain(items))),
	}
}

// find returns the element of a data set's own level, or nil.
func (es elements) find(t tag.Tag) *dicom.Element {
	for _, e := range es {
		if e.Tag == t {
			return e
		}
	}
	return nil
}

// text returns the first value of a string element, or "".
func (es elements) text(t tag.Tag) string {
	e := es.find(t)
	if e == nil {
		return ""
	}
	if values, ok := e.Value.GetValue().([]string); ok && len(values) > 0 {
		return values[0]
	}
	return ""
}

// without returns a data set that lacks some attributes at its own level.
func (es elements) without(tags ...tag.Tag) elements {
	return slices.DeleteFunc(slices.Clone(es), func(e *dicom.Element) bool { return slices.Contains(tags, e.Tag) })
}

// with replaces or adds elements.
func (es elements) with(more ...*dicom.Element) elements {
	for _, e := range more {
		es = append(es.without(e.Tag), e)
	}
	return es
}

func (es elements) sorted() elements {
	out := slices.Clone(es)
	slices.SortStableFunc(out, func(a, b *dicom.Element) int { return cmp.Compare(a.Tag.Uint32(), b.Tag.Uint32()) })
	return out
}

// items returns the items of a sequence, or nil for any other element.
func items(e *dicom.Element) []elements {
	values, ok := e.Value.GetValue().([]*dicom.SequenceItemValue)
	if !ok {
		return nil
	}
	out := make([]elements, len(values))
	for i, v := range values {
		out[i] = v.GetValue().([]*dicom.Element)
	}
	return out
}

// plain gives the writer the type it insists on, in the order the standard insists on.
func plain(items []elements) [][]*dicom.Element {
	out := make([][]*dicom.Element, len(items))
	for i, it := range items {
		out[i] = it.sorted()
	}
	return out
}

func even(b []byte) []byte {
	if len(b)%2 == 1 {
		b = append(b, 0)
	}
	return b
}

// must is for values that this program itself wrote down: a failure is a slip in its tables.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
