package sr

import "github.com/dosegate/dosegate/plugin/dataset"

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

	// Number is its own in the tree, ConceptNumber its concept's: the same ones
	// for what is the same bytes, so that what was found out once is known. They
	// are -1 outside the tree, and where there is no concept.
	Number, ConceptNumber int
}

// Template is the identifier of the root's Content Template Sequence
// (PS3.3 C.18.8), "" where there is none.
func Template(d *dataset.Dataset) string {
	if item, ok := d.First(dataset.Root, ContentTemplateSequence); ok {
		return d.TextOf(item, TemplateIdentifier)
	}
	return ""
}
