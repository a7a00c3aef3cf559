package deid

import (
	"math"
	"strings"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/sr"
	"github.com/suyashkumar/dicom"
	"github.com/suyashkumar/dicom/pkg/tag"
)

// libCharset is what the library's texts are in, whatever the report was in.
var libCharset = dataset.ParseCharset("ISO_IR 192")

func libMust[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func libTag(e *dicom.Element) dataset.Tag {
	return dataset.Tag(e.Tag.Group)<<16 | dataset.Tag(e.Tag.Element)
}

// libVR is an element's VR, 0 where it has none.
func libVR(e *dicom.Element) dataset.VR {
	if len(e.RawValueRepresentation) != 2 {
		return 0
	}
	return dataset.VR(e.RawValueRepresentation[0])<<8 | dataset.VR(e.RawValueRepresentation[1])
}

// libFind finds an element among those of an item, which are in order.
func libFind(es []*dicom.Element, t dataset.Tag) *dicom.Element {
	for _, e := range es {
		if libTag(e) == t {
			return e
		}
	}
	return nil
}

// libValue is the text of an element, without padding; several values are
// separated by backslashes.
func libValue(e *dicom.Element) string {
	values, _ := e.Value.GetValue().([]string)
	if len(values) == 1 {
		return strings.TrimRight(values[0], " \x00")
	}
	return strings.TrimRight(strings.Join(values, `\`), " \x00")
}

func libText(es []*dicom.Element, t dataset.Tag) string {
	if e := libFind(es, t); e != nil {
		return libValue(e)
	}
	return ""
}

func libSet(e *dicom.Element, value string) {
	e.Value = libMust(dicom.NewValue([]string{value}))
}

func libElement(t tag.Tag, value string) *dicom.Element {
	return libMust(dicom.NewElement(t, []string{value}))
}

func libSequence(t tag.Tag, items ...[]*dicom.Element) *dicom.Element {
	return libMust(dicom.NewElement(t, items))
}

func libCode(c sr.Code, meaning string) []*dicom.Element {
	return []*dicom.Element{libElement(tag.CodeValue, c.Value), libElement(tag.CodingSchemeDesignator, c.Scheme), libElement(tag.CodeMeaning, meaning)}
}

// libItems are the items of a sequence; none of nil or of another element.
func libItems(e *dicom.Element) []*dicom.SequenceItemValue {
	if e == nil {
		return nil
	}
	items, _ := e.Value.GetValue().([]*dicom.SequenceItemValue)
	return items
}

func libElements(item *dicom.SequenceItemValue) []*dicom.Element {
	return item.GetValue().([]*dicom.Element)
}

// libEach edits the items of a sequence. The library lets a sequence be made
// anew alone, so that is done only where an item has become shorter.
func libEach(e *dicom.Element, edit func([]*dicom.Element) ([]*dicom.Element, bool)) {
	items := libItems(e)
	left, shorter := make([][]*dicom.Element, 0, len(items)), false
	for _, item := range items {
		es := libElements(item)
		out, stays := edit(es)
		shorter = shorter || !stays || len(out) != len(es)
		if stays {
			left = append(left, out)
		}
	}
	if shorter {
		e.Value = libMust(dicom.NewValue(left))
	}
}

// libCodeOf is the code of an item of a code sequence; its attributes are among
// the first.
func libCodeOf(es []*dicom.Element) (c sr.Code) {
	for _, e := range es {
		switch t := libTag(e); {
		case t == sr.CodeValue || (t == sr.LongCodeValue || t == sr.URNCodeValue) && c.Value == "":
			c.Value = libValue(e)
		case t == sr.CodingSchemeDesignator:
			c.Scheme = libValue(e)
		case t > sr.URNCodeValue:
			return c
		}
	}
	return c
}

func libCodeIn(es []*dicom.Element, sequence dataset.Tag) (c sr.Code) {
	for _, item := range libItems(libFind(es, sequence)) {
		return libCodeOf(libElements(item))
	}
	return c
}

// libAgrees reports whether a Floating Point Value is the Numeric Value.
func libAgrees(e *dicom.Element, item []*dicom.Element) bool {
	numeric, ok := number(libText(item, sr.NumericValue))
	floats := e.Value.GetValue().([]float64)
	return ok && len(floats) == 1 && math.Abs(floats[0]-numeric) <= 1e-6*math.Max(math.Abs(floats[0]), math.Abs(numeric))
}
