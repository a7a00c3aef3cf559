package dataset

import "fmt"

// Tag is a data element tag: the group in the upper 16 bits, the element in
// the lower (PS3.5 7.1).
type Tag uint32

// Tags that the encoding itself gives a meaning (PS3.5 7.5).
const (
	Item              Tag = 0xFFFEE000
	ItemDelimitation  Tag = 0xFFFEE00D
	SequenceDelimiter Tag = 0xFFFEE0DD

	TransferSyntaxUID    Tag = 0x00020010
	SpecificCharacterSet Tag = 0x00080005
	PixelData            Tag = 0x7FE00010
)

// Group returns the tag's group number.
func (t Tag) Group() uint16 { return uint16(t >> 16) }

// Element returns the tag's element number.
func (t Tag) Element() uint16 { return uint16(t) }

// Private reports whether the tag belongs to a private group (PS3.5 7.8).
func (t Tag) Private() bool { return t.Group()&1 == 1 }

// GroupLength reports whether the tag is a group length (PS3.5 7.2).
func (t Tag) GroupLength() bool { return t.Element() == 0 }

// String gives the tag as the standard writes it, as in (0008,1010).
func (t Tag) String() string { return fmt.Sprintf("(%04X,%04X)", t.Group(), t.Element()) }
