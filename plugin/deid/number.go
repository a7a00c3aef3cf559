package deid

import (
	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/sr"
)

// A NUM item that stays as it is decides nothing by its number, as long as that
// is one: what is like it (see [dataset.Dataset.Like]) stays, too. Reports have
// such items by the hundred.

// likeNumber treats an item that is like another one, if it is known to stay as
// it is whatever its number.
func (j *job) likeNumber(like, last dataset.Ref) bool {
	n := j.numbers[like]
	if n == 0 || !Number(j.d.View(last)) {
		return false
	}
	j.counts.add(&j.treated[n-1].counts)
	return true
}

// noteNumber notes that an item that was treated, and with it what it is like,
// stays as it is whatever its number. Beside that it may have no value but those
// that say what kind of an item it is: some values are judged by the number.
func (j *job) noteNumber(r, like, last dataset.Ref, before *Counts) {
	item := j.tree.At(r)
	if item.ValueType != "NUM" || j.conceptRule(item).age || j.d.Tag(last) != sr.NumericValue || j.plan.Changes(r) || !Number(j.d.View(last)) {
		return
	}
	for e := r; e < last; e++ {
		if tag := j.d.Tag(e); !j.d.Container(e) && tag != sr.RelationshipType && tag != sr.ValueType {
			return
		}
	}
	j.treated = append(j.treated, treated{})
	j.treated[len(j.treated)-1].counts.take(&j.counts, before)
	j.numbers[like] = int32(len(j.treated))
}
