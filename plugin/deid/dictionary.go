package deid

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/sr"
)

// Outcome is what becomes of a value, in a word.
type Outcome string

// The outcomes. Whatever they are, a value that breaks the grammar of its VR
// does not stay: it could carry anything.
const (
	OutcomeKept       Outcome = "kept"
	OutcomeCleaned    Outcome = "cleaned"     // kept, without what identifies
	OutcomeDescended  Outcome = "descended"   // kept as a frame; what is in it has its own entries
	OutcomeByConcept  Outcome = "by concept"  // a content item's value: see its concept
	OutcomeDerivedUID Outcome = "derived UID" // replaced, the same for the same
	OutcomePseudonym  Outcome = "pseudonym"   // replaced, the same for the same
	OutcomeMoved      Outcome = "moved"       // a date, by the patient's offset
	OutcomeYear       Outcome = "year only"   // of a date
	OutcomeAge        Outcome = "whole years" // of an age, the oldest as one group
	OutcomeDummy      Outcome = "dummy"       // replaced by what says nothing
	OutcomeEmptied    Outcome = "emptied"
	OutcomeRemoved    Outcome = "removed"
	OutcomeWritten    Outcome = "written" // made by the de-identification
)

// Leaves reports whether something of the original goes out.
func (o Outcome) Leaves() bool {
	switch o {
	case OutcomeKept, OutcomeCleaned, OutcomeDescended, OutcomeByConcept, OutcomeMoved, OutcomeYear, OutcomeAge:
		return true
	}
	return false
}

// DictionaryEntry says what becomes of one attribute or of one kind of content
// item under a policy, and why. An attribute has a tag, a content item a code
// and a scheme; without either the entry is for all that have none of their own.
type DictionaryEntry struct {
	Tag       string   `json:"tag"`
	Code      string   `json:"code"`
	Scheme    string   `json:"scheme"`
	Name      string   `json:"name"`
	Type      string   `json:"type"` // VR or value type
	Unit      string   `json:"unit"` // UCUM
	Templates []string `json:"templates"`
	Action    Outcome  `json:"action"`
	Details   string   `json:"details"`
	Reason    string   `json:"reason"`
}

// Dictionary says what leaves the house under a policy: an entry for each
// attribute of the allow-list, each concept of Table E.3.4-1 and of the dose
// templates, and for the rest of both. It is made from the tables that
// [Deidentifier.Deidentify] goes by.
func Dictionary(p Policy) []DictionaryEntry {
	d := &dictionary{policy: p, rules: resolve(p)}
	return slices.Concat(d.attributes(), d.marks(), d.site(), d.contentItems())
}

// dictionary makes the entries of one policy.
type dictionary struct {
	policy Policy
	rules  *rules
}

func (d *dictionary) attributes() []DictionaryEntry {
	var all []DictionaryEntry
	for _, a := range attributes() {
		e := DictionaryEntry{Tag: a.tag.String(), Name: a.keyword, Type: a.vr.String(), Unit: attributeUnits[a.tag], Reason: d.attributeReason(a)}
		row, _ := d.rules.attributes.get(a.tag)
		e.Action, e.Details = d.attribute(a.tag, row)
		if row.there != nil {
			if act, _ := d.attribute(a.tag, row.there); act != e.Action {
				e.Details = strings.TrimPrefix(fmt.Sprintf("%s; in the items of %v %s", e.Details, row.place, act), "; ")
			}
		}
		all = append(all, e)
	}
	return append(all,
		DictionaryEntry{Name: "every other attribute, private ones too", Action: OutcomeRemoved, Reason: "own rule: what is not on the allow-list is not known to be safe"},
		DictionaryEntry{Name: "preamble and file meta information", Action: OutcomeWritten, Reason: "PS3.15 E.1.1: made anew, with nothing of the original but its transfer syntax"})
}

// attributeUnits are the units of attributes that have one (PS3.3 C.7.2.2).
var attributeUnits = map[dataset.Tag]string{0x00101010: "a", 0x00101020: "m", 0x00101030: "kg"}

