package dataset

import "encoding/binary"

// sequence indexes an element that holds items.
func (x *indexer) sequence(parent Ref, h *header, at, limit int) (int, error) {
	known, before, above := x.place(h, at, limit), x.count, x.reached
	if end, is := x.again(parent, known, at, limit); is {
		return end, nil
	}
	r, err := x.add(parent, h, at)
	if err != nil {
		return 0, err
	}
	x.reached = int(x.nodes[r].Depth)
	if h.length != undefinedLength {
		limit = at + int(h.size) + int(h.length)
	}
	if err := x.items(r, limit, h.length == undefinedLength, h.vr == OB || h.vr == OW); err != nil {
		return 0, err
	}
	known.Note(at, int(x.nodes[r].stop()), x.noted(r, before, above))
	return int(x.nodes[r].stop()), nil
}

// nesting decides whether an element holds items, and how they are encoded.
// UN of undefined length is a sequence in implicit little endian (PS3.5 6.2.2
// note 2, 7.5.1); UN of defined length under a tag that the dictionary knows
// as a sequence is read so too. A sequence tag whose value does not begin with
// an item is some other VR under a wrong name: opaque bytes.
func (x *indexer) nesting(h *header, at, limit int) (inside flags, nested bool, err error) {
	inside = h.flags | container
	if h.vr == UN {
		inside = implicit | container
	}
	if h.length == undefinedLength {
		if fragments := h.vr == OB || h.vr == OW; fragments && h.tag != PixelData {
			return 0, false, fault(ErrMalformed, at, "%s of undefined length", known(h.tag))
		}
		return inside | undefined, true, nil
	}
	if h.vr == SQ || h.vr == UN && h.length >= 8 && DictionaryVR(h.tag) == SQ {
		value := at + int(h.size)
		if h.length == 0 {
			return inside, h.vr == SQ, nil
		}
		if h.length < 8 {
			return 0, false, nil
		}
		return inside, tagAt(x.raw[value:], inside) == Item, nil
	}
	return 0, false, nil
}

// items indexes the items of a sequence, or the fragments of encapsulated
// pixel data (PS3.5 A.4), which hold no elements.
func (x *indexer) items(seq Ref, limit int, open, fragments bool) error {
	at := int(x.nodes[seq].value())
	for open || at < limit {
		var h header
		err := x.header(&h, at, limit, x.nodes[seq].flags)
		if err != nil {
			return err
		}
		if h.tag == SequenceDelimiter && open {
			if h.length != 0 {
				return fault(ErrMalformed, at, "sequence delimitation with a length")
			}
			break
		}
		if h.tag != Item {
			return fault(ErrMalformed, at, "%s where an item should be", known(h.tag))
		}
		if at, err = x.item(seq, &h, at, limit, fragments); err != nil {
			return err
		}
	}
	x.close(seq, at)
	return nil
}

func (x *indexer) item(seq Ref, h *header, at, limit int, fragment bool) (int, error) {
	open := h.length == undefinedLength
	if !open && uint64(h.length) > uint64(limit-at-int(h.size)) {
		return 0, fault(ErrCut, at, "an item is longer than its sequence")
	}
	if fragment {
		return x.fragment(seq, h, at)
	}
	var known Lookup[fold]
	var head HeadLookup[fold]
	before, above := x.count, x.reached
	h.flags |= container
	if only := at == int(x.nodes[seq].value()) && !open && at+int(h.size)+int(h.length) == limit; !only {
		known = x.place(h, at, limit) // the only item repeats where its sequence does
	}
	if end, is := x.again(seq, known, at, limit); is {
		return end, nil
	}
	if known.place != nil && !open {
		head = x.heads.At(x.raw, at, int(h.size)+int(h.length))
		if end, is := x.likewise(seq, head, known, at); is {
			return end, nil
		}
	}
	x.encodingOf(seq, h, at, limit)
	r, err := x.add(seq, h, at)
	if err != nil {
		return 0, err
	}
	if !open {
		limit = at + int(h.size) + int(h.length)
	}
	x.reached = int(x.nodes[r].Depth)
	if err := x.elements(r, limit, open); err != nil {
		return 0, err
	}
	what, end := x.noted(r, before, above), int(x.nodes[r].stop())
	known.Note(at, end, what)
	x.noteHead(head, what)
	return end, nil
}

// fragment indexes a fragment of encapsulated pixel data.
func (x *indexer) fragment(seq Ref, h *header, at int) (int, error) {
	if h.length == undefinedLength {
		return 0, fault(ErrMalformed, at, "a fragment of undefined length")
	}
	r, err := x.add(seq, h, at)
	if err != nil {
		return 0, err
	}
	end := at + int(h.size) + int(h.length)
	x.nodes[r].end = int32(end)
	return end, nil
}

// encodingOf settles how the content of an item is encoded, and whether it ends
// with a delimiter.
func (x *indexer) encodingOf(seq Ref, h *header, at, limit int) {
	if x.nodes[seq].VR == UN {
		x.guessed = true
		if x.withVRs(at+int(h.size), limit) {
			h.flags &^= implicit
		}
	}
	if h.length == undefinedLength {
		h.flags |= undefined
	}
}

// withVRs reports whether an item inside a UN sequence is encoded with VRs,
// against PS3.5 6.2.2: some devices write it so. Its first element tells: two
// letters that are its VR, or that make no length which fits.
func (x *indexer) withVRs(at, limit int) bool {
	if limit-at < 8 {
		return false
	}
	b := x.raw[at:]
	tag := tagAt(b, 0)
	vr, length := vrAt(b[4:]), binary.LittleEndian.Uint32(b[4:])
	return vr.letters() && (vr == DictionaryVR(tag) || uint64(length) > uint64(limit-at-8))
}

// close notes where a container's content ends and which node comes next.
func (x *indexer) close(r Ref, at int) {
	x.nodes[r].end = int32(at)
	x.nodes[r].next = Ref(len(x.nodes))
	if int(r)+1 < len(x.nodes) {
		x.reached = max(x.reached, int(x.nodes[r].Depth)+1)
	}
}

// refuseTwice looks for a tag that stands twice in an unsorted item: two
// readers would see two different reports in it.
func (x *indexer) refuseTwice(parent Ref) error {
	seen := make(map[Tag]bool)
	for c := parent + 1; c < x.nodes[parent].next; c = x.nodes[c].next {
		if seen[x.nodes[c].Tag] {
			return fault(ErrMalformed, int(x.nodes[c].head), "%s stands twice", known(x.nodes[c].Tag))
		}
		seen[x.nodes[c].Tag] = true
	}
	return nil
}
