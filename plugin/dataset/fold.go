package dataset

// A container whose bytes stood there before is folded: it becomes one node,
// with its own place in the bytes and the children of the first, its origin.
//
// What folds onto an origin is encoded alike and below a node with the same tag:
// whatever is decided by what a container holds and what it is part of is decided
// for all of them at once. Two things could let the same bytes mean something
// else: a character set that is declared further down, and items under UN, whose
// encoding is guessed from what follows. A data set with either is not folded at
// all.

// shortestFolded is how long a data set has to be for anything to repeat in it.
const shortestFolded = 4 * shortestMemory

// fold is an origin, how many nodes it would have if nothing in it were folded,
// itself included, and how many levels there are below it.
type fold struct {
	origin Ref
	nodes  int32
	levels int32
}

// place looks for a container that begins at an offset.
func (x *indexer) place(h *header, at, limit int) Lookup[fold] {
	switch {
	case x.folds == nil:
		return Lookup[fold]{}
	case h.length == undefinedLength:
		return x.folds.At(x.raw, at, -1, limit)
	}
	return x.folds.At(x.raw, at, int(h.size)+int(h.length), limit)
}

// noted is what there is to remember of a container that is indexed: before is
// the count of nodes when it began, above how deep it was before.
func (x *indexer) noted(r Ref, before, above int) fold {
	f := fold{r, int32(x.count - before), int32(x.reached - int(x.nodes[r].Depth))}
	x.reached = max(x.reached, above)
	return f
}

// again appends a folded node if the container that is remembered stands here
// again; it returns where that ends.
func (x *indexer) again(parent Ref, known Lookup[fold], at, limit int) (end int, is bool) {
	first, end, is := known.Again(x.raw, at, limit)
	if !is {
		return 0, false
	}
	if !x.mayStand(first, parent) {
		return 0, false
	}
	x.nodes[first.origin].flags |= shared
	r, n := x.node()
	origin := &x.nodes[first.origin]
	n.Tag, n.VR, n.Depth, n.flags = origin.Tag, origin.VR, x.nodes[parent].Depth+1, origin.flags
	n.Parent, n.origin, n.next, n.like = parent, first.origin, r+1, 0
	n.head, n.end = int32(at), origin.end+int32(at)-origin.head
	return end, true
}

// mayStand counts what stands again below a node. It is false for what has to be
// read for itself: since it means something else there, or so that it says which
// limit it breaks.
func (x *indexer) mayStand(first fold, parent Ref) bool {
	deepest := int(x.nodes[parent].Depth) + 1 + int(first.levels)
	if x.count+int(first.nodes) > x.lim.Elements || deepest > x.deepest() || !x.alike(parent, x.nodes[first.origin].Parent) {
		return false
	}
	x.count += int(first.nodes)
	x.reached = max(x.reached, deepest)
	return true
}

// alike reports whether the same bytes mean the same below two nodes.
func (x *indexer) alike(a, b Ref) bool {
	m, n := &x.nodes[a], &x.nodes[b]
	return m.Tag == n.Tag && m.flags&encodingFlags == n.flags&encodingFlags
}

// Origin returns the container whose children r has: r itself, unless it is
// folded. shared says that others have the same: what is planned for one of
// these children is then done wherever it stands.
func (d *Dataset) Origin(r Ref) (origin Ref, isShared bool) {
	n := &d.nodes[r]
	return n.origin, n.has(shared)
}

// Flat indexes the data set anew with a node for every element wherever it
// stands, for those who ask for places.
func (d *Dataset) Flat() (*Dataset, error) {
	return index(d.raw, d.Syntax, d.lim, false)
}
