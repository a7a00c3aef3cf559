package deid

import (
	"fmt"
	"strings"

	"github.com/dosegate/dosegate/plugin/sr"
)

// why names the cell of a table row that [options.resolve] goes by, and the
// option whose column it is.
func (o options) why(p Policy, patient bool) (cell, option string) {
	switch {
	case p.Retain.UIDs && o.uids != "":
		return o.uids, "Retain UIDs"
	case p.Retain.DeviceIdentity && o.device != "" && o.full == "" && o.uids == "":
		return o.device, "Retain Device Identity"
	case p.Retain.InstitutionIdentity && o.institution != "":
		return o.institution, "Retain Institution Identity"
	case patient && o.patient != "":
		return o.patient, "Retain Patient Characteristics"
	case p.Dates == DatesFull && o.full != "":
		return o.full, "Retain Longitudinal Temporal Information with Full Dates"
	case p.Dates == DatesModified && o.modified != "":
		return o.modified, "Retain Longitudinal Temporal Information with Modified Dates"
	case o.content != "":
		return o.content, "Clean Structured Content"
	case o.descriptors != "" && o.device == "" && !(p.Dates == DatesYear && o.modified != ""):
		return o.descriptors, "Clean Descriptors"
	}
	return o.basic, "the Basic Profile"
}

// reason words why, for a table.
func (o options) reason(table string, p Policy, patient bool) string {
	cell, option := o.why(p, patient)
	words := fmt.Sprintf("PS3.15 %s: %s by %s", table, cell, option)
	if p.Dates == DatesYear && o.modified != "" && option == "the Basic Profile" {
		words += "; own rule: of a date the year stays (45 CFR 164.514(b)(2)(i)(C)), of a time nothing"
	}
	return words
}

func (d *dictionary) attributeReason(a attribute) string {
	row, _ := d.rules.attributes.get(a.tag)
	words := "not in PS3.15 E.1-1, on the allow-list"
	if a.options != (options{}) {
		words = a.reason("E.1-1", d.policy, retained(d.policy, a.keyword))
	}
	switch {
	case a.form == "code":
		return "own rule: codes are a channel for free text"
	case a.form == "item-value":
		return "PS3.15 E.3.4"
	case a.form == "patient-id":
		return words + "; own rule: a pseudonym holds a patient's reports together"
	case a.form == "age" && row.action != remove:
		return words + "; own rule: whole years, the oldest as one group (45 CFR 164.514(b)(2)(i)(C))"
	case row.action == stationPseudonym:
		return words + "; own rule: a dummy that tells devices apart"
	}
	return words
}

func (d *dictionary) contentReason(c sr.Code, valueType string) string {
	rule := d.rules.concept(c)
	_, exact := rule.action(valueType)
	switch {
	case valueType == "NUM" && !rule.age:
		return "own rule: a number is kept under any concept"
	case valueType == "CODE" && !rule.identifies(exact):
		return "own rule: a coded value is kept under any concept that names nobody"
	case valueType == "CONTAINER" && !exact:
		return "own rule: a heading is kept for what is below it"
	case !rule.named && rule.age:
		return "own rule: an age under any code is told as Subject Age is"
	case !rule.named:
		return "not in PS3.15 E.3.4-1: what is not known to be safe is removed"
	}
	return d.conceptReason(c, valueType)
}

// conceptReason is the reason that Table E.3.4-1 gives, by the row of the same
// value type, else by the first of the concept.
func (d *dictionary) conceptReason(code sr.Code, valueType string) string {
	var row *concept
	for _, c := range concepts() {
		if c.code == code && (row == nil || c.valueType == valueType) {
			row = &c
			if c.valueType == valueType {
				break
			}
		}
	}
	words := row.reason("E.3.4-1", d.policy, retained(d.policy, row.name))
	switch {
	case strings.HasPrefix(row.name, "+"):
		words = "own rule: not in PS3.15 E.3.4-1, treated as its counterpart in the header"
	case strings.HasPrefix(row.name, "="):
		words = "own rule: not in PS3.15 E.3.4-1; the dose templates ask for the item"
	case strings.HasPrefix(row.name, "-"):
		words = "own rule: stricter than PS3.15 E.3.4-1"
	case d.rules.concept(code).age:
		words += "; own rule: whole years, the oldest as one group (45 CFR 164.514(b)(2)(i)(C))"
	}
	if row.valueType != valueType {
		words += " (the row of " + row.valueType + ")"
	}
	return words
}
