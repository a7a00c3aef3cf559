package dataset

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
	"sync"
)

const undefinedLength = math.MaxUint32

// indexer walks the bytes once and appends a node for every element and item.
// Each level knows where its parent ends, so that no length can reach further.
type indexer struct {
	raw      []byte
	lim      Limits
	nodes    []Node
	count    int         // elements and items, those of folded nodes too
	folds    *Memo[fold] // nil where every container is indexed for itself
	charsets []Ref       // the elements that declare one
	guessed  bool        // an item under UN was met
}

// scratch keeps what indexers work with for the next ones.
var scratch = sync.Pool{New: func() any { return &indexer{folds: new(Memo[fold])} }}

// index reads an encoded data set, folding what repeats unless that is not
// wanted or not possible.
func index(raw []byte, syntax Syntax, lim Limits, folding bool) (*Dataset, error) {
	if len(raw) > math.MaxInt32-8 {
		return nil, fault(ErrLimit, 0, "data set of %d bytes", len(raw))
	}
	if !folding {
		return (&indexer{raw: raw, lim: lim}).index(syntax)
	}
	x := scratch.Get().(*indexer)
	defer scratch.Put(x)
	*x = indexer{raw: raw, lim: lim, nodes: x.nodes[:0], charsets: x.charsets[:0], folds: x.folds}
	*x.folds = Memo[fold]{}
	d, err := x.index(syntax)
	if x.raw = nil; err == nil && (x.guessed || !d.oneCharset()) {
		return index(raw, syntax, lim, false)
	}
	return d, err
}

func (x *indexer) index(syntax Syntax) (*Dataset, error) {
	root := Node{Tag: Item, flags: container, Parent: -1, end: int32(len(x.raw))}
	if syntax.Implicit {
		root.flags |= implicit
	}
	if syntax.BigEndian {
		root.flags |= bigEndian
	}
	x.nodes = append(x.nodes, root)
	if err := x.elements(Root, len(x.raw), false); err != nil {
		return nil, err
	}
	d := &Dataset{Syntax: syntax, lim: x.lim, raw: x.raw, nodes: slices.Clone(x.nodes)}
	d.readCharsets(x.charsets)
	return d, nil
}

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

// header decodes the header at an offset; limit is where the parent ends.
func (x *indexer) header(at, limit int, f flags) (header, error) {
	if limit-at < 8 {
		return header{}, fault(ErrCut, at, "%d bytes where an element begins", limit-at)
	}
	b := x.raw[at:limit]
	h := header{tag: tagAt(b, f), size: 8, flags: f & (implicit | bigEndian)}
	if h.tag.Group() == 0xFFFE || f&implicit != 0 {
		h.length = lengthAt(b[4:], f)
		if h.tag.Group() != 0xFFFE {
			h.vr = DictionaryVR(h.tag)
		}
		return h, nil
	}
	if h.vr = vrAt(b[4:]); !h.vr.letters() {
		return header{}, fault(ErrMalformed, at, "%s has no VR", known(h.tag))
	}
	if !h.vr.wide() {
		h.length = uint32(b[6]) | uint32(b[7])<<8
		if f&bigEndian != 0 {
			h.length = uint32(b[7]) | uint32(b[6])<<8
		}
		return h, nil
	}
	if len(b) < 12 {
		return header{}, fault(ErrCut, at, "header of %s", known(h.tag))
	}
	h.size, h.length = 12, lengthAt(b[8:], f)
	return h, nil
}

// add appends a node below parent and checks the limits that are on numbers.
func (x *indexer) add(parent Ref, h header, at int) (Ref, error) {
	if x.count++; x.count > x.lim.Elements {
		return 0, x.tooMany(at)
	}
	depth := int(x.nodes[parent].Depth) + 1
	if depth > x.deepest() {
		return 0, fault(ErrLimit, at, "nested deeper than %d", x.lim.Depth)
	}
	r := Ref(len(x.nodes))
	x.nodes = append(x.nodes, Node{Tag: h.tag, VR: h.vr, Depth: uint8(depth), flags: h.flags, Parent: parent,
		origin: r, next: r + 1, head: int32(at), value: int32(at + int(h.size))})
	return r, nil
}

// deepest is how deep a node may be.
func (x *indexer) deepest() int { return min(x.lim.Depth, math.MaxUint8) }

func (x *indexer) tooMany(at int) error {
	return fault(ErrLimit, at, "more than %d elements", x.lim.Elements)
}

