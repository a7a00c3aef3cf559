package main

import "github.com/suyashkumar/dicom/pkg/tag"

// sloppyItems are content items as devices in the field send them against the standard's rules, each with something in it that
// must not leave.
func sloppyItems(d document) []elements {
	named := func(value string) elements { return text(comment, value) }
	return []elements{
		pname(personName, planted.operator).with(str(tag.ValueType, "PERSON NAME")),
		named("Written by " + planted.operator).without(tag.ConceptNameCodeSequence),
		named("Again by " + planted.operator).with(seq(tag.ConceptNameCodeSequence)),
		named("No value type, " + planted.operator).without(tag.ValueType),
		num(subjectAge, d.patient.name, years),
		num(dcm("113838", "DLP"), "", mGyCm),
		noNum(dcm("113839", "Effective Dose")),
		code(targetRegion, chest).without(tag.ConceptCodeSequence),
		code(targetRegion, concept{"", "", planted.location}),
		datetime(dcm("111526", "DateTime Started"), "Day of "+d.patient.birth),
		uidref(dcm("112040", "Tracking Unique Identifier"), "UID of "+d.patient.id),
		text(protocol, planted.remark).with(str(tag.PersonName, d.patient.name), str(tag.RelationshipType, "CONTAINER")),
	}
}
