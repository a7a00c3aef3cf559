package dataset

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// Encode appends the changed data set to dst, without file meta information,
// in the [Syntax.Output] of its syntax. It fails only where a value does not
// fit a length field.
func (p *Plan) Encode(dst []byte) ([]byte, error) {
	if !p.op[Root].below && !p.d.Syntax.BigEndian {
		return append(dst, p.d.raw...), nil
	}
	p.spread()
	e := &encoder{p: p, d: p.d, out: dst, made: make(map[Ref]stretch)}
	if err := e.children(Root); err != nil {
		return nil, err
	}
	return e.out, nil
}

// encoder copies what is unchanged and patches the lengths of what is not.
type encoder struct {
	p    *Plan
	d    *Dataset
	out  []byte
	made map[Ref]stretch // where containers that others fold onto were written
}

// stretch is a part of the output.
type stretch struct{ from, to int }

// groupLength is a retired group length element (PS3.5 7.2) whose group is
// still being written: value is where its four bytes stand in the output.
type groupLength struct {
	group uint16
	value int
}

// children writes the elements of an item, or the items of a sequence.
func (e *encoder) children(parent Ref) error {
	origin, _ := e.d.Origin(parent)
	var added []addition
	if e.p.op[origin].added {
		added = e.p.added[origin]
	}
	var length groupLength
	for c, end := e.d.span(parent); c < end; c = e.d.nodes[c].next {
		if len(added) == 0 && length.value == 0 && e.verbatim(c) {
			c = e.copy(c, end)
			continue
		}
		tag := e.d.nodes[c].Tag
		for len(added) > 0 && added[0].tag < tag && tag != Item {
			e.settle(&length, added[0].tag)
			if err := e.add(parent, added[0]); err != nil {
				return err
			}
			added = added[1:]
		}
		e.settle(&length, tag)
		if err := e.node(c); err != nil {
			return err
		}
		if tag.GroupLength() && e.p.op[c].own == keep && e.d.nodes[c].end-e.d.nodes[c].value() == 4 {
			length = groupLength{group: tag.Group(), value: len(e.out) - 4}
		}
	}
	for _, a := range added {
		e.settle(&length, a.tag)
		if err := e.add(parent, a); err != nil {
			return err
		}
	}
	e.settle(&length, Item)
	return nil
}

// verbatim reports whether a node is written as it stands, whatever else is.
func (e *encoder) verbatim(r Ref) bool {
	return e.p.op[r] == op{} && !e.d.Syntax.BigEndian && !e.d.nodes[r].Tag.GroupLength()
}

// copy writes a node and those behind it that are verbatim, too, before end. It
// returns the last of them.
func (e *encoder) copy(first, end Ref) (last Ref) {
	last = first
	for next := e.d.nodes[first].next; next < end && e.verbatim(next); next = e.d.nodes[next].next {
		last = next
	}
	e.out = append(e.out, e.d.raw[e.d.nodes[first].head:e.d.nodes[last].stop()]...)
	return last
}

// settle corrects a group length once an element of another group follows.
// The output is little endian.
func (e *encoder) settle(l *groupLength, next Tag) {
	if l.value != 0 && next.Group() != l.group {
		binary.LittleEndian.PutUint32(e.out[l.value:], uint32(len(e.out)-l.value-4))
		*l = groupLength{}
	}
}

// node writes one element or item and what is below it.
func (e *encoder) node(r Ref) error {
	n, op := &e.d.nodes[r], e.p.op[r]
	switch {
	case op.own == drop:
		return nil
	case op.own >= replace:
		return e.element(r, n, e.p.values[op.own-replace])
	case !op.below && !n.has(bigEndian) && !e.d.Syntax.BigEndian:
		e.out = append(e.out, e.d.raw[n.head:n.stop()]...)
		return nil
	case !n.has(container):
		return e.element(r, n, swapped(e.d.Bytes(r), n))
	case !n.has(shared):
		return e.nested(r, n)
	}
	if made, ok := e.made[n.origin]; ok {
		e.out = append(e.out, e.out[made.from:made.to]...)
		return nil
	}
	from := len(e.out)
	err := e.nested(r, n)
	e.made[n.origin] = stretch{from, len(e.out)}
	return err
}

