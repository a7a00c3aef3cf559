package deid

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/rdsr"
	"github.com/dosegate/dosegate/plugin/sr"
)

// otherValueTypes are those for which the rest of all concepts has an entry
// each.
var otherValueTypes = []string{"NUM", "CODE", "CONTAINER", "TEXT", "PNAME", "UIDREF", "DATETIME", "DATE", "TIME", "IMAGE", "COMPOSITE", "WAVEFORM"}

// otherAges are the codes that give an age besides that of Table E.3.4-1.
var otherAges = []sr.Code{{Scheme: "SCT", Value: "397669002"}, {Scheme: "SCT", Value: "424144002"}, {Scheme: "LN", Value: "30525-0"}}

// contentItems are the entries of Table E.3.4-1 and of the dose templates, by
// scheme, code and value type, and of all others by value type.
func (d *dictionary) contentItems() []DictionaryEntry {
	found := make(map[[3]string]*DictionaryEntry)
	entry := func(c sr.Code, valueType, name string) *DictionaryEntry {
		key := [3]string{c.Scheme, c.Value, valueType}
		if found[key] == nil {
			if meaning, ok := meaningOf(c.Scheme, c.Value); ok {
				name = meaning
			}
			found[key] = d.contentEntry(c, valueType, name)
		}
		return found[key]
	}
	for _, c := range concepts() {
		entry(c.code, c.valueType, strings.TrimLeft(c.name, "+-= "))
	}
	for _, c := range otherAges {
		entry(c, "NUM", "Age")
	}
	for _, row := range rdsr.Templates() {
		if row.Concept.Scheme == "TID" || row.Concept.Scheme == "CID" {
			continue
		}
		e := entry(row.Concept, row.ValueType, row.Meaning)
		if e.Unit == "" {
			e.Unit = row.Unit
		}
		if !slices.Contains(e.Templates, row.TID) {
			e.Templates = append(e.Templates, row.TID)
		}
	}
	var all []DictionaryEntry
	for _, e := range found {
		all = append(all, *e)
	}
	slices.SortFunc(all, func(a, b DictionaryEntry) int {
		return slices.Compare([]string{a.Scheme, a.Code, a.Type}, []string{b.Scheme, b.Code, b.Type})
	})
	for _, valueType := range otherValueTypes {
		all = append(all, *d.contentEntry(sr.Code{}, valueType, "every other "+valueType+" item"))
	}
	return append(all, DictionaryEntry{Name: "every item of another value type", Action: OutcomeRemoved,
		Details: "one that names none is taken for what its value is", Reason: "own rule: no dose report has it"})
}

func (d *dictionary) contentEntry(c sr.Code, valueType, name string) *DictionaryEntry {
	e := &DictionaryEntry{Code: c.Value, Scheme: c.Scheme, Name: name, Type: valueType, Reason: d.contentReason(c, valueType)}
	e.Action, e.Details = d.contentItem(sr.Item{Concept: c, ValueType: valueType})
	return e
}

// contentItem is the outcome of a content item, as [job.contentItem] brings it
// about.
func (d *dictionary) contentItem(item sr.Item) (Outcome, string) {
	rule := d.rules.concept(item.Concept)
	act, exact := rule.action(item.ValueType)
	switch item.ValueType {
	case "CONTAINER":
		if exact && act == remove {
			return OutcomeRemoved, ""
		}
		return OutcomeDescended, ""
	case "NUM":
		switch {
		case !rule.age:
			return OutcomeKept, "when it is a number; the unit as it is"
		case d.policy.Retain.Age:
			return OutcomeAge, fmt.Sprintf("over %d as %d", d.policy.OldestAge, capped(d.policy.OldestAge+1, d.policy.OldestAge))
		}
		return OutcomeRemoved, ""
	case "CODE":
		switch {
		case act != keep && rule.identifies(exact):
			return OutcomeRemoved, ""
		case !rule.coded:
			return OutcomeKept, "where a listed scheme has the value; a value of any other scheme is removed"
		}
		return OutcomeKept, "its meaning as the listed schemes say it, else cleaned"
	case "IMAGE", "COMPOSITE", "WAVEFORM":
		switch {
		case act == remove:
			return OutcomeRemoved, ""
		case d.policy.Retain.UIDs:
			return OutcomeKept, ""
		}
		return OutcomeDerivedUID, "of what is referred to"
	}
	return d.itemValue(item, act)
}

// itemValue is the outcome of a value that is text, a name, a UID or a date,
// as [job.itemValue] brings it about.
func (d *dictionary) itemValue(item sr.Item, act action) (Outcome, string) {
	tag, known := valueTags[item.ValueType]
	if !known || act == remove {
		return OutcomeRemoved, ""
	}
	row, _ := d.rules.attributes.get(tag)
	own := *row
	own.action = act
	switch {
	case own.vr != dataset.UT:
	case act == dummy:
		return OutcomeDummy, "a UID becomes a derived one"
	case d.rules.concept(item.Concept).dated:
		own.vr = dataset.DT
	}
	return d.value(&own)
}
