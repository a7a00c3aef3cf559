package sr

import (
	"iter"

	"github.com/dosegate/dosegate/plugin/dataset"
)

// Code is a coded concept: value and scheme, without the meaning, which is
// free text (PS3.3 8.8). Where it was read from a data set it is a view of it
// (see [dataset.Dataset.View]).
type Code struct {
	Value, Scheme string
}

// DCM is a code of the DICOM Controlled Terminology (PS3.16 annex D).
func DCM(value string) Code { return Code{Value: value, Scheme: "DCM"} }

// CodeAt reads the first item of a code sequence below an item; the zero Code
// where there is none.
func CodeAt(d *dataset.Dataset, item dataset.Ref, sequence dataset.Tag) Code {
	code, ok := d.First(item, sequence)
	if !ok {
		return Code{}
	}
	return CodeOf(d, code)
}

// CodeOf reads an item of a code sequence. The value may stand as Code Value,
// Long Code Value or URN Code Value.
func CodeOf(d *dataset.Dataset, code dataset.Ref) Code {
	var c Code
	for e := range d.Children(code) {
		switch d.Tag(e) {
		case CodeValue, LongCodeValue, URNCodeValue:
			if c.Value == "" {
				c.Value = d.View(e)
			}
		case CodingSchemeDesignator:
			c.Scheme = d.View(e)
		}
	}
	return c
}

// Item is one content item. Its Ref is the item that holds its attributes; the
// root of the tree is the data set itself.
type Item struct {
	Ref       dataset.Ref
	ValueType string // as in PS3.3 C.17.3.2.1: "NUM", "CODE", ...
	Concept   Code
}

// At reads the content item that a node is.
func At(d *dataset.Dataset, item dataset.Ref) Item {
	it := Item{Ref: item, Concept: CodeAt(d, item, ConceptNameCodeSequence)}
	if e, ok := d.Find(item, ValueType); ok {
		it.ValueType = d.View(e)
	}
	return it
}

// Walk yields the content items from the root downward, parents first, with
// their depth: 0 for the root.
func Walk(d *dataset.Dataset) iter.Seq2[int, Item] {
	return func(yield func(int, Item) bool) {
		walk(d, At(d, dataset.Root), 0, yield)
	}
}

func walk(d *dataset.Dataset, item Item, depth int, yield func(int, Item) bool) bool {
	if !yield(depth, item) {
		return false
	}
	for child := range Children(d, item.Ref) {
		if !walk(d, child, depth+1, yield) {
			return false
		}
	}
	return true
}

// Children yields the content items directly below one.
func Children(d *dataset.Dataset, item dataset.Ref) iter.Seq[Item] {
	return func(yield func(Item) bool) {
		content, ok := d.Find(item, ContentSequence)
		if !ok || !d.Container(content) {
			return
		}
		for child := range d.Children(content) {
			if d.Container(child) && !yield(At(d, child)) {
				return
			}
		}
	}
}

// Template is the identifier of the root's Content Template Sequence
// (PS3.3 C.18.8), "" where there is none.
func Template(d *dataset.Dataset) string {
	if item, ok := d.First(dataset.Root, ContentTemplateSequence); ok {
		return d.TextOf(item, TemplateIdentifier)
	}
	return ""
}
