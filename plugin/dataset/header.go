package dataset

import (
	"encoding/binary"
	"math/bits"
)

// header is a decoded element header (PS3.5 7.1).
type header struct {
	tag    Tag
	length uint32
	vr     VR
	flags  flags
	size   uint8 // of the header itself
}

// tagAt and lengthAt read in the byte order that the flags say.
func tagAt(b []byte, f flags) Tag {
	if f&bigEndian != 0 {
		return Tag(binary.BigEndian.Uint32(b))
	}
	return Tag(bits.RotateLeft32(binary.LittleEndian.Uint32(b), 16))
}

func lengthAt(b []byte, f flags) uint32 {
	if f&bigEndian != 0 {
		return binary.BigEndian.Uint32(b)
	}
	return binary.LittleEndian.Uint32(b)
}

// header decodes the header at an offset into h; limit is where the parent ends.
func (x *indexer) header(h *header, at, limit int, f flags) error {
	if limit-at < 8 {
		return fault(ErrCut, at, "%d bytes where an element begins", limit-at)
	}
	b := x.raw[at:limit]
	h.tag, h.vr, h.size, h.flags = tagAt(b, f), 0, 8, f&encodingFlags
	if h.tag.Group() == 0xFFFE || f&implicit != 0 {
		h.length = lengthAt(b[4:], f)
		if h.tag.Group() != 0xFFFE {
			h.vr = DictionaryVR(h.tag)
		}
		return nil
	}
	if h.vr = vrAt(b[4:]); !h.vr.letters() {
		return fault(ErrMalformed, at, "%s has no VR", known(h.tag))
	}
	if !h.vr.wide() {
		h.length = uint32(b[6]) | uint32(b[7])<<8
		if f&bigEndian != 0 {
			h.length = uint32(b[7]) | uint32(b[6])<<8
		}
		return nil
	}
	if len(b) < 12 {
		return fault(ErrCut, at, "header of %s", known(h.tag))
	}
	h.size, h.length = 12, lengthAt(b[8:], f)
	return nil
}