// elements indexes the elements of an item or of the root, from its value to
// limit or, where open, to the item delimitation.
func (x *indexer) elements(parent Ref, limit int, open bool) error {
	last, sorted := Tag(0), true
	at := int(x.nodes[parent].value)
	short := x.nodes[parent].flags&encodingFlags == 0 && int(x.nodes[parent].Depth) < x.deepest()
	for open || at < limit {
		if short {
			if tag, end, ok := x.short(parent, at, limit); ok {
				if tag <= last && at > int(x.nodes[parent].value) {
					sorted = false
				}
				last, at = tag, end
				continue
			}
		}
		h, err := x.header(at, limit, x.nodes[parent].flags)
		if err != nil {
			return err
		}
		if h.tag == ItemDelimitation && open {
			if h.length != 0 {
				return fault(ErrMalformed, at, "item delimitation with a length")
			}
			break
		}
		if h.tag.Group() == 0xFFFE {
			return fault(ErrMalformed, at, "%s where an element should be", known(h.tag))
		}
		if h.tag <= last && at > int(x.nodes[parent].value) {
			sorted = false
		}
		last = h.tag
		if at, err = x.element(parent, h, at, limit); err != nil {
			return err
		}
	}
	x.close(parent, at)
	if !sorted {
		x.nodes[parent].flags |= unsorted
		return x.refuseTwice(parent)
	}
	return nil
}

// short indexes what most elements are: explicit, little endian, with a length
// of 16 bits, so no container. Whatever is anything else is left to element.
func (x *indexer) short(parent Ref, at, limit int) (tag Tag, end int, ok bool) {
	if limit-at < 8 {
		return 0, 0, false
	}
	head := binary.LittleEndian.Uint64(x.raw[at:])
	tag, end = Tag(bits.RotateLeft32(uint32(head), 16)), at+8+int(head>>48)
	vr := VR(bits.ReverseBytes16(uint16(head >> 32)))
	if vr.wide() || end > limit || tag.Group() == 0xFFFE || tag == SpecificCharacterSet || x.count >= x.lim.Elements {
		return 0, 0, false
	}
	x.count++
	r := Ref(len(x.nodes))
	x.nodes = append(x.nodes, Node{Tag: tag, VR: vr, Depth: x.nodes[parent].Depth + 1, Parent: parent,
		origin: r, next: r + 1, head: int32(at), value: int32(at + 8), end: int32(end)})
	return tag, end, true
}

// element indexes one element and what is below it; it returns where it ends.
func (x *indexer) element(parent Ref, h header, at, limit int) (int, error) {
	if h.length != undefinedLength && uint64(h.length) > uint64(limit-at-int(h.size)) {
		return 0, fault(ErrCut, at, "%s is longer than what encloses it", known(h.tag))
	}
	inside, nested, err := x.nesting(h, at, limit)
	if err != nil {
		return 0, err
	}
	if nested {
		h.flags = inside
		return x.sequence(parent, h, at, limit)
	}
	r, err := x.add(parent, h, at)
	if err != nil {
		return 0, err
	}
	if h.tag == SpecificCharacterSet {
		x.charsets = append(x.charsets, r)
	}
	x.nodes[r].end = x.nodes[r].value + int32(h.length)
	return int(x.nodes[r].end), nil
}

// sequence indexes an element that holds items.
func (x *indexer) sequence(parent Ref, h header, at, limit int) (int, error) {
	known, before := x.place(h, at, limit), x.count
	if end, is := x.again(parent, known, at, limit); is {
		return end, nil
	}
	r, err := x.add(parent, h, at)
	if err != nil {
		return 0, err
	}
	if h.length != undefinedLength {
		limit = at + int(h.size) + int(h.length)
	}
	if err := x.items(r, limit, h.length == undefinedLength, h.vr == OB || h.vr == OW); err != nil {
		return 0, err
	}
	known.Note(at, int(x.nodes[r].stop()), fold{r, int32(x.count - before)})
	return int(x.nodes[r].stop()), nil
}

