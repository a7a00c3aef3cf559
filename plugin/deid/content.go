package deid

import (
	"strconv"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/sr"
)

// itemValue is what is to be done with the value of a content item: which
// attribute may hold it, and how it is treated.
type itemValue struct {
	tag    dataset.Tag // 0: the item has no value attribute
	action action
	dated  bool // a date by its concept, whatever the value type
}

// noValue is for items that are no content items: a value attribute in them is
// nobody's value and goes.
var noValue itemValue

// valueTags are the attributes that hold a content item's value (PS3.3
// C.17.3.2.1).
var valueTags = map[string]dataset.Tag{
	"TEXT": sr.TextValue, "PNAME": sr.PersonName, "UIDREF": sr.UID,
	"DATETIME": sr.DateTime, "DATE": sr.Date, "TIME": sr.Time,
}

// content treats the items of a Content Sequence (PS3.15 E.3.4).
func (j *job) content(sequence dataset.Ref) {
	left := false
	var before Counts
	before.add(&j.counts)
	for item := range j.d.Children(sequence) {
		if j.d.Container(item) {
			j.once(item, (*job).contentItem)
		}
		left = left || !j.plan.Removed(item)
	}
	if !left { // a sequence without an item is not allowed (PS3.3 C.17.3)
		before.Kept, before.NumbersDropped = before.Kept-1, j.counts.NumbersDropped
		j.counts = before // what is below a removed one is not counted
		j.remove(sequence)
	}
}

// contentItem treats one content item and what is below it.
func (j *job) contentItem(r dataset.Ref) {
	if like, last, is := j.d.Like(r); !is {
		j.eachContentItem(r)
	} else if !j.likeNumber(like, last) {
		var before Counts
		before.add(&j.counts)
		j.eachContentItem(r)
		j.noteNumber(r, like, last, &before)
	}
}

// eachContentItem treats a content item that is like no other.
func (j *job) eachContentItem(r dataset.Ref) {
	item := j.tree.At(r)
	written := item.ValueType
	item.ValueType = j.valueType(item)
	rule := j.conceptRule(item)
	stays := j.stays(item, rule)
	if stays.action == remove {
		if item.ValueType == "NUM" && !rule.age {
			j.counts.NumbersDropped++
		}
		if !j.holdsNumbers(item) {
			j.remove(item.Ref)
			return
		}
		// A dose figure below it is not lost for the sake of its parent.
		stays.action = dummy
	}
	j.counts.Kept++
	j.elements(item.Ref, stays)
	if stays.action == dummy {
		j.onlyBelow(item)
	}
	if item.ValueType != written {
		if e, ok := j.d.Find(item.Ref, sr.ValueType); ok {
			j.plan.Replace(e, []byte(item.ValueType))
		}
	}
	if rule.age && item.ValueType == "NUM" && stays.action == keep {
		j.wholeYears(item)
	}
}

// onlyBelow takes an item's own code or number, since only those below it are
// to stay.
func (j *job) onlyBelow(item sr.Item) {
	for _, value := range []dataset.Tag{sr.ConceptCodeSequence, sr.MeasuredValueSequence} {
		if e, ok := j.d.Find(item.Ref, value); ok {
			j.remove(e)
		}
	}
}

// conceptRule is the rule of an item's concept, looked up once for all items
// that have it.
func (j *job) conceptRule(item sr.Item) *conceptRule {
	n := item.ConceptNumber
	if n < 0 {
		return j.rules.concept(item.Concept)
	}
	if j.concepts[n] == nil {
		j.concepts[n] = j.rules.concept(item.Concept)
	}
	return j.concepts[n]
}

// stays says what becomes of a content item's value, by its value type.
func (j *job) stays(item sr.Item, rule *conceptRule) (stays itemValue) {
	act, exact := rule.action(item.ValueType)
	switch item.ValueType {
	case "CONTAINER":
		stays.action = keep
		if exact && act == remove {
			stays.action = remove
		}
	case "NUM":
		stays.action = j.numeric(item, rule)
	case "CODE":
		if stays.action = j.coded(item, rule); stays.action != keep {
			stays.action = remove // a coded value has no dummy
		}
	case "TEXT", "PNAME", "UIDREF", "DATETIME", "DATE", "TIME":
		stays = itemValue{tag: valueTags[item.ValueType], action: act, dated: rule.dated}
	case "IMAGE", "COMPOSITE", "WAVEFORM":
		// What is referred to is told by UIDs alone, which are replaced.
		stays.action = act
	}
	return stays
}

