package rdsr_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/rdsr"
	"github.com/dosegate/dosegate/plugin/sr"
)

// element writes one element in implicit little endian (PS3.5 7.1.3).
func element(tag dataset.Tag, value string) []byte {
	if len(value)%2 == 1 {
		value += " "
	}
	b := binary.LittleEndian.AppendUint16(nil, tag.Group())
	b = binary.LittleEndian.AppendUint16(b, tag.Element())
	return append(binary.LittleEndian.AppendUint32(b, uint32(len(value))), value...)
}

func sequence(tag dataset.Tag, items ...[]byte) []byte {
	var body []byte
	for _, item := range items {
		body = dataset.AppendItem(body, item)
	}
	return element(tag, string(body))
}

func code(tag dataset.Tag, c sr.Code) []byte {
	return sequence(tag, slices.Concat(element(sr.CodeValue, c.Value), element(sr.CodingSchemeDesignator, c.Scheme)))
}

// item is a content item: value type, concept, and its value and children.
func item(valueType string, concept sr.Code, more ...[]byte) []byte {
	return slices.Concat(element(sr.ValueType, valueType), code(sr.ConceptNameCodeSequence, concept), bytes.Join(more, nil))
}

func container(concept sr.Code, children ...[]byte) []byte {
	return item("CONTAINER", concept, sequence(sr.ContentSequence, children...))
}

func coded(concept, value sr.Code) []byte {
	return item("CODE", concept, code(sr.ConceptCodeSequence, value))
}

func num(concept sr.Code, value string) []byte {
	return item("NUM", concept, sequence(sr.MeasuredValueSequence, element(sr.NumericValue, value)))
}

// document is a whole report: SOP class, template ("" for none), root concept
// and content.
func document(class, template string, root sr.Code, children ...[]byte) []byte {
	parts := [][]byte{element(0x00080016, class), element(0x00080018, "2.25.18"), element(0x00081010, "XR1"),
		element(0x0020000D, "2.25.13"), element(sr.ValueType, "CONTAINER"), code(sr.ConceptNameCodeSequence, root)}
	if template != "" {
		parts = append(parts, sequence(sr.ContentTemplateSequence, element(sr.TemplateIdentifier, template)))
	}
	if len(children) > 0 {
		parts = append(parts, sequence(sr.ContentSequence, children...))
	}
	return append(dataset.AppendFileHeader(nil, class, "2.25.18", dataset.ImplicitLittleEndian), bytes.Join(parts, nil)...)
}

func sct(value string) sr.Code { return sr.Code{Value: value, Scheme: "SCT"} }

func srt(value string) sr.Code { return sr.Code{Value: value, Scheme: "SRT"} }

func recognise(t testing.TB, file []byte) (*rdsr.Document, error) {
	t.Helper()
	doc, err := rdsr.Recognise(file, dataset.Limits{})
	if doc == nil {
		t.Fatal(err)
	}
	return doc, err
}
