package dataset

import "slices"

// Plan notes changes to a data set; [Plan.Encode] carries them out. What a
// plan does not name is copied byte for byte. A plan is not safe for
// concurrent use.
type Plan struct {
	d      *Dataset
	op     []int32 // per node: one of the constants below, or replace+index of values
	values [][]byte
	added  map[Ref][]addition
	named  map[Ref]bool // UN that is written as SQ
	vrs    map[Ref]VR   // of elements that are written under another VR
}

const (
	keep    int32 = iota
	below         // kept, but something below it changes
	drop          // left out with everything below
	replace       // and above: the value is values[op-replace]
)

type addition struct {
	tag   Tag
	vr    VR
	value []byte
}

// Plan starts a plan that changes nothing.
func (d *Dataset) Plan() *Plan {
	return &Plan{d: d, op: make([]int32, len(d.nodes)), added: make(map[Ref][]addition)}
}

// Remove leaves out an element or an item, with everything below it.
func (p *Plan) Remove(r Ref) {
	p.op[r] = drop
	p.touch(p.d.nodes[r].Parent)
}

// Replace gives an element another value, or a sequence other encoded items
// (in the encoding of its content). Text is padded to even length as the VR
// asks. An empty value keeps the element at length zero.
func (p *Plan) Replace(r Ref, value []byte) {
	p.values = append(p.values, value)
	p.op[r] = replace + int32(len(p.values)-1)
	p.touch(p.d.nodes[r].Parent)
}

// Add puts a new element into an item or the root, at its place in the order
// of tags. An element with the same tag there should be removed first.
func (p *Plan) Add(item Ref, tag Tag, vr VR, value []byte) {
	p.added[item] = append(p.added[item], addition{tag, vr, value})
	slices.SortFunc(p.added[item], func(a, b addition) int { return int(int64(a.tag) - int64(b.tag)) })
	p.touch(item)
}

// NameSequences writes as SQ what some devices call UN though its items are
// encoded with VRs: by PS3.5 6.2.2 a reader takes such items for implicit ones
// and gives the file up.
func (p *Plan) NameSequences() {
	p.named = make(map[Ref]bool)
	for r := Ref(1); int(r) < len(p.d.nodes); r++ {
		if p.d.nodes[r].VR == UN && p.d.nodes[r].has(container) && p.explicitItems(r) {
			p.named[r] = true
			p.touch(r)
		}
	}
}

// explicitItems reports whether a sequence has items, all encoded with VRs.
func (p *Plan) explicitItems(seq Ref) bool {
	for item := range p.d.Children(seq) {
		if p.d.nodes[item].has(implicit) {
			return false
		}
	}
	return p.d.nodes[seq].next > seq+1 && !p.d.nodes[p.d.nodes[seq].Parent].has(implicit)
}

// Retype writes an element's value under another VR than it came with.
func (p *Plan) Retype(r Ref, vr VR) {
	if p.vrs == nil {
		p.vrs = make(map[Ref]VR)
	}
	p.vrs[r] = vr
	if p.op[r] == keep {
		p.Replace(r, p.d.Bytes(r))
	}
}

// Removed reports whether the plan leaves r itself out. It does not look at
// what encloses r.
func (p *Plan) Removed(r Ref) bool { return p.op[r] == drop }

// Value returns what the element's value will be: the replacement where the
// plan has one, else the original, padding included.
func (p *Plan) Value(r Ref) []byte {
	if op := p.op[r]; op >= replace {
		return p.values[op-replace]
	}
	return p.d.Bytes(r)
}

// touch marks a node and what encloses it as changed below.
func (p *Plan) touch(r Ref) {
	for ; r >= 0 && p.op[r] == keep; r = p.d.nodes[r].Parent {
		p.op[r] = below
	}
}
