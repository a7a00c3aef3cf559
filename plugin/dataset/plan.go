package dataset

import "slices"

// Plan notes changes to a data set; [Plan.Encode] carries them out. What a
// plan does not name is copied byte for byte. What is planned for a child of a
// folded node is done wherever the same container stands; what is planned for
// the node itself, there alone. A plan is not safe for concurrent use.
type Plan struct {
	d      *Dataset
	op     []op
	values [][]byte
	added  map[Ref][]addition
	named  map[Ref]bool // UN that is written as SQ
	vrs    map[Ref]VR   // of elements that are written under another VR
}

// op is what becomes of a node: what is planned for itself, and whether
// anything below it changes.
type op struct {
	own   own
	below bool
	added bool // there is something in Plan.added
}

// own is one of the constants, or replace+index of values.
type own int32

const (
	keep    own = iota
	drop        // left out with everything below
	replace     // and above
)

type addition struct {
	tag   Tag
	vr    VR
	value []byte
}

// Plan starts a plan that changes nothing.
func (d *Dataset) Plan() *Plan {
	p := new(Plan)
	p.Start(d)
	return p
}

// Start begins anew, with a plan for another data set that changes nothing, in
// the room of this one.
func (p *Plan) Start(d *Dataset) {
	p.End()
	p.d, p.op = d, slices.Grow(p.op, len(d.nodes))[:len(d.nodes)]
	clear(p.op)
}

// End forgets the data set, and every value that was to be written.
func (p *Plan) End() {
	clear(p.values)
	clear(p.added)
	*p = Plan{op: p.op[:0], values: p.values[:0], added: p.added}
}

// Remove leaves out an element or an item, with everything below it.
func (p *Plan) Remove(r Ref) {
	p.op[r].own = drop
	p.touch(p.d.nodes[r].Parent)
}

// Replace gives an element another value, or a sequence other encoded items
// (in the encoding of its content). Text is padded to even length as the VR
// asks. An empty value keeps the element at length zero.
func (p *Plan) Replace(r Ref, value []byte) {
	p.values = append(p.values, value)
	p.op[r].own = replace + own(len(p.values)-1)
	p.touch(p.d.nodes[r].Parent)
}

// Add puts a new element into an item or the root, at its place in the order
// of tags. An element with the same tag there should be removed first.
func (p *Plan) Add(item Ref, tag Tag, vr VR, value []byte) {
	item, _ = p.d.Origin(item)
	if p.added == nil {
		p.added = make(map[Ref][]addition)
	}
	p.added[item] = append(p.added[item], addition{tag, vr, value})
	slices.SortFunc(p.added[item], func(a, b addition) int { return int(int64(a.tag) - int64(b.tag)) })
	p.op[item].added = true
	p.touch(item)
}

// NameSequences writes as SQ what some devices call UN though its items are
// encoded with VRs: by PS3.5 6.2.2 a reader takes such items for implicit ones
// and gives the file up.
func (p *Plan) NameSequences() {
	if !p.d.guessed {
		return
	}
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
	first, end := p.d.span(seq)
	return first < end && !p.d.nodes[p.d.nodes[seq].Parent].has(implicit)
}

// Retype writes an element's value under another VR than it came with.
func (p *Plan) Retype(r Ref, vr VR) {
	if p.vrs == nil {
		p.vrs = make(map[Ref]VR)
	}
	p.vrs[r] = vr
	if p.op[r].own == keep {
		p.Replace(r, p.d.Bytes(r))
	}
}

// Removed reports whether the plan leaves r itself out. It does not look at
// what encloses r.
func (p *Plan) Removed(r Ref) bool { return p.op[r].own == drop }

// Changes reports whether the plan changes r itself, or what is its own below it.
func (p *Plan) Changes(r Ref) bool { return p.op[r] != op{} }

// Value returns what the element's value will be: the replacement where the
// plan has one, else the original, padding included.
func (p *Plan) Value(r Ref) []byte {
	if own := p.op[r].own; own >= replace {
		return p.values[own-replace]
	}
	return p.d.Bytes(r)
}

// touch marks a node and what encloses it as changed below.
func (p *Plan) touch(r Ref) {
	for ; r >= 0 && !p.op[r].below; r = p.d.nodes[r].Parent {
		p.op[r].below = true
	}
}

// spread marks what is folded onto an origin in which something changes, and
// what encloses it. An origin stands before all that is folded onto it.
func (p *Plan) spread() {
	for r := range p.d.nodes {
		if origin := p.d.nodes[r].origin; origin != Ref(r) && p.op[origin].below {
			p.touch(Ref(r))
		}
	}
}
