package deid

import (
	"fmt"
	"slices"

	"github.com/dosegate/dosegate/plugin/rdsr"
	"github.com/dosegate/dosegate/plugin/sr"
)

// conceptRule is what the tables say of a concept, resolved for a policy.
type conceptRule struct {
	named  bool         // Table E.3.4-1 has it
	byType []typeAction // under the value types that the table has it with
	other  action       // under all others

	dated  bool // a date or time by the concept, whatever the value type
	person bool // names someone, or identifies by itself
	coded  bool // has a coded value in the dose templates
	age    bool // the patient's (PS3.16 TID 1007), also under other templates' codes
}

// typeAction is an action under one value type.
type typeAction struct {
	valueType string
	action    action
}

// action is what becomes of a content item's value; exact says that the table
// has the concept under this very value type.
func (c *conceptRule) action(valueType string) (act action, exact bool) {
	for _, one := range c.byType {
		if one.valueType == valueType {
			return one.action, true
		}
	}
	return c.other, false
}

// identifies reports whether a coded value does, under a value type that the
// table has or has not.
func (c *conceptRule) identifies(exact bool) bool { return exact || c.person }

// noConcept is the rule of all that no table has: remove.
var noConcept conceptRule

// concept is the rule of a concept.
func (r *rules) concept(c sr.Code) *conceptRule {
	if rule := r.concepts[c]; rule != nil {
		return rule
	}
	return &noConcept
}

func resolveConcepts(p Policy) map[sr.Code]*conceptRule {
	all := make(map[sr.Code]*conceptRule)
	rule := func(c sr.Code) *conceptRule {
		if all[c] == nil {
			all[c] = &conceptRule{}
		}
		return all[c]
	}
	for _, row := range rdsr.Templates() {
		if row.ValueType == "CODE" {
			rule(row.Concept).coded = true
		}
	}
	for _, c := range slices.Concat([]sr.Code{sr.DCM("121033")}, otherAges) {
		rule(c).age = true
	}
	for _, c := range concepts() {
		rule(c.code).add(c, p)
	}
	return all
}

// add resolves one row of the table.
func (c *conceptRule) add(row concept, p Policy) {
	// A content item is optional or mandatory by its template: D keeps both valid.
	act := row.resolve(p, retained(p, row.name), "1")
	if _, twice := c.action(row.valueType); twice {
		panic(fmt.Sprintf("annex_e341.tsv: %v stands twice as %s", row.code, row.valueType))
	}
	c.byType = append(c.byType, typeAction{row.valueType, act})
	if row.patient != "" {
		act = remove // age and sex are kept as a number and a code alone, never as words
	}
	if !c.named {
		c.named, c.other = true, act
	}
	c.dated = c.dated || row.full != ""
	c.person = c.person || row.descriptors == "" && row.full == "" && row.uids == ""
}
