package dataset

import (
	"iter"
	"unsafe"
)

// Ref names a node of a [Dataset]. Nodes stand in the order of their bytes, a
// parent before its children. What repeats byte for byte has its children once
// (see fold.go): going through all nodes meets everything that there is, and
// going down by [Dataset.Children] meets it wherever it stands.
type Ref int32

// Root is the data set itself: the parent of the elements of the top level.
const Root Ref = 0

// Node is one element or item of an encoded data set. Offsets are into the
// bytes that the [Dataset] refers to.
type Node struct {
	Tag    Tag
	VR     VR // as encoded, by the dictionary in implicit encoding; 0 for an item
	Depth  uint8
	flags  flags
	Parent Ref
	origin Ref // whose children this one has: its own, unless it is folded
	next   Ref // the first node after this one's own children
	like   Ref // the item that this one is like (see like.go), 0 for none
	head   int32
	end    int32 // of the value, before a delimiter
}

type flags uint8

const (
	undefined flags = 1 << iota // length FFFFFFFF, ended by a delimiter
	implicit                    // the element (for a container: its content) has no VRs
	bigEndian
	container // a sequence or item: its children are nodes
	unsorted  // an item whose elements do not stand in the order of their tags
	shared    // a container onto which others are folded, or one of these
	long      // the header has 12 bytes, not 8

	encodingFlags = implicit | bigEndian
)

func (n *Node) has(f flags) bool { return n.flags&f != 0 }

// value is where the value begins, behind the header.
func (n *Node) value() int32 {
	if n.has(long) {
		return n.head + 12
	}
	return n.head + 8
}

// stop is where the bytes of the node end, its delimiter included.
func (n *Node) stop() int32 {
	if n.has(undefined) {
		return n.end + 8
	}
	return n.end
}

// Dataset is the index of one encoded data set. It is safe for concurrent
// reading.
type Dataset struct {
	Syntax  Syntax // as actually encoded
	lim     Limits
	raw     []byte
	nodes   []Node
	charset Charset         // of the root
	inner   map[Ref]Charset // others, by the item that declares them: in no data set seen
	guessed bool            // it has items under UN, whose encoding is told by what follows
}

// Len is the number of nodes, the root included.
func (d *Dataset) Len() int { return len(d.nodes) }

// Node returns the node that r names.
func (d *Dataset) Node(r Ref) *Node { return &d.nodes[r] }

// Tag returns the node's tag; [Item] for an item.
func (d *Dataset) Tag(r Ref) Tag { return d.nodes[r].Tag }

// Container reports whether r is a sequence or an item.
func (d *Dataset) Container(r Ref) bool { return d.nodes[r].has(container) }

// After returns the first node behind r and everything that is its own below
// it.
func (d *Dataset) After(r Ref) Ref { return d.nodes[r].next }

// span is where the children of r begin, and the first node behind them.
func (d *Dataset) span(r Ref) (first, end Ref) {
	origin := d.nodes[r].origin
	return origin + 1, d.nodes[origin].next
}

// Children yields the elements of an item (or the root), or the items of a
// sequence.
func (d *Dataset) Children(r Ref) iter.Seq[Ref] {
	return func(yield func(Ref) bool) {
		for c, end := d.span(r); c < end; c = d.nodes[c].next {
			if !yield(c) {
				return
			}
		}
	}
}

// Values yields the elements that have a value and are no containers, at all
// levels, what repeats once.
func (d *Dataset) Values() iter.Seq2[Ref, *Node] {
	return func(yield func(Ref, *Node) bool) {
		for r := range d.nodes {
			if n := &d.nodes[r]; !n.has(container) && !yield(Ref(r), n) {
				return
			}
		}
	}
}

// Find returns the element with the tag directly below an item.
func (d *Dataset) Find(item Ref, tag Tag) (Ref, bool) {
	for c, end := d.span(item); c < end; c = d.nodes[c].next {
		if d.nodes[c].Tag == tag {
			return c, true
		}
		if d.nodes[c].Tag > tag && !d.nodes[item].has(unsorted) {
			break
		}
	}
	return 0, false
}

// First returns the first item of the sequence with the tag below an item.
func (d *Dataset) First(item Ref, tag Tag) (Ref, bool) {
	if seq, ok := d.Find(item, tag); ok {
		return d.FirstOf(seq)
	}
	return 0, false
}

// FirstOf returns the first item of a sequence.
func (d *Dataset) FirstOf(seq Ref) (Ref, bool) {
	if !d.nodes[seq].has(container) {
		return 0, false
	}
	first, end := d.span(seq)
	return first, first < end
}

// Bytes returns the value of an element as it is encoded, padding included;
// for a container the encoded content. It must not be changed.
func (d *Dataset) Bytes(r Ref) []byte {
	n := &d.nodes[r]
	return d.raw[n.value():n.end:n.end]
}

// Trimmed returns an element's value without the padding of PS3.5 6.2 and
// without surrounding blanks. It must not be changed.
func (d *Dataset) Trimmed(r Ref) []byte {
	b := d.Bytes(r)
	for len(b) > 0 && blank(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && blank(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

// blanks are those that padding and devices put around a value.
const blanks = 1<<' ' | 1<<0 | 1<<'\r' | 1<<'\n' | 1<<'\t'

func blank(c byte) bool { return c <= ' ' && blanks>>c&1 == 1 }

// Text returns the [Dataset.Trimmed] value as a string, undecoded.
func (d *Dataset) Text(r Ref) string { return string(d.Trimmed(r)) }

// View is [Dataset.Text] without a copy: it is right for as long as the bytes
// of the data set are, and keeps all of them in memory. It is for looking
// things up.
func (d *Dataset) View(r Ref) string {
	b := d.Trimmed(r)
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// TextOf returns the [Dataset.Text] of the element with the tag below an
// item, "" where there is none.
func (d *Dataset) TextOf(item Ref, tag Tag) string {
	if r, ok := d.Find(item, tag); ok {
		return d.Text(r)
	}
	return ""
}

// Raw returns the encoded data set without file meta information, inflated
// where it was deflated. It must not be changed.
func (d *Dataset) Raw() []byte { return d.raw }

// Offset is where the node's header begins in [Dataset.Raw].
func (d *Dataset) Offset(r Ref) int { return int(d.nodes[r].head) }
