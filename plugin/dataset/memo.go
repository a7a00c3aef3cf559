package dataset

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/bits"
)

// Memo remembers something of encoded sequences and items by their bytes: of
// a large report's elements, four in five stand in a code, a unit or a content
// item that stood there before, byte for byte. It is for the bytes of one data
// set at a time; its zero value is ready.
type Memo[T any] struct {
	places [memoPlaces]place[T]
	count  uint32 // of the data sets before
}

// Forget begins with another data set.
func (m *Memo[T]) Forget() {
	if m.count++; m.count == 0 {
		*m = Memo[T]{}
	}
}

// place is where containers are remembered whose hashes end alike. What has
// stood there twice is not driven out by what comes once, as every item with a
// number of its own does.
type place[T any] struct {
	twice, once memory[T]
}

type memory[T any] struct {
	what     T
	key      uint64 // of the data set and the bytes
	from, to int32
}

// Lookup is a container that is looked for in a [Memo]. The zero Lookup is one
// that is not remembered.
type Lookup[T any] struct {
	place *place[T]
	key   uint64
}

// keyOf joins the upper half of a hash and the number of a data set.
func keyOf(hash uint64, count uint32) uint64 { return hash&^math.MaxUint32 | uint64(count) }

const (
	memoPlaces = 1 << 11

	// longestMemory and shortestMemory bound what is remembered: longer
	// containers hold numbers, dates or UIDs of their own and hardly ever
	// repeat, shorter ones are as quickly read.
	longestMemory, shortestMemory = 2048, 32

	// memoWindow is how much tells containers of undefined length apart, whose
	// end is not known when they are looked for.
	memoWindow = 64
)

// At looks for the container that begins at an offset, length bytes with its
// header, or with a length below 0 one that is not known; limit is where what
// encloses it ends. Samples tell containers apart well enough: a wrong guess
// costs a comparison.
func (m *Memo[T]) At(raw []byte, at, length, limit int) Lookup[T] {
	if length < 0 {
		length = memoWindow
	}
	if length < shortestMemory || length > longestMemory || length > limit-at {
		return Lookup[T]{}
	}
	hash := sampled(raw, at+length/2, uint64(length)) ^ sampled(raw, at+length-8, binary.LittleEndian.Uint64(raw[at+length/4:]))
	return Lookup[T]{&m.places[hash%memoPlaces], keyOf(hash, m.count)}
}

// sampled is a hash over the bytes around an offset and a number.
func sampled(raw []byte, at int, number uint64) uint64 {
	b := raw[at-8 : at+8]
	return mix(binary.LittleEndian.Uint64(b)^number, binary.LittleEndian.Uint64(b[8:]))
}

// mix folds the product of two numbers into one.
func mix(a, b uint64) uint64 {
	high, low := bits.Mul64(a^0x9E3779B97F4A7C15, b^0xC2B2AE3D27D4EB4F) // so that zeros mix, too
	return high ^ low
}

// Again returns what is known of the container if it is remembered and stands
// again at an offset, and where it ends then.
func (l Lookup[T]) Again(raw []byte, at, limit int) (what T, end int, is bool) {
	p := l.place
	if p == nil {
		return what, 0, false
	}
	if end, is = p.twice.again(raw, at, limit, l.key); is {
		return p.twice.what, end, true
	}
	if end, is = p.once.again(raw, at, limit, l.key); is {
		p.twice, p.once = p.once, p.twice
		return p.twice.what, end, true
	}
	return what, 0, false
}

func (m *memory[T]) again(raw []byte, at, limit int, key uint64) (end int, is bool) {
	if m.key != key || m.to == 0 {
		return 0, false
	}
	end = at + int(m.to-m.from)
	return end, end <= limit && bytes.Equal(raw[at:end], raw[m.from:m.to])
}

// Note remembers the container, which stands from one offset to another.
func (l Lookup[T]) Note(from, to int, what T) {
	if l.place != nil && to-from <= longestMemory {
		l.place.once = memory[T]{what: what, key: l.key, from: int32(from), to: int32(to)}
	}
}

// Heads remembers something of encoded items by the bytes that they begin with,
// all but what may be another in one that is like it. It is for the bytes of one
// data set at a time; its zero value is ready.
type Heads[T any] struct {
	places [headPlaces]memory[T]
	count  uint32 // of the data sets before
}

const headPlaces = 1 << 9

// Forget begins with another data set.
func (m *Heads[T]) Forget() {
	if m.count++; m.count == 0 {
		*m = Heads[T]{}
	}
}

// HeadLookup is an item that is looked for in [Heads]. The zero HeadLookup is one
// that is not remembered.
type HeadLookup[T any] struct {
	place  *memory[T]
	key    uint64
	length int32
}

// At looks for the item that begins at an offset, length bytes with its header.
func (m *Heads[T]) At(raw []byte, at, length int) HeadLookup[T] {
	if length < shortestMemory || length > longestMemory || length > len(raw)-at {
		return HeadLookup[T]{}
	}
	hash := sampled(raw, at+length/2, uint64(length))
	return HeadLookup[T]{&m.places[hash%headPlaces], keyOf(hash, m.count), int32(length)}
}

// Again returns what is known of the item if one that it is like is remembered.
func (l HeadLookup[T]) Again(raw []byte, at int) (what T, is bool) {
	m := l.place
	if m == nil || m.key != l.key || m.to == 0 {
		return what, false
	}
	same := m.to - m.from
	if same >= l.length || !bytes.Equal(raw[at:at+int(same)], raw[m.from:m.to]) {
		return what, false
	}
	return m.what, true
}

// Note remembers the item, which begins at an offset, and another at which the
// bytes end that have to be the same. The length of an item is among them.
func (l HeadLookup[T]) Note(from, to int, what T) {
	if l.place != nil {
		l.place.what, l.place.key, l.place.from, l.place.to = what, l.key, int32(from), int32(to)
	}
}
