package dataset

import (
	"errors"
	"fmt"
)

// What is wrong with an input that cannot be read. Every error of this
// package wraps one of them; none carries a value of the data set.
var (
	// ErrNotDICOM: the bytes do not begin as a DICOM file or data set does.
	ErrNotDICOM = errors.New("not a DICOM file")
	// ErrCut: the bytes end before the data set does.
	ErrCut = errors.New("cut short")
	// ErrMalformed: the bytes contradict the encoding rules of PS3.5.
	ErrMalformed = errors.New("malformed")
	// ErrLimit: the data set is deeper, longer or fuller than allowed.
	ErrLimit = errors.New("over the limit")
	// ErrSyntax: the transfer syntax is not one that can be read here.
	ErrSyntax = errors.New("unknown transfer syntax")
)

// fault is an error at a place in the encoded data set.
func fault(kind error, offset int, format string, args ...any) error {
	return fmt.Errorf("%w at byte %d: %s", kind, offset, fmt.Sprintf(format, args...))
}

// known words a tag for an error. Where lengths are garbled, what stands for a
// tag is a piece of some value: only tags that the dictionary has are told.
func known(t Tag) string {
	if t.Group() == 0xFFFE || DictionaryVR(t) != UN {
		return t.String()
	}
	return "an element"
}