// nesting decides whether an element holds items, and how they are encoded.
// UN of undefined length is a sequence in implicit little endian (PS3.5 6.2.2
// note 2, 7.5.1); UN of defined length under a tag that the dictionary knows
// as a sequence is read so too. A sequence tag whose value does not begin with
// an item is some other VR under a wrong name: opaque bytes.
func (x *indexer) nesting(h header, at, limit int) (inside flags, nested bool, err error) {
	inside = h.flags | container
	if h.vr == UN {
		inside = implicit | container
	}
	if h.length == undefinedLength {
		if fragments := h.vr == OB || h.vr == OW; fragments && h.tag != PixelData {
			return 0, false, fault(ErrMalformed, at, "%s of undefined length", known(h.tag))
		}
		return inside | undefined, true, nil
	}
	if h.vr == SQ || h.vr == UN && h.length >= 8 && DictionaryVR(h.tag) == SQ {
		value := at + int(h.size)
		if h.length == 0 {
			return inside, h.vr == SQ, nil
		}
		if h.length < 8 {
			return 0, false, nil
		}
		return inside, tagAt(x.raw[value:], inside) == Item, nil
	}
	return 0, false, nil
}

// items indexes the items of a sequence, or the fragments of encapsulated
// pixel data (PS3.5 A.4), which hold no elements.
func (x *indexer) items(seq Ref, limit int, open, fragments bool) error {
	at := int(x.nodes[seq].value)
	for open || at < limit {
		h, err := x.header(at, limit, x.nodes[seq].flags)
		if err != nil {
			return err
		}
		if h.tag == SequenceDelimiter && open {
			if h.length != 0 {
				return fault(ErrMalformed, at, "sequence delimitation with a length")
			}
			break
		}
		if h.tag != Item {
			return fault(ErrMalformed, at, "%s where an item should be", known(h.tag))
		}
		if at, err = x.item(seq, h, at, limit, fragments); err != nil {
			return err
		}
	}
	x.close(seq, at)
	return nil
}

func (x *indexer) item(seq Ref, h header, at, limit int, fragment bool) (int, error) {
	open := h.length == undefinedLength
	if !open && uint64(h.length) > uint64(limit-at-int(h.size)) {
		return 0, fault(ErrCut, at, "an item is longer than its sequence")
	}
	if open && fragment {
		return 0, fault(ErrMalformed, at, "a fragment of undefined length")
	}
	var known *Memory[fold]
	before := x.count
	if !fragment {
		h.flags |= container
		if only := at == int(x.nodes[seq].value) && !open && at+int(h.size)+int(h.length) == limit; !only {
			known = x.place(h, at, limit) // the only item repeats where its sequence does
		}
		if end, is := x.again(seq, known, at, limit); is {
			return end, nil
		}
	}
	if x.nodes[seq].VR == UN {
		x.guessed = true
		if x.withVRs(at+int(h.size), limit) {
			h.flags &^= implicit
		}
	}
	if open {
		h.flags |= undefined
	}
	r, err := x.add(seq, h, at)
	if err != nil {
		return 0, err
	}
	if !open {
		limit = at + int(h.size) + int(h.length)
	}
	if fragment {
		x.nodes[r].end = int32(limit)
		return limit, nil
	}
	if err := x.elements(r, limit, open); err != nil {
		return 0, err
	}
	known.Note(at, int(x.nodes[r].stop()), fold{r, int32(x.count - before)})
	return int(x.nodes[r].stop()), nil
}

// withVRs reports whether an item inside a UN sequence is encoded with VRs,
// against PS3.5 6.2.2: some devices write it so. Its first element tells: two
// letters that are its VR, or that make no length which fits.
func (x *indexer) withVRs(at, limit int) bool {
	if limit-at < 8 {
		return false
	}
	b := x.raw[at:]
	tag := tagAt(b, 0)
	vr, length := vrAt(b[4:]), binary.LittleEndian.Uint32(b[4:])
	return vr.letters() && (vr == DictionaryVR(tag) || uint64(length) > uint64(limit-at-8))
}

// close notes where a container's content ends and which node comes next.
func (x *indexer) close(r Ref, at int) {
	x.nodes[r].end = int32(at)
	x.nodes[r].next = Ref(len(x.nodes))
}

// refuseTwice looks for a tag that stands twice in an unsorted item: two
// readers would see two different reports in it.
func (x *indexer) refuseTwice(parent Ref) error {
	seen := make(map[Tag]bool)
	for c := parent + 1; c < x.nodes[parent].next; c = x.nodes[c].next {
		if seen[x.nodes[c].Tag] {
			return fault(ErrMalformed, int(x.nodes[c].head), "%s stands twice", known(x.nodes[c].Tag))
		}
		seen[x.nodes[c].Tag] = true
	}
	return nil
}
