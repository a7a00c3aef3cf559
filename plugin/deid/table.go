package deid

import (
	"bufio"
	"bytes"
	_ "embed"
	"fmt"
	"strconv"
	"strings"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/sr"
)

//go:embed attributes.tsv
var attributesTable []byte

//go:embed annex_e11.tsv
var annexE11 []byte

//go:embed annex_e341.tsv
var annexE341 []byte

// action is what is done to an attribute or a content item. The letters are
// those of PS3.15 Table E.1-1a.
type action uint8

const (
	remove           action = iota // X
	keep                           // K, or not named by the table; text is cleaned all the same
	clean                          // C
	empty                          // Z
	dummy                          // D
	newUID                         // U
	shift                          // C of a date under the option with modified dates
	yearOnly                       // of a date, where neither option is chosen and the year stays
	stationPseudonym               // D of the Station Name
)

// options holds the letters of one table row: the Basic Profile's and each
// option's.
type options struct {
	basic, uids, device, institution, patient, full, modified, descriptors, content string
}

// resolve picks the action for a policy. typ is the attribute's type in the
// IOD, which decides between X, Z and D: the weakest that keeps it valid.
func (o options) resolve(p Policy, patient bool, typ string) action {
	switch {
	case p.Retain.UIDs && o.uids != "":
		return letter(o.uids, typ)
	case p.Retain.DeviceIdentity && o.device != "" && o.full == "" && o.uids == "":
		// Dates of the device follow the choice of dates; its UIDs are replaced
		// like all others, consistently, so that the device stays one device.
		return letter(o.device, typ)
	case p.Retain.InstitutionIdentity && o.institution != "":
		return letter(o.institution, typ)
	case patient && o.patient != "":
		return letter(o.patient, typ)
	case p.Dates == DatesFull && o.full != "":
		return letter(o.full, typ)
	case p.Dates == DatesModified && o.modified != "":
		return shift
	case p.Dates == DatesYear && o.modified != "":
		return yearOnly
	case o.content != "":
		return letter(o.content, typ)
	case o.descriptors != "" && o.device == "":
		return letter(o.descriptors, typ)
	case o.basic == "":
		return keep
	}
	return letter(o.basic, typ)
}

// letter reads one cell. Of several letters the type chooses: 1 takes D or U,
// 2 takes Z, 3 takes X (PS3.15 E.3, Table E.1-1a). What the table only removes
// is emptied where the IOD wants the attribute: no more of it stays, and the
// report stays valid.
func letter(cell, typ string) action {
	order := map[string]string{"1": "DUZX", "2": "ZDU", "3": "XZUD"}[typ]
	letters := strings.Split(strings.TrimRight(cell, "*"), "/")
	for _, want := range order {
		for _, l := range letters {
			if l == string(want) {
				return actions[l]
			}
		}
	}
	if letters[0] == "X" && typ == "2" {
		return empty
	}
	return actions[letters[0]]
}

var actions = map[string]action{"X": remove, "K": keep, "C": clean, "Z": empty, "D": dummy, "U": newUID}

// attribute is a row of attributes.tsv, with that of annex_e11.tsv.
type attribute struct {
	tag      dataset.Tag
	vr       dataset.VR
	keyword  string
	typ      string
	place    dataset.Tag // in whose items the type is another one; 0: none
	placeTyp string
	form     string
	options
}

// concept is a row of annex_e341.tsv.
type concept struct {
	code      sr.Code
	valueType string
	name      string
	options
}

// rule is a row resolved for a policy.
type rule struct {
	action action
	vr     dataset.VR
	typ    string
	form   form
	place  dataset.Tag // of the sequence in whose items there takes the rule's place
	there  *rule       // nil: nowhere
}

// in returns the rule as it is in the items of a sequence.
func (r *rule) in(sequence dataset.Tag) *rule {
	if r.there != nil && r.place == sequence {
		return r.there
	}
	return r
}

// rules are both tables resolved for a policy. They are read-only.
type rules struct {
	attributes tagTable
	valueTypes form // of the content items that may stay
	concepts   map[sr.Code]*conceptRule
}

func resolve(p Policy) *rules {
	r := &rules{concepts: resolveConcepts(p)}
	for _, a := range attributes() {
		r.attributes.set(a.tag, a.rule(p))
	}
	value, _ := r.attributes.get(sr.ValueType)
	r.valueTypes = value.form
	return r
}

// rule resolves the row for a policy.
func (a attribute) rule(p Policy) rule {
	r := rule{action: a.resolve(p, retained(p, a.keyword), a.typ), vr: a.vr, typ: a.typ, form: parseForm(a.form)}
	if a.tag == stationName && r.action == remove {
		r.action = stationPseudonym // X/Z/D: a dummy that tells devices apart
	}
	if a.place != 0 {
		there := a
		there.typ, there.place = a.placeTyp, 0
		resolved := there.rule(p)
		r.place, r.there = a.place, &resolved
	}
	return r
}

// retained reports whether the policy keeps a patient characteristic.
func retained(p Policy, name string) bool {
	switch name {
	case "PatientSex", "Subject Sex":
		return p.Retain.Sex
	case "PatientAge", "Subject Age":
		return p.Retain.Age
	case "PatientSize":
		return p.Retain.Size
	case "PatientWeight":
		return p.Retain.Weight
	}
	return false
}

// attributes is the allow-list with each attribute's row of Table E.1-1.
func attributes() []attribute {
	table := make(map[string]options)
	for _, c := range rows(annexE11, 14) {
		table[c[0]] = options{basic: c[3], uids: c[5], device: c[6], institution: c[7], patient: c[8], full: c[9], modified: c[10],
			descriptors: c[11], content: c[12]}
	}
	var all []attribute
	for _, c := range rows(attributesTable, 5) {
		n, err := strconv.ParseUint(c[0], 16, 32)
		if err != nil {
			panic(fmt.Sprintf("attributes.tsv: %v", err))
		}
		a := attribute{tag: dataset.Tag(n), keyword: c[1], vr: dataset.VR(c[2][0])<<8 | dataset.VR(c[2][1]),
			form: c[4], options: table[c[0]]}
		typ, elsewhere, _ := strings.Cut(c[3], "|")
		if a.typ = typ; elsewhere != "" {
			if _, err := fmt.Sscanf(elsewhere, "%08X=%1s", &a.place, &a.placeTyp); err != nil {
				panic(fmt.Sprintf("attributes.tsv: the type %q: %v", c[3], err))
			}
		}
		all = append(all, a)
	}
	return all
}

// concepts is Table E.3.4-1.
func concepts() []concept {
	var all []concept
	for _, c := range rows(annexE341, 12) {
		all = append(all, concept{code: sr.Code{Scheme: c[0], Value: c[1]}, valueType: c[2], name: c[3],
			options: options{c[4], c[5], c[6], c[7], c[8], c[9], c[10], c[11], ""}})
	}
	return all
}

// rows reads an embedded table: comments, a line of column names, rows.
func rows(table []byte, columns int) [][]string {
	var all [][]string
	head := true
	for lines := bufio.NewScanner(bytes.NewReader(table)); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		if head {
			head = false
			continue
		}
		cells := strings.Split(lines.Text(), "\t")
		if len(cells) != columns {
			panic(fmt.Sprintf("embedded table: %d columns in %q", len(cells), lines.Text()))
		}
		all = append(all, cells)
	}
	return all
}
