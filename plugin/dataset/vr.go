package dataset

import "github.com/suyashkumar/dicom/pkg/tag"

// VR is a value representation: its two letters, the first in the upper byte
// (PS3.5 6.2).
type VR uint16

// The value representations of PS3.5 Table 6.2-1.
const (
	AE VR = 'A'<<8 | 'E'
	AS VR = 'A'<<8 | 'S'
	AT VR = 'A'<<8 | 'T'
	CS VR = 'C'<<8 | 'S'
	DA VR = 'D'<<8 | 'A'
	DS VR = 'D'<<8 | 'S'
	DT VR = 'D'<<8 | 'T'
	FD VR = 'F'<<8 | 'D'
	FL VR = 'F'<<8 | 'L'
	IS VR = 'I'<<8 | 'S'
	LO VR = 'L'<<8 | 'O'
	LT VR = 'L'<<8 | 'T'
	OB VR = 'O'<<8 | 'B'
	OD VR = 'O'<<8 | 'D'
	OF VR = 'O'<<8 | 'F'
	OL VR = 'O'<<8 | 'L'
	OV VR = 'O'<<8 | 'V'
	OW VR = 'O'<<8 | 'W'
	PN VR = 'P'<<8 | 'N'
	SH VR = 'S'<<8 | 'H'
	SL VR = 'S'<<8 | 'L'
	SQ VR = 'S'<<8 | 'Q'
	SS VR = 'S'<<8 | 'S'
	ST VR = 'S'<<8 | 'T'
	SV VR = 'S'<<8 | 'V'
	TM VR = 'T'<<8 | 'M'
	UC VR = 'U'<<8 | 'C'
	UI VR = 'U'<<8 | 'I'
	UL VR = 'U'<<8 | 'L'
	UN VR = 'U'<<8 | 'N'
	UR VR = 'U'<<8 | 'R'
	US VR = 'U'<<8 | 'S'
	UT VR = 'U'<<8 | 'T'
	UV VR = 'U'<<8 | 'V'
)

// String gives the two letters.
func (v VR) String() string { return string([]byte{byte(v >> 8), byte(v)}) }

// wide reports whether the explicit encoding gives the VR a 32-bit length
// (PS3.5 7.1.2). A VR that this edition does not know is wide, as the
// standard promises for every VR it will add (PS3.5 6.2, note 4).
func (v VR) wide() bool { return v < narrowFirst || v > narrowLast || !narrow[v-narrowFirst] }

const narrowFirst, narrowLast = AE, US

// narrow are the VRs with a 16-bit length.
var narrow = func() (n [narrowLast - narrowFirst + 1]bool) {
	for _, v := range []VR{AE, AS, AT, CS, DA, DS, DT, FD, FL, IS, LO, LT, PN, SH, SL, SS, ST, TM, UI, UL, US} {
		n[v-narrowFirst] = true
	}
	return n
}()

// letters reports whether the VR is made of two capital letters at all.
func (v VR) letters() bool {
	a, b := byte(v>>8), byte(v)
	return a >= 'A' && a <= 'Z' && b >= 'A' && b <= 'Z'
}

// unit is the number of bytes that change places between big and little
// endian (PS3.5 7.3); 1 for text and opaque bytes.
func (v VR) unit() int {
	switch v {
	case US, SS, OW, AT:
		return 2
	case UL, SL, FL, OL, OF:
		return 4
	case FD, OD, OV, SV, UV:
		return 8
	}
	return 1
}

// padding is the byte that makes a value's length even (PS3.5 6.2).
func (v VR) padding() byte {
	switch v {
	case UI, OB, UN:
		return 0
	}
	return ' '
}

// Text reports whether a value of this VR is made of characters.
func (v VR) Text() bool {
	switch v {
	case AE, AS, CS, DA, DS, DT, IS, LO, LT, PN, SH, ST, TM, UC, UI, UR, UT:
		return true
	}
	return false
}

// DictionaryVR is the VR that PS3.6 gives the tag, UN where it names none.
// Where PS3.6 leaves a choice it is the first one named.
func DictionaryVR(t Tag) VR {
	if t.Private() {
		return UN
	}
	info, err := tag.Find(tag.Tag{Group: t.Group(), Element: t.Element()})
	if err != nil || len(info.VRs) == 0 || len(info.VRs[0]) != 2 {
		return UN
	}
	return VR(info.VRs[0][0])<<8 | VR(info.VRs[0][1])
}