// attribute is the outcome of an attribute, as [job.elements] and
// [job.element] bring it about.
func (d *dictionary) attribute(tag dataset.Tag, row *rule) (Outcome, string) {
	switch {
	case row.form.name == "item-value":
		return OutcomeByConcept, "stays in a content item alone"
	case row.form.name == "code" && tag == sr.CodeMeaning:
		return OutcomeCleaned, "as the listed schemes say it, else cleaned"
	case row.form.name == "code":
		return OutcomeKept, "when it looks like a code of its scheme and holds no identifier"
	case row.vr == dataset.SQ && (tag == sr.ContentSequence || row.action != remove && row.action != empty):
		return OutcomeDescended, ""
	case row.form.name == "patient-id":
		return OutcomePseudonym, "22 characters, from the site key, the issuer and the ID"
	case row.form.name == "age" && row.action != remove:
		return OutcomeAge, fmt.Sprintf("over %d as %s", d.policy.OldestAge, ageString(d.policy.OldestAge+1, d.policy.OldestAge))
	}
	return d.value(row)
}

// value is the outcome of a value that fits its VR, as [job.apply] brings it
// about.
func (d *dictionary) value(row *rule) (Outcome, string) {
	dated := row.vr == dataset.DA || row.vr == dataset.DT
	switch row.action {
	case remove:
		return OutcomeRemoved, ""
	case empty:
		return OutcomeEmptied, ""
	case dummy:
		return dummied(row.vr), ""
	case newUID:
		return OutcomeDerivedUID, ""
	case stationPseudonym:
		return OutcomePseudonym, "16 characters, from the site key, the station's name and its serial number"
	case shift:
		if dated {
			return OutcomeMoved, ""
		}
		return OutcomeKept, "the time of day is not moved"
	case yearOnly:
		if dated {
			return OutcomeYear, ""
		}
		return unfitting(row), ""
	}
	switch {
	case row.vr == dataset.PN: // fits no grammar: a name is never kept
		return unfitting(row), ""
	case row.vr == dataset.FD:
		return OutcomeKept, "when it is the number of the Numeric Value beside it"
	case isText(row.vr) && row.form.name != "zone":
		return OutcomeCleaned, row.form.words()
	}
	return OutcomeKept, row.form.words()
}

// dummied is what [job.dummy] makes of a value.
func dummied(vr dataset.VR) Outcome {
	if vr == dataset.UI {
		return OutcomeDerivedUID
	}
	return OutcomeDummy
}

// unfitting is what [job.unfit] makes of a value that may not stay.
func unfitting(row *rule) Outcome {
	switch row.typ {
	case "1":
		return dummied(row.vr)
	case "2":
		return OutcomeEmptied
	}
	return OutcomeRemoved
}

// words says what a form asks of a value.
func (f *form) words() string {
	switch f.name {
	case "=":
		return "one of " + strings.Join(f.allowed, ", ")
	case "digits":
		return "up to six digits, when they are no identifier"
	case "standard-uid":
		return "a UID that a standard hands out"
	case "zone":
		return "an offset such as +0100"
	case "charset":
		return "the name of a character set"
	}
	return ""
}

// marks are the attributes that say what was done.
func (d *dictionary) marks() []DictionaryEntry {
	mark := func(tag dataset.Tag, vr, name, details string) DictionaryEntry {
		return DictionaryEntry{Tag: tag.String(), Name: name, Type: vr, Action: OutcomeWritten, Details: details,
			Reason: "PS3.15 E.1.1: marks of an earlier de-identification are removed, these are written"}
	}
	return []DictionaryEntry{
		mark(patientIdentityRemoved, "CS", "PatientIdentityRemoved", "YES"),
		mark(deidentificationMethodCodes, "SQ", "DeidentificationMethodCodeSequence", "DCM "+strings.Join(d.policy.methods(), ", ")),
		mark(longitudinalTemporalInformation, "CS", "LongitudinalTemporalInformationModified", "UNMODIFIED, MODIFIED or REMOVED, as the dates are"),
	}
}
