package dataset

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// Memo remembers something of encoded sequences and items by their bytes: of
// a large report's elements, four in five stand in a code, a unit or a content
// item that stood there before, byte for byte. It is for the bytes of one data
// set; its zero value is ready.
type Memo[T any] struct {
	slots [memoSlots]Memory[T] // what is newer takes the place of what is older
}

// Memory is a place in a [Memo] and the container that is remembered there.
type Memory[T any] struct {
	What     T
	from, to int32
}

const (
	memoSlots = 1 << 11

	// longestMemory and shortestMemory bound what is remembered: longer
	// containers hold numbers, dates or UIDs of their own and hardly ever
	// repeat, shorter ones are as quickly read.
	longestMemory, shortestMemory = 4096, 32

	// memoWindow is how much tells containers of undefined length apart, whose
	// end is not known when they are looked for.
	memoWindow = 64
)

// At is the place for the container that begins at an offset, length bytes
// with its header, or with a length below 0 one that is not known; limit is
// where what encloses it ends. It is nil for a container that is not remembered.
// Samples tell containers apart well enough: a wrong guess costs a comparison.
func (m *Memo[T]) At(raw []byte, at, length, limit int) *Memory[T] {
	if length < 0 {
		length = memoWindow
	}
	if length < shortestMemory || length > longestMemory || length > limit-at {
		return nil
	}
	b := raw[at : at+length]
	sample := func(at int) uint64 { return binary.LittleEndian.Uint64(b[at:]) }
	hash := mix(sample(length/4)^uint64(length), sample(length/2)) ^ mix(sample(length*3/4), sample(length-16)^sample(length-8))
	return &m.slots[hash%memoSlots]
}

// mix folds the product of two numbers into one.
func mix(a, b uint64) uint64 {
	high, low := bits.Mul64(a^0x9E3779B97F4A7C15, b^0xC2B2AE3D27D4EB4F) // so that zeros mix, too
	return high ^ low
}

// Again reports whether the container that is remembered here stands again at
// an offset, and where it ends then.
func (m *Memory[T]) Again(raw []byte, at, limit int) (end int, is bool) {
	if m == nil || m.to == 0 {
		return 0, false
	}
	end = at + int(m.to-m.from)
	return end, end <= limit && bytes.Equal(raw[at:end], raw[m.from:m.to])
}

// Note remembers the container from one offset to another.
func (m *Memory[T]) Note(from, to int, what T) {
	if m != nil && to-from <= longestMemory {
		*m = Memory[T]{What: what, from: int32(from), to: int32(to)}
	}
}
