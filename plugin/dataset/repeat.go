package dataset

import "unsafe"

// longestRepeat bounds the sequences that are remembered: codes are shorter.
const longestRepeat = 256

// repeats reports whether a sequence is one of those that reports repeat by the
// thousand: a code in the usual encoding.
func repeats(h header) bool { return h.flags == container && h.vr == SQ && h.length <= longestRepeat }

func (x *indexer) content(h header, at int) string {
	b := x.raw[at+h.size : at+h.size+int(h.length)]
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// again indexes a sequence whose very bytes were indexed before by copying
// their nodes: the same bytes have the same structure.
func (x *indexer) again(parent Ref, h header, at int) (end int, ok bool) {
	if !repeats(h) {
		return 0, false
	}
	first, ok := x.known[x.content(h, at)]
	if !ok {
		return 0, false
	}
	old := x.nodes[first:x.nodes[first].next]
	deeper := int(x.nodes[parent].Depth) + 1 - int(old[0].Depth)
	if len(x.nodes)+len(old) > x.lim.Elements || deeper > 0 {
		return 0, false // the long way, which looks at every limit
	}
	r, moved := Ref(len(x.nodes)), int32(at)-old[0].head
	for _, n := range old {
		n.Depth = uint8(int(n.Depth) + deeper)
		n.head, n.value, n.end = n.head+moved, n.value+moved, n.end+moved
		n.Parent, n.next = n.Parent+r-first, n.next+r-first
		x.nodes = append(x.nodes, n)
	}
	x.nodes[r].Parent, x.nodes[r].Tag = parent, h.tag
	return int(x.nodes[r].stop()), true
}
