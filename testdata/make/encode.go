package main

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"slices"

	"github.com/suyashkumar/dicom"
	"github.com/suyashkumar/dicom/pkg/tag"
	"github.com/suyashkumar/dicom/pkg/uid"
)

// encoding says how a file is written. The zero value is the common one: explicit little endian, defined lengths.
type encoding struct {
	syntax        string // transfer syntax UID; "" is explicit little endian
	undefined     bool   // sequences and items of undefined length
	noMeta        bool   // neither preamble nor file meta information, as some archives export
	noGroupLength bool   // file meta information without (0002,0000)
	preamble      string // text left in the 128 bytes that nobody reads

	// unknown are sequences that go out as UN of undefined length. Inside, VR is implicit (PS3.5 6.2.2 note 1, CP-246); one
	// vendor's is explicit all the same.
	unknown map[tag.Tag]inside
	// misnamed lists sequences that go out under a VR that is not theirs.
	misnamed map[tag.Tag]string
}

// inside says how the content of a UN is encoded.
type inside bool

const (
	implicitInside inside = true
	explicitInside inside = false
)

func (enc encoding) transferSyntax() string {
	if enc.syntax == "" {
		return uid.ExplicitVRLittleEndian
	}
	return enc.syntax
}

// file encodes a whole file. The library's writer cannot deflate, wrap in UN or write a defined sequence length, so it
// writes the values, and the lengths around them are ours.
func (enc encoding) file(data elements) []byte {
	body := enc.dataset(data)
	if enc.transferSyntax() == uid.DeflatedExplicitVRLittleEndian {
		body = deflate(body)
	}
	if enc.noMeta {
		return body
	}
	meta := enc.meta(data)
	preamble := make([]byte, 128)
	copy(preamble, enc.preamble)
	return slices.Concat(preamble, []byte("DICM"), meta, body)
}

// meta encodes the file meta information: always explicit little endian (PS3.10 7.1).
func (enc encoding) meta(data elements) []byte {
	var group []byte
	for _, e := range metaElements(data, enc.transferSyntax()) {
		group = append(group, leaf(e, binary.LittleEndian, false)...)
	}
	if enc.noGroupLength {
		return group
	}
	length := numbers(tag.FileMetaInformationGroupLength, len(group))
	return append(leaf(length, binary.LittleEndian, false), group...)
}

func metaElements(data elements, syntax string) elements {
	return elements{
		octets(tag.FileMetaInformationVersion, "\x00\x01"),
		str(tag.MediaStorageSOPClassUID, data.text(tag.SOPClassUID)),
		str(tag.MediaStorageSOPInstanceUID, data.text(tag.SOPInstanceUID)),
		str(tag.TransferSyntaxUID, syntax),
		str(tag.ImplementationClassUID, instanceUID("implementation")),
		str(tag.ImplementationVersionName, "MADE_UP_1"),
		str(tag.SourceApplicationEntityTitle, planted.aeTitle),
	}
}

func (enc encoding) dataset(data elements) []byte {
	order, implicit, err := uid.ParseTransferSyntaxUID(enc.transferSyntax())
	if err != nil {
		panic(err)
	}
	return enc.encode(data, order, implicit)
}

func (enc encoding) encode(data elements, order binary.ByteOrder, implicit bool) []byte {
	var out []byte
	for _, e := range data.sorted() {
		if e.RawValueRepresentation != "SQ" {
			out = append(out, leaf(e, order, implicit)...)
			continue
		}
		out = append(out, enc.sequence(e, order, implicit)...)
	}
	return out
}

func (enc encoding) sequence(e *dicom.Element, order binary.ByteOrder, implicit bool) []byte {
	vr := "SQ"
	if other, ok := enc.misnamed[e.Tag]; ok {
		vr = other
	}
	undefined := enc.undefined
	within := implicit
	if how, ok := enc.unknown[e.Tag]; ok && !implicit {
		vr, undefined, within = "UN", true, bool(how)
	}
	var body []byte
	for _, it := range items(e) {
		content := enc.encode(it, order, within)
		body = append(body, head(tag.Item, "", content, order, undefined)...)
		body = append(body, content...)
		if undefined {
			body = append(body, head(tag.ItemDelimitationItem, "", nil, order, false)...)
		}
	}
	if implicit {
		vr = ""
	}
	out := append(head(e.Tag, vr, body, order, undefined), body...)
	if undefined {
		out = append(out, head(tag.SequenceDelimitationItem, "", nil, order, false)...)
	}
	return out
}

// head writes tag, VR and length; vr is "" where none is written: implicit VR, items and delimiters (PS3.5 7.1, 7.5).
func head(t tag.Tag, vr string, body []byte, order binary.ByteOrder, undefined bool) []byte {
	length := uint32(len(body))
	if undefined {
		length = tag.VLUndefinedLength
	}
	b := make([]byte, 4)
	order.PutUint16(b, t.Group)
	order.PutUint16(b[2:], t.Element)
	b = append(b, vr...)
	switch vr {
	case "SQ", "UN", "OB":
		b = append(b, 0, 0)
	case "":
	default:
		return append(b, order16(order, uint16(length))...)
	}
	long := make([]byte, 4)
	order.PutUint32(long, length)
	return append(b, long...)
}

func order16(order binary.ByteOrder, v uint16) []byte {
	b := make([]byte, 2)
	order.PutUint16(b, v)
	return b
}

// leaf lets the library's writer encode one element.
func leaf(e *dicom.Element, order binary.ByteOrder, implicit bool) []byte {
	var out bytes.Buffer
	w := must(dicom.NewWriter(&out, dicom.SkipVRVerification(), dicom.SkipValueTypeVerification()))
	w.SetTransferSyntax(order, implicit)
	if err := w.WriteElement(e); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// deflate is PS3.5 A.5: raw deflate, padded to an even length.
func deflate(body []byte) []byte {
	var out bytes.Buffer
	w := must(flate.NewWriter(&out, flate.BestCompression))
	must(w.Write(body))
	if err := w.Close(); err != nil {
		panic(err)
	}
	return even(out.Bytes())
}
