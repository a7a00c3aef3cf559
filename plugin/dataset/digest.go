package dataset

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
)

// Digest tells data sets with other content apart, and is the same for one that
// was only written in another way: it is over tags and values, and leaves out
// file meta information, lengths, group lengths, VRs and the byte order.
func (d *Dataset) Digest() [sha256.Size]byte {
	h := sha256.New()
	d.digest(h, Root)
	return [sha256.Size]byte(h.Sum(nil))
}

func (d *Dataset) digest(h hash.Hash, parent Ref) {
	var head [8]byte
	for r := range d.Children(parent) {
		n := &d.nodes[r]
		if n.Tag.GroupLength() {
			continue
		}
		binary.LittleEndian.PutUint32(head[:], uint32(n.Tag))
		if !n.has(container) {
			value := swapped(d.Bytes(r), n)
			binary.LittleEndian.PutUint32(head[4:], uint32(len(value)))
			h.Write(head[:])
			h.Write(value)
			continue
		}
		binary.LittleEndian.PutUint32(head[4:], undefinedLength)
		h.Write(head[:])
		d.digest(h, r)
		binary.LittleEndian.PutUint32(head[:], uint32(ItemDelimitation))
		h.Write(head[:])
	}
}
