package deid

import (
	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/sr"
)

// elements treats every element of an item by its row of attributes.tsv.
// value is the action for the value attribute of the content item that it is,
// noValue where it is none.
func (j *job) elements(item dataset.Ref, value itemValue) {
	coded := false
	for e := range j.d.Children(item) {
		tag := j.d.Tag(e)
		row, listed := j.rules.attributes.get(tag)
		if row.there != nil && item != dataset.Root {
			row = row.in(j.d.Tag(j.d.Node(item).Parent))
		}
		switch {
		case !listed || j.d.Container(e) != (row.vr == dataset.SQ):
			j.remove(e)
		case row.form.name == "item-value":
			j.itemValue(e, row, value)
		case row.form.name == "code":
			if !coded {
				j.code(item)
				coded = true
			}
		case tag == sr.ContentSequence:
			j.counts.Kept++
			j.once(e, (*job).content)
		case row.vr == dataset.SQ:
			j.sequence(e, row)
		default:
			j.element(e, item, row)
		}
		if j.d.Node(e).VR != row.vr && row.vr != dataset.SQ && listed && !j.plan.Removed(e) {
			j.plan.Retype(e, row.vr) // two readers would read it in two ways
		}
	}
	if item == dataset.Root {
		j.ensurePatientID()
	}
}

// sequence treats a sequence that is not the content tree.
func (j *job) sequence(e dataset.Ref, row *rule) {
	switch row.action {
	case remove:
		j.remove(e)
	case empty:
		j.replace(e, nil, &j.counts.Emptied)
	default:
		j.counts.Kept++
		j.once(e, (*job).items)
	}
}

// items treats the items of a sequence that is not the content tree.
func (j *job) items(sequence dataset.Ref) {
	for item := range j.d.Children(sequence) {
		if j.d.Container(item) {
			j.once(item, (*job).attributes)
		}
	}
}

// attributes treats an item that is no content item.
func (j *job) attributes(item dataset.Ref) { j.elements(item, noValue) }

// treated is what was done to a container that stands in several places.
type treated struct {
	counts Counts // of itself and of what is in it
	gone   bool   // it was left out
}

// once treats a container. What stands in several places is decided on in the
// first of them and counted in each: reports repeat their codes by the
// thousand.
func (j *job) once(r dataset.Ref, treat func(*job, dataset.Ref)) {
	origin, shared := j.d.Origin(r)
	if !shared {
		treat(j, r)
		return
	}
	if n := j.met[origin]; n > 0 {
		done := &j.treated[n-1]
		j.counts.add(&done.counts)
		if done.gone {
			j.plan.Remove(r)
		}
		return
	}
	var before Counts
	before.add(&j.counts)
	treat(j, r)
	j.treated = append(j.treated, treated{gone: j.plan.Removed(r)})
	j.met[origin] = int32(len(j.treated))
	j.treated[len(j.treated)-1].counts.take(&j.counts, &before)
}

// element treats an attribute with a value.
func (j *job) element(e, item dataset.Ref, row *rule) {
	value := j.d.Trimmed(e)
	if row.action == keep && row.form.lists(value) && j.encodedAs(e, row.vr) {
		j.counts.Kept++ // a defined term is nobody's, and most attributes of a content tree are one
		return
	}
	if !row.vr.Text() {
		value = j.d.Bytes(e) // no byte of a binary value is padding
	}
	switch row.form.name {
	case "patient-id":
		j.replace(e, []byte(j.derive.pseudonym(j.issuer, j.patient)), &j.counts.Replaced)
		return
	case "age":
		j.age(e, row, string(value))
		return
	case "charset":
		j.charset(e, string(value))
		return
	}
	j.apply(e, item, row, value)
}

// apply carries an action out on an attribute or on a content item's value.
func (j *job) apply(e, item dataset.Ref, row *rule, value []byte) {
	switch row.action {
	case remove:
		j.remove(e)
	case empty:
		j.empty(e)
	case dummy:
		j.dummy(e, row, value)
	case newUID:
		j.newUID(e, row, value)
	case yearOnly:
		j.year(e, row, value)
	case stationPseudonym:
		made := j.derive.device(string(value), j.d.TextOf(dataset.Root, serialNumber))
		j.replace(e, []byte(made), &j.counts.Replaced)
	case shift:
		if out, ok := moved(string(value), j.derive.daysBack(j.issuer, j.patient)); ok {
			j.replace(e, []byte(out), &j.counts.Replaced)
		} else if (row.vr == dataset.TM || row.form.name == "zone") && fits(row.vr, value) && row.form.matches(view(value)) {
			j.counts.Kept++ // the time of day and its zone are not moved
		} else {
			j.unfit(e, row, value)
		}
	default:
		j.keep(e, item, row, value)
	}
}

// ensurePatientID gives a report without the attribute its pseudonym.
func (j *job) ensurePatientID() {
	if _, ok := j.d.Find(dataset.Root, patientID); !ok {
		j.plan.Add(dataset.Root, patientID, dataset.LO, []byte(j.derive.pseudonym(j.issuer, j.patient)))
		j.counts.Replaced++
	}
}

func (j *job) remove(e dataset.Ref) {
	j.plan.Remove(e)
	j.counts.Removed++
}

func (j *job) empty(e dataset.Ref) {
	if len(j.d.Bytes(e)) == 0 {
		j.counts.Kept++
		return
	}
	j.replace(e, nil, &j.counts.Emptied)
}

func (j *job) replace(e dataset.Ref, value []byte, count *int) {
	j.plan.Replace(e, value)
	*count++
}