// valueType is the item's value type; where that is missing or is some other
// word, as devices write it, the one whose attribute the item has.
func (j *job) valueType(item sr.Item) string {
	if item.ValueType != "" && j.rules.valueTypes.matches(item.ValueType) {
		return item.ValueType
	}
	for _, hint := range []struct {
		tag       dataset.Tag
		valueType string
	}{
		{sr.MeasuredValueSequence, "NUM"}, {sr.ConceptCodeSequence, "CODE"}, {sr.TextValue, "TEXT"},
		{sr.PersonName, "PNAME"}, {sr.UID, "UIDREF"}, {sr.DateTime, "DATETIME"}, {sr.Date, "DATE"}, {sr.Time, "TIME"},
		{sr.ContentSequence, "CONTAINER"},
	} {
		if _, ok := j.d.Find(item.Ref, hint.tag); ok {
			return hint.valueType
		}
	}
	return ""
}

// numeric keeps a number under any concept, and a NUM without a value. The
// patient's age is no dose figure.
func (j *job) numeric(item sr.Item, rule *conceptRule) action {
	if rule.age {
		if _, ok := j.subjectAge(item); !ok || !j.policy.Retain.Age {
			return remove
		}
		return keep
	}
	measured, ok := j.d.Find(item.Ref, sr.MeasuredValueSequence)
	if !ok || !j.d.Container(measured) {
		return keep
	}
	for m := range j.d.Children(measured) {
		if v, found := j.d.Find(m, sr.NumericValue); found && len(j.d.Trimmed(v)) > 0 && !Number(j.d.View(v)) {
			return remove
		}
	}
	return keep
}

// subjectAge reads the age of the content tree in completed years; ok is false
// where there is none, or more than one.
func (j *job) subjectAge(item sr.Item) (years int, ok bool) {
	sequence, ok := j.d.Find(item.Ref, sr.MeasuredValueSequence)
	if !ok {
		return 0, false
	}
	values := 0
	for measured := range j.d.Children(sequence) {
		values++
		age, isNumber := number(j.d.TextOf(measured, sr.NumericValue))
		unit := sr.CodeAt(j.d, measured, sr.MeasurementUnitsCodeSequence)
		if years, ok = inYears(age, unit.Value); !ok || !isNumber {
			return 0, false
		}
	}
	return years, values == 1
}

// wholeYears writes an age of the content tree in years, grouped above the
// oldest. The measured value is made anew: the same bytes may stand elsewhere,
// where they are nobody's age.
func (j *job) wholeYears(item sr.Item) {
	measured, _ := j.d.Find(item.Ref, sr.MeasuredValueSequence)
	years, _ := j.subjectAge(item)
	var value []byte
	value = j.d.Append(value, item.Ref, sr.MeasurementUnitsCodeSequence, dataset.SQ,
		dataset.AppendItem(nil, j.encodedCode(item.Ref, sr.Code{Value: "a", Scheme: "UCUM"}, "year")))
	value = j.d.Append(value, item.Ref, sr.NumericValue, dataset.DS, []byte(strconv.Itoa(capped(years, j.policy.OldestAge))))
	j.replace(measured, dataset.AppendItem(nil, value), &j.counts.Replaced)
}

// coded keeps a coded value, unless its concept names a person or holds what
// identifies by itself: then the value type does not help it. A code of a
// scheme that nobody lists could be anybody's name; it stays under the concepts
// that the dose templates give a coded value, where devices and sites put their
// own.
func (j *job) coded(item sr.Item, rule *conceptRule) action {
	if act, exact := rule.action(item.ValueType); rule.identifies(exact) {
		return act
	}
	if !rule.coded && !listedScheme(sr.CodeAt(j.d, item.Ref, sr.ConceptCodeSequence).Scheme) {
		return remove
	}
	return keep
}

// holdsNumbers reports whether a NUM item is below.
func (j *job) holdsNumbers(item sr.Item) bool {
	for child := range j.tree.Children(item) {
		if j.valueType(child) == "NUM" && j.numeric(child, j.conceptRule(child)) != remove || j.holdsNumbers(child) {
			return true
		}
	}
	return false
}

// itemValue treats the attribute that holds a content item's value.
func (j *job) itemValue(e dataset.Ref, row *rule, value itemValue) {
	if j.d.Tag(e) != value.tag {
		j.remove(e)
		return
	}
	item, text := j.d.Node(e).Parent, j.d.Trimmed(e)
	own := *row
	own.action = value.action
	switch {
	case row.vr == dataset.UT && value.dated && value.action != dummy:
		// A date written as text: it is one, or it goes.
		own.vr = dataset.DT
	case row.vr == dataset.UI && value.action != remove && !j.policy.Retain.UIDs:
		own.action = newUID // also under a concept whose text would be cleaned
	case row.vr == dataset.UT && value.action == dummy && dataset.ValidUID(string(text)):
		own.action = newUID
	}
	j.apply(e, item, &own, text)
}
