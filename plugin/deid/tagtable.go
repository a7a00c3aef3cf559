package deid

import "github.com/dosegate/dosegate/plugin/dataset"

// tagTable finds the rule of a tag. Every element of every report asks it, so
// it is an open hash of a fixed size, sparse enough for one look.
type tagTable [tagSlots]struct {
	tag  dataset.Tag
	rule *rule
}

const (
	tagSlots = 1 << 11
	spread   = 0x9E3779B1 // 2^32 divided by the golden ratio
)

func slot(t dataset.Tag) uint32 { return uint32(t) * spread >> (32 - 11) }

// set enters a rule; there are far fewer than slots.
func (t *tagTable) set(tag dataset.Tag, r rule) {
	i := slot(tag)
	for t[i].rule != nil && t[i].tag != tag {
		i = (i + 1) % tagSlots
	}
	t[i].tag, t[i].rule = tag, &r
}

// get returns the rule of a tag, listed false where it has none.
func (t *tagTable) get(tag dataset.Tag) (r *rule, listed bool) {
	for i := slot(tag); t[i].rule != nil; i = (i + 1) % tagSlots {
		if t[i].tag == tag {
			return t[i].rule, true
		}
	}
	return &noRule, false
}

// noRule is the zero rule: remove.
var noRule rule
