package dataset_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
)

// The tags that the tests of this package write.
const (
	groupLength8     dataset.Tag = 0x00080000
	sopClassUID      dataset.Tag = 0x00080016
	codeValue        dataset.Tag = 0x00080100
	codeMeaning      dataset.Tag = 0x00080104
	stationName      dataset.Tag = 0x00081010
	studyDescription dataset.Tag = 0x00081030
	groupLength10    dataset.Tag = 0x00100000
	patientName      dataset.Tag = 0x00100010
	patientAge       dataset.Tag = 0x00101010
	rows             dataset.Tag = 0x00280010
	valueType        dataset.Tag = 0x0040A040
	textValue        dataset.Tag = 0x0040A160
	conceptCode      dataset.Tag = 0x0040A168
	contentSequence  dataset.Tag = 0x0040A730
)

// encoding writes elements by the rules of PS3.5 chapter 7, apart from the
// code under test.
type encoding struct {
	syntax   dataset.Syntax
	order    binary.AppendByteOrder
	implicit bool
	open     bool // sequences and items of undefined length
	unknown  bool // sequences as UN of undefined length, implicit inside (PS3.5 6.2.2)
}

var (
	explicitLittle = encoding{syntax: dataset.ExplicitLittleEndian, order: binary.LittleEndian}
	implicitLittle = encoding{syntax: dataset.ImplicitLittleEndian, order: binary.LittleEndian, implicit: true}
	explicitBig    = encoding{syntax: dataset.ExplicitBigEndian, order: binary.BigEndian}
)

func (e encoding) opened() encoding { e.open = true; return e }

func (e encoding) hidden() encoding { e.unknown = true; return e }

// head writes an element's or item's header; vr is "" where none is written.
func (e encoding) head(tag dataset.Tag, vr string, length uint32) []byte {
	b := e.order.AppendUint16(nil, tag.Group())
	b = e.order.AppendUint16(b, tag.Element())
	switch {
	case e.implicit || tag.Group() == 0xFFFE:
		return e.order.AppendUint32(b, length)
	case slices.Contains([]string{"SQ", "UN", "UT", "OB", "OW"}, vr):
		return e.order.AppendUint32(append(b, vr[0], vr[1], 0, 0), length)
	}
	return e.order.AppendUint16(append(b, vr...), uint16(length))
}

// text writes an element of characters, padded as PS3.5 6.2 asks.
func (e encoding) text(tag dataset.Tag, vr, value string) []byte {
	if len(value)%2 == 1 {
		value += map[bool]string{true: "\x00", false: " "}[vr == "UI"]
	}
	return append(e.head(tag, vr, uint32(len(value))), value...)
}

func (e encoding) us(tag dataset.Tag, value uint16) []byte {
	return e.order.AppendUint16(e.head(tag, "US", 2), value)
}

func (e encoding) ul(tag dataset.Tag, value uint32) []byte {
	return e.order.AppendUint32(e.head(tag, "UL", 4), value)
}

// within is how the items of a sequence are encoded.
func (e encoding) within() encoding {
	if e.unknown {
		return implicitLittle.opened()
	}
	return e
}

// sequence writes a sequence of items, which are made of elements encoded as
// [encoding.within] says.
func (e encoding) sequence(tag dataset.Tag, items ...[]byte) []byte {
	in, vr := e.within(), "SQ"
	if e.unknown {
		vr = "UN"
	}
	var body []byte
	for _, item := range items {
		if in.open {
			body = append(append(body, in.head(dataset.Item, "", 0xFFFFFFFF)...), item...)
			body = append(body, in.head(dataset.ItemDelimitation, "", 0)...)
			continue
		}
		body = append(append(body, in.head(dataset.Item, "", uint32(len(item)))...), item...)
	}
	if !in.open {
		return append(e.head(tag, vr, uint32(len(body))), body...)
	}
	body = append(body, in.head(dataset.SequenceDelimiter, "", 0)...)
	return append(e.head(tag, vr, 0xFFFFFFFF), body...)
}

// group puts the retired group length before the elements of a group.
func (e encoding) group(length dataset.Tag, elements ...[]byte) []byte {
	body := bytes.Join(elements, nil)
	return append(e.ul(length, uint32(len(body))), body...)
}

func (e encoding) file(elements ...[]byte) []byte {
	return asFile(e.syntax, bytes.Join(elements, nil))
}

// asFile puts a preamble and file meta information before a data set.
func asFile(syntax dataset.Syntax, body []byte) []byte {
	return append(dataset.AppendFileHeader(nil, "1.2.840.10008.5.1.4.1.1.88.67", "2.25.1", syntax), body...)
}

func parse(t testing.TB, file []byte) *dataset.Dataset {
	t.Helper()
	d, err := dataset.Parse(file, dataset.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// find walks down from the root: at each step an element and, but for the
// last, the number of its item.
func find(t testing.TB, d *dataset.Dataset, path ...any) dataset.Ref {
	t.Helper()
	at := dataset.Root
	for _, step := range path {
		switch step := step.(type) {
		case dataset.Tag:
			r, ok := d.Find(at, step)
			if !ok {
				t.Fatalf("no %v at %v", step, path)
			}
			at = r
		case int:
			items := slices.Collect(d.Children(at))
			if step >= len(items) {
				t.Fatalf("no item %d at %v", step, path)
			}
			at = items[step]
		}
	}
	return at
}
