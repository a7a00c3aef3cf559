package sr

import (
	"iter"
	"slices"

	"github.com/dosegate/dosegate/plugin/dataset"
)

// Tree is the content tree of a data set. What repeats byte for byte is read
// once (see [dataset.Dataset.Origin]). It is safe for concurrent use.
type Tree struct {
	d     *dataset.Dataset
	items []parts // parents before what is below them
	codes []Code  // the concepts

	// known is per node: for an item its place in items, for the first item of
	// a concept its place in codes, counted from 1.
	known []int32
}

// parts is where the parts of a content item stand, 0 for what it has not.
type parts struct {
	valueType, content dataset.Ref
	concept            int32 // its place in codes, counted from 1
	named              uint8 // the value type's place in valueTypes
}

// valueTypes are those of PS3.3 C.17.3.2.1, behind one for all others.
var valueTypes = [...]string{"", "NUM", "CODE", "CONTAINER", "TEXT", "UIDREF", "DATETIME", "DATE", "TIME", "PNAME", "IMAGE",
	"COMPOSITE", "WAVEFORM", "SCOORD", "SCOORD3D", "TCOORD", "TABLE"}

// typed is the value type.
func (p *parts) typed(d *dataset.Dataset) string {
	if p.named != 0 || p.valueType == 0 {
		return valueTypes[p.named]
	}
	return d.View(p.valueType)
}

// name finds the value type among those that are known.
func (p *parts) name(d *dataset.Dataset) {
	if p.valueType == 0 {
		return
	}
	if i := slices.Index(valueTypes[:], d.View(p.valueType)); i > 0 {
		p.named = uint8(i)
	}
}

// Read reads the tree that begins at the root of a data set.
func Read(d *dataset.Dataset) *Tree {
	t := &Tree{d: d, known: make([]int32, d.Len()), items: make([]parts, 0, d.Len()/6)}
	t.read(dataset.Root)
	return t
}

// read reads an item that is not known yet, and those below it.
func (t *Tree) read(ref dataset.Ref) {
	item, is := t.like(ref)
	if !is {
		var concept dataset.Ref
		if item, concept = partsOf(t.d, ref); concept != 0 {
			item.concept = t.concept(concept)
		}
		item.name(t.d)
	}
	t.items = append(t.items, item)
	origin, _ := t.d.Origin(ref)
	t.known[origin] = int32(len(t.items))
	if item.content == 0 {
		return
	}
	for child := range t.d.Children(item.content) {
		if origin, _ := t.d.Origin(child); t.known[origin] == 0 && t.d.Container(child) {
			t.read(child)
		}
	}
}

// like gives the parts of an item that differs from one that was read in its own
// value alone.
func (t *Tree) like(ref dataset.Ref) (p parts, is bool) {
	like, last, is := t.d.Like(ref)
	if !is || t.known[like] == 0 || !ownValue(t.d.Tag(last)) {
		return parts{}, false
	}
	p = t.items[t.known[like]-1]
	return p, p.content == 0 && p.named != 0
}

// ownValue reports whether an attribute holds a content item's value, and is
// nothing that its parts are told by.
func ownValue(tag dataset.Tag) bool {
	switch tag {
	case NumericValue, TextValue, UID, DateTime, Date, Time, PersonName:
		return true
	}
	return false
}

// partsOf finds the parts of a content item, and the first item of its concept.
func partsOf(d *dataset.Dataset, item dataset.Ref) (p parts, concept dataset.Ref) {
	for e := range d.Children(item) {
		switch d.Tag(e) {
		case ValueType:
			p.valueType = e
		case ConceptNameCodeSequence:
			concept, _ = d.FirstOf(e)
		case ContentSequence:
			if d.Container(e) {
				p.content = e
			}
		}
	}
	return p, concept
}

// concept reads a concept, and gives its place in codes, counted from 1.
func (t *Tree) concept(ref dataset.Ref) int32 {
	origin, _ := t.d.Origin(ref)
	if t.known[origin] == 0 {
		t.codes = append(t.codes, CodeOf(t.d, ref))
		t.known[origin] = int32(len(t.codes))
	}
	return t.known[origin]
}

// Root is the content item that the data set itself is.
func (t *Tree) Root() Item { return t.At(dataset.Root) }

// Len is how many different items there are, the root included.
func (t *Tree) Len() int { return len(t.items) }

// ConceptNumber is the [Item.ConceptNumber] of the content item with a number.
func (t *Tree) ConceptNumber(number int) int { return int(t.items[number].concept) - 1 }

// Leaf reports whether the content item with a number has none below it.
func (t *Tree) Leaf(number int) bool { return t.items[number].content == 0 }

// Concepts are the concepts of the items by their [Item.ConceptNumber]. The
// slice is not to be changed.
func (t *Tree) Concepts() []Code { return t.codes }

// At is the content item that a node is, also one that stands elsewhere than in
// the tree.
func (t *Tree) At(ref dataset.Ref) Item {
	origin, _ := t.d.Origin(ref)
	n := t.known[origin]
	if n == 0 {
		return t.elsewhere(ref)
	}
	p := &t.items[n-1]
	it := Item{Ref: ref, Number: int(n) - 1, ConceptNumber: int(p.concept) - 1, ValueType: p.typed(t.d)}
	if p.concept != 0 {
		it.Concept = t.codes[p.concept-1]
	}
	return it
}

// elsewhere reads a content item that is none of the tree.
func (t *Tree) elsewhere(ref dataset.Ref) Item {
	p, concept := partsOf(t.d, ref)
	it := Item{Ref: ref, Number: -1, ConceptNumber: -1, ValueType: p.typed(t.d)}
	if concept != 0 {
		it.Concept = CodeOf(t.d, concept)
	}
	return it
}

// Children yields the content items directly below one.
func (t *Tree) Children(item Item) iter.Seq[Item] {
	return func(yield func(Item) bool) {
		for _, child := range t.Numbers(item) {
			if !yield(t.At(child)) {
				return
			}
		}
	}
}

// Numbers yields the content items directly below one by their [Item.Number],
// with the nodes that they are.
func (t *Tree) Numbers(item Item) iter.Seq2[int, dataset.Ref] {
	return func(yield func(int, dataset.Ref) bool) {
		content, ok := t.content(item)
		if !ok {
			return
		}
		for child := range t.d.Children(content) {
			if !t.d.Container(child) {
				continue
			}
			if origin, _ := t.d.Origin(child); !yield(int(t.known[origin])-1, child) {
				return
			}
		}
	}
}

// content is an item's Content Sequence.
func (t *Tree) content(item Item) (dataset.Ref, bool) {
	if item.Number >= 0 {
		content := t.items[item.Number].content
		return content, content != 0
	}
	content, ok := t.d.Find(item.Ref, ContentSequence)
	return content, ok && t.d.Container(content)
}

// Walk yields the content items from the root downward, parents first, each
// where it stands, with their depth: 0 for the root.
func (t *Tree) Walk() iter.Seq2[int, Item] {
	return func(yield func(int, Item) bool) { t.walk(t.Root(), 0, yield) }
}

func (t *Tree) walk(item Item, depth int, yield func(int, Item) bool) bool {
	if !yield(depth, item) {
		return false
	}
	for child := range t.Children(item) {
		if !t.walk(child, depth+1, yield) {
			return false
		}
	}
	return true
}
