package sr

import (
	"iter"

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
}

// Read reads the tree that begins at the root of a data set.
func Read(d *dataset.Dataset) *Tree {
	t := &Tree{d: d, known: make([]int32, d.Len()), items: make([]parts, 0, d.Len()/6)}
	t.read(dataset.Root)
	return t
}

func (t *Tree) read(ref dataset.Ref) {
	origin, _ := t.d.Origin(ref)
	if t.known[origin] != 0 {
		return
	}
	item, concept := partsOf(t.d, ref)
	if concept != 0 {
		item.concept = t.concept(concept)
	}
	t.items = append(t.items, item)
	t.known[origin] = int32(len(t.items))
	if item.content == 0 {
		return
	}
	for child := range t.d.Children(item.content) {
		if t.d.Container(child) {
			t.read(child)
		}
	}
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

// Concepts are the concepts of the items by their [Item.ConceptNumber]. The
// slice is not to be changed.
func (t *Tree) Concepts() []Code { return t.codes }

// At is the content item that a node is, also one that stands elsewhere than in
// the tree.
func (t *Tree) At(ref dataset.Ref) Item {
	it := Item{Ref: ref, Number: -1, ConceptNumber: -1}
	origin, _ := t.d.Origin(ref)
	p, concept := parts{}, dataset.Ref(0)
	if n := t.known[origin]; n != 0 {
		it.Number = int(n) - 1
		p = t.items[it.Number]
	} else if p, concept = partsOf(t.d, ref); concept != 0 {
		it.Concept = CodeOf(t.d, concept)
	}
	if p.concept != 0 {
		it.ConceptNumber = int(p.concept) - 1
		it.Concept = t.codes[it.ConceptNumber]
	}
	if p.valueType != 0 {
		it.ValueType = t.d.View(p.valueType)
	}
	return it
}

// Children yields the content items directly below one.
func (t *Tree) Children(item Item) iter.Seq[Item] {
	return func(yield func(Item) bool) {
		content, ok := t.content(item)
		if !ok {
			return
		}
		for child := range t.d.Children(content) {
			if t.d.Container(child) && !yield(t.At(child)) {
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
