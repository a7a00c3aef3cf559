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
	count    int          // elements and items, those of folded nodes too
	reached  int          // how deep the container is that is being indexed
	folds    *Memo[fold]  // nil where every container is indexed for itself
	heads    *Heads[fold] // and this one, too
	charsets []Ref        // the elements that declare one
	guessed  bool         // an item under UN was met
}

// scratch keeps what indexers work with for the next ones.
var scratch = sync.Pool{New: func() any { return &indexer{folds: new(Memo[fold]), heads: new(Heads[fold])} }}

// index reads an encoded data set, folding what repeats unless that is not
// wanted or not possible.
func index(raw []byte, syntax Syntax, lim Limits, folding bool) (*Dataset, error) {
	if len(raw) > math.MaxInt32-8 {
		return nil, fault(ErrLimit, 0, "data set of %d bytes", len(raw))
	}
	if !folding || len(raw) < shortestFolded {
		return (&indexer{raw: raw, lim: lim}).index(syntax)
	}
	x := scratch.Get().(*indexer)
	defer scratch.Put(x)
	*x = indexer{raw: raw, lim: lim, nodes: x.nodes[:0], charsets: x.charsets[:0], folds: x.folds, heads: x.heads}
	x.folds.Forget()
	x.heads.Forget()
	d, err := x.index(syntax)
	if x.raw = nil; err == nil && (x.guessed || d.inner != nil) {
		return index(raw, syntax, lim, false)
	}
	return d, err
}

func (x *indexer) index(syntax Syntax) (*Dataset, error) {
	root := Node{Tag: Item, flags: container, Parent: -1, head: -8, end: int32(len(x.raw))} // as if a header stood before it
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
	d := &Dataset{Syntax: syntax, lim: x.lim, raw: x.raw, nodes: slices.Clone(x.nodes), guessed: x.guessed}
	d.readCharsets(x.charsets)
	return d, nil
}

// add appends a node below parent and checks the limits that are on numbers.
func (x *indexer) add(parent Ref, h *header, at int) (Ref, error) {
	if x.count++; x.count > x.lim.Elements {
		return 0, x.tooMany(at)
	}
	depth := int(x.nodes[parent].Depth) + 1
	if depth > x.deepest() {
		return 0, fault(ErrLimit, at, "nested deeper than %d", x.lim.Depth)
	}
	r, n := x.node()
	n.Tag, n.VR, n.Depth, n.flags = h.tag, h.vr, uint8(depth), h.flags
	if h.size == 12 {
		n.flags |= long
	}
	n.Parent, n.origin, n.next, n.like = parent, r, r+1, 0
	n.head, n.end = int32(at), 0
	return r, nil
}

// node appends a node, all of whose fields are to be set: one by one, since a
// structure that is put together and then copied has the processor wait.
func (x *indexer) node() (Ref, *Node) {
	r := len(x.nodes)
	if r < cap(x.nodes) {
		x.nodes = x.nodes[:r+1]
	} else {
		x.nodes = append(x.nodes, Node{})
	}
	return Ref(r), &x.nodes[r]
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
	begin := int(x.nodes[parent].value())
	at := begin
	short := x.nodes[parent].flags&encodingFlags == 0 && int(x.nodes[parent].Depth) < x.deepest()
	for open || at < limit {
		if short {
			if tag, end, ok := x.short(parent, at, limit); ok {
				if tag <= last && at > begin {
					sorted = false
				}
				last, at = tag, end
				continue
			}
		}
		var h header
		err := x.header(&h, at, limit, x.nodes[parent].flags)
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
		if h.tag <= last && at > begin {
			sorted = false
		}
		last = h.tag
		if at, err = x.element(parent, &h, at, limit); err != nil {
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
	r, n := x.node()
	n.Tag, n.VR, n.Depth, n.flags = tag, vr, x.nodes[parent].Depth+1, 0
	n.Parent, n.origin, n.next, n.like = parent, r, r+1, 0
	n.head, n.end = int32(at), int32(end)
	return tag, end, true
}

// element indexes one element and what is below it; it returns where it ends.
func (x *indexer) element(parent Ref, h *header, at, limit int) (int, error) {
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
	x.nodes[r].end = x.nodes[r].value() + int32(h.length)
	return int(x.nodes[r].end), nil
}
