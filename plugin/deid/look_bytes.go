package deid

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"github.com/dosegate/dosegate/plugin/dataset"
)

// seen is an element of the finished object.
type seen struct {
	tag           dataset.Tag
	vr            dataset.VR
	at            int // where its header begins
	value, length int // length -1: undefined
}

var errLook = errors.New("the de-identified report does not read as it should")

func (l *look) fault(at int) error { return fmt.Errorf("%w at byte %d", errLook, at) }

// dataSetOf skips preamble and file meta information (PS3.10 7.1).
func dataSetOf(file []byte) (body []byte, implicit bool, err error) {
	l, at := &look{raw: file}, 132
	for len(file) >= at+2 && binary.LittleEndian.Uint16(file[at:]) == 2 {
		var e seen
		if err := l.head(&e, at, len(file), false); err != nil || e.length < 0 {
			return nil, false, l.fault(at)
		}
		at = e.value + e.length
		if e.tag == dataset.TransferSyntaxUID {
			implicit = string(l.text(&e)) == dataset.ImplicitLittleEndian.UID
		}
	}
	return file[min(at, len(file)):], implicit, nil
}

// head reads an element's header (PS3.5 7.1) into e.
func (l *look) head(e *seen, at, end int, implicit bool) error {
	if end-at < 8 {
		return l.fault(at)
	}
	b := l.raw[at:end]
	length := binary.LittleEndian.Uint32(b[4:])
	e.tag, e.vr, e.at, e.value = dataset.Tag(bits.RotateLeft32(binary.LittleEndian.Uint32(b), 16)), 0, at, at+8
	switch {
	case e.tag.Group() == 0xFFFE:
	case implicit:
		e.vr = dataset.DictionaryVR(e.tag)
	default:
		e.vr = dataset.VR(b[4])<<8 | dataset.VR(b[5])
		if !fourBytes(e.vr) {
			length >>= 16
			break
		}
		if len(b) < 12 {
			return l.fault(at)
		}
		e.value, length = at+12, binary.LittleEndian.Uint32(b[8:])
	}
	if e.length = int(length); length == 0xFFFFFFFF {
		e.length = -1
	} else if e.length > end-e.value {
		return l.fault(at)
	}
	return nil
}

// fourBytes reports whether a VR has its length in four bytes (PS3.5 7.1.2).
func fourBytes(vr dataset.VR) bool {
	switch vr {
	case dataset.AE, dataset.AS, dataset.AT, dataset.CS, dataset.DA, dataset.DS, dataset.DT, dataset.FL, dataset.FD, dataset.IS, dataset.LO,
		dataset.LT, dataset.PN, dataset.SH, dataset.SL, dataset.SS, dataset.ST, dataset.TM, dataset.UI, dataset.UL, dataset.US:
		return false
	}
	return true
}

// silent skips what most elements are: explicit, with a length of two bytes and
// a value that says nothing of anybody.
func (l *look) silent(at, end int, implicit bool) int {
	for !implicit && end-at >= 8 {
		head := binary.LittleEndian.Uint64(l.raw[at:])
		tag := dataset.Tag(bits.RotateLeft32(uint32(head), 16))
		next := at + 8 + int(head>>48)
		if next > end || tag.Private() || tag.Group() == 0xFFFE || tag == dataset.SpecificCharacterSet ||
			!saysNothing(tag, dataset.VR(bits.ReverseBytes16(uint16(head>>32)))) {
			break
		}
		l.tail.from, l.tail.to = at+8, next
		at = next
	}
	return at
}

// stretch is a part of the bytes, from one offset to another.
type stretch struct{ from, to int }

// isSequence reports whether an element holds items, also where it is called UN.
func (l *look) isSequence(e *seen, implicit bool) bool {
	switch {
	case e.vr == dataset.SQ, e.length < 0:
		return true
	case e.vr == dataset.UN && e.length >= 8 && (implicit || dataset.DictionaryVR(e.tag) == dataset.SQ):
		return binary.LittleEndian.Uint32(l.raw[e.value:]) == 0xE000FFFE
	}
	return false
}
