package dataset

// An item that differs from an earlier one in the value of its last element
// alone, as measurements of the same kind and of the same length do, is like
// that one. It is not read: its nodes are the other's, moved, and what does not
// hold that value is folded onto what stands there.

// Like returns the item that r is like, and the element in r whose value may be
// another one. Everything else in r is byte for byte as it is there.
func (d *Dataset) Like(r Ref) (like, last Ref, is bool) {
	n := &d.nodes[r]
	return n.like, n.next - 1, n.like != 0
}

// noteHead remembers an item by what stands before the value of its last element,
// if that value ends where the item does, and does not say itself whether there
// are items in it.
func (x *indexer) noteHead(head HeadLookup[fold], item fold) {
	n, last := &x.nodes[item.origin], &x.nodes[len(x.nodes)-1]
	if !last.has(container) && last.VR != SQ && last.VR != UN && last.end == n.end {
		head.Note(int(n.head), int(last.value()), item)
	}
}

// likewise appends the nodes of an item that is like one that is remembered; it
// returns where that ends.
func (x *indexer) likewise(parent Ref, head HeadLookup[fold], known Lookup[fold], at int) (end int, is bool) {
	first, is := head.Again(x.raw, at)
	if !is || !x.mayStand(first, parent) {
		return 0, false
	}
	r, like := Ref(len(x.nodes)), first.origin
	behind, moved, deeper := x.nodes[like].next, int32(at)-x.nodes[like].head, x.nodes[parent].Depth+1-x.nodes[like].Depth
	within := parent
	for from := like; from < behind; {
		c, n := x.node()
		o := &x.nodes[from]
		*n = *o
		n.Depth, n.Parent, n.next, n.like = n.Depth+deeper, within, c+1, 0
		n.head, n.end = n.head+moved, n.end+moved
		switch from++; {
		case !n.has(container):
			n.origin = c
		case o.next == behind: // it holds the last value
			n.origin, within = c, c
			n.flags &^= shared
		default: // the same stands in both
			o.flags |= shared
			n.flags |= shared
			from = o.next
		}
	}
	for c := within; c >= r; c = x.nodes[c].Parent {
		x.nodes[c].next = Ref(len(x.nodes))
	}
	x.nodes[r].like = like
	end = int(x.nodes[r].end)
	known.Note(at, end, fold{r, first.nodes, first.levels})
	return end, true
}
