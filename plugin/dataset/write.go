package dataset

import "encoding/binary"

// implementation identifies this program in the file meta information
// (PS3.10 7.1). The UID is under 2.25, made once for this project.
const (
	ImplementationClassUID    = "2.25.31893651100777043126505405410194349661"
	ImplementationVersionName = "DOSEGATE"
)

// AppendFileHeader appends a new preamble, the magic and a new file meta
// information (PS3.10 7.1), which carries nothing of the file it replaces: no
// AE titles, no private information.
func AppendFileHeader(dst []byte, sopClass, sopInstance string, syntax Syntax) []byte {
	dst = append(dst, make([]byte, preambleLength)...)
	dst = append(dst, magic...)
	e := &encoder{out: dst}
	e.write(0x00020000, UL, false, make([]byte, 4)) // these lengths always fit
	length := len(e.out)
	e.write(0x00020001, OB, false, []byte{0, 1})
	e.write(0x00020002, UI, false, []byte(sopClass))
	e.write(0x00020003, UI, false, []byte(sopInstance))
	e.write(TransferSyntaxUID, UI, false, []byte(syntax.UID))
	e.write(0x00020012, UI, false, []byte(ImplementationClassUID))
	e.write(0x00020013, SH, false, []byte(ImplementationVersionName))
	binary.LittleEndian.PutUint32(e.out[length-4:], uint32(len(e.out)-length))
	return e.out
}

// Append appends one element in the encoding that the children of an item
// have: to build what [Plan.Replace] puts into a sequence.
func (d *Dataset) Append(dst []byte, item Ref, tag Tag, vr VR, value []byte) []byte {
	e := &encoder{out: dst}
	if err := e.write(tag, vr, d.nodes[item].has(implicit), value); err != nil {
		return dst // a value that fits no length field is nobody's mark or code
	}
	return e.out
}

// AppendItem appends an item with encoded elements in it.
func AppendItem(dst, elements []byte) []byte {
	e := &encoder{out: dst}
	e.header(Item, 0, true, uint32(len(elements)))
	return append(e.out, elements...)
}