// nested writes a sequence or item. Undefined lengths stay undefined, defined
// ones are patched when the content is written.
func (e *encoder) nested(r Ref, n *Node) error {
	length := uint32(0)
	if n.has(undefined) {
		length = undefinedLength
	}
	vr := n.VR
	if e.p.named[r] {
		vr = SQ
	}
	if err := e.header(n.Tag, vr, e.enclosing(n).has(implicit), length); err != nil {
		return err
	}
	start := len(e.out)
	if err := e.children(r); err != nil {
		return err
	}
	if !n.has(undefined) {
		if len(e.out)-start >= undefinedLength {
			return fault(ErrLimit, start, "%s becomes too long", known(n.Tag))
		}
		binary.LittleEndian.PutUint32(e.out[start-4:], uint32(len(e.out)-start))
		return nil
	}
	delimiter := SequenceDelimiter
	if n.Tag == Item {
		delimiter = ItemDelimitation
	}
	return e.header(delimiter, 0, true, 0)
}

// element writes a header and a value, padded to even length (PS3.5 7.1.1).
func (e *encoder) element(r Ref, n *Node, value []byte) error {
	vr := n.VR
	if n.has(container) && !n.has(implicit) || e.p.named[r] {
		vr = SQ // oddly named before, plainly a sequence now; UN with an implicit content stays that
	}
	if own, ok := e.p.vrs[r]; ok {
		vr = own
	}
	return e.write(n.Tag, vr, e.enclosing(n).has(implicit), value)
}

func (e *encoder) add(parent Ref, a addition) error {
	return e.write(a.tag, a.vr, e.d.nodes[parent].has(implicit), a.value)
}

func (e *encoder) write(tag Tag, vr VR, implicit bool, value []byte) error {
	if err := e.header(tag, vr, implicit, uint32(len(value)+len(value)&1)); err != nil {
		return err
	}
	e.out = append(e.out, value...)
	if len(value)&1 == 1 {
		e.out = append(e.out, vr.padding())
	}
	return nil
}

// enclosing is the node whose encoding n's header is in.
func (e *encoder) enclosing(n *Node) *Node { return &e.d.nodes[n.Parent] }

// header writes an element or item header in little endian.
func (e *encoder) header(tag Tag, vr VR, implicit bool, length uint32) error {
	e.out = binary.LittleEndian.AppendUint32(e.out, bits.RotateLeft32(uint32(tag), 16))
	switch {
	case implicit || tag.Group() == 0xFFFE:
		e.out = binary.LittleEndian.AppendUint32(e.out, length)
	case vr.wide():
		e.out = append(e.out, byte(vr>>8), byte(vr), 0, 0)
		e.out = binary.LittleEndian.AppendUint32(e.out, length)
	case length > math.MaxUint16:
		return fault(ErrLimit, len(e.out), "a value of %d bytes does not fit %s", length, known(tag))
	default:
		e.out = append(e.out, byte(vr>>8), byte(vr))
		e.out = binary.LittleEndian.AppendUint16(e.out, uint16(length))
	}
	return nil
}

// swapped returns the value in little endian (PS3.5 7.3).
func swapped(value []byte, n *Node) []byte {
	unit := n.VR.unit()
	if !n.has(bigEndian) || unit == 1 {
		return value
	}
	out := make([]byte, len(value))
	copy(out, value)
	for at := 0; at+unit <= len(out); at += unit {
		for i, j := at, at+unit-1; i < j; i, j = i+1, j-1 {
			out[i], out[j] = out[j], out[i]
		}
	}
	return out
}
