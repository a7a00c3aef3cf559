package main

import (
	"github.com/suyashkumar/dicom/pkg/tag"
)

// These build content items (PS3.3 C.17.3). An item CONTAINS-relates to its parent unless as() says otherwise.

func item(valueType string, name concept, more ...[]elements) elements {
	it := elements{
		str(tag.RelationshipType, "CONTAINS"),
		str(tag.ValueType, valueType),
		seq(tag.ConceptNameCodeSequence, name.coded()),
	}
	for _, children := range more {
		if len(children) > 0 {
			it = append(it, seq(tag.ContentSequence, children...))
		}
	}
	return it
}

func (c concept) coded() elements {
	return elements{
		str(tag.CodeValue, c.value),
		str(tag.CodingSchemeDesignator, c.scheme),
		str(tag.CodeMeaning, c.meaning),
	}
}

func container(name concept, children ...elements) elements {
	return item("CONTAINER", name, children).with(str(tag.ContinuityOfContent, "SEPARATE"))
}

func num(name concept, value string, unit concept, children ...elements) elements {
	measured := elements{
		str(tag.NumericValue, value),
		seq(tag.MeasurementUnitsCodeSequence, unit.coded()),
	}
	return item("NUM", name, children).with(seq(tag.MeasuredValueSequence, measured))
}

// noNum is a NUM without a measured value, as a third of all real reports have.
func noNum(name concept) elements {
	return item("NUM", name).with(seq(tag.MeasuredValueSequence))
}

func code(name, value concept, children ...elements) elements {
	return item("CODE", name, children).with(seq(tag.ConceptCodeSequence, value.coded()))
}

func text(name concept, value string, children ...elements) elements {
	return item("TEXT", name, children).with(str(tag.TextValue, value))
}

func uidref(name concept, uid string) elements {
	return item("UIDREF", name).with(str(tag.UID, uid))
}

func pname(name concept, value string, children ...elements) elements {
	return item("PNAME", name, children).with(str(tag.PersonName, value))
}

func datetime(name concept, value string) elements {
	return item("DATETIME", name).with(str(tag.DateTime, value))
}

func date(name concept, value string) elements {
	return item("DATE", name).with(str(tag.Date, value))
}

// image refers to an image by class and instance (PS3.3 C.18.4).
func image(name concept, reference elements) elements {
	return item("IMAGE", name).with(seq(tag.ReferencedSOPSequence, reference))
}

// as changes the relationship to the parent.
func as(relationship string, its ...elements) []elements {
	out := make([]elements, len(its))
	for i, it := range its {
		out[i] = it.with(str(tag.RelationshipType, relationship))
	}
	return out
}

func modifies(its ...elements) []elements   { return as("HAS CONCEPT MOD", its...) }
func observes(its ...elements) []elements   { return as("HAS OBS CONTEXT", its...) }
func properties(its ...elements) []elements { return as("HAS PROPERTIES", its...) }

// report makes the root of a content tree: attributes of the data set itself. template "" leaves the template out.
func report(root concept, template string, groups ...[]elements) elements {
	var children []elements
	for _, g := range groups {
		children = append(children, g...)
	}
	data := elements{
		str(tag.ValueType, "CONTAINER"),
		str(tag.ContinuityOfContent, "SEPARATE"),
		seq(tag.ConceptNameCodeSequence, root.coded()),
		seq(tag.ContentSequence, children...),
	}
	if template != "" {
		data = append(data, seq(tag.ContentTemplateSequence, elements{
			str(tag.MappingResource, "DCMR"),
			str(tag.TemplateIdentifier, template),
		}))
	}
	return data
}
