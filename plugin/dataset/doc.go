// Package dataset walks and rewrites encoded DICOM data sets (PS3.5, PS3.10).
//
// It exists because reports come from outside and must reach the registry
// with every byte that nobody meant to change: a library that decodes values
// to Go types and encodes them again loses the original's bytes, and one that
// trusts lengths can be made to allocate without bound. This package does
// neither. [Parse] reads a file once into a flat index of nodes over the
// original bytes; a [Plan] notes what is to be removed, replaced or added; and
// [Plan.Encode] copies everything else verbatim and corrects the lengths that
// the changes affect.
//
// An input that is cut at any byte is an error, never a shorter data set;
// lengths are bounded by what encloses them, and depth, number of elements and
// inflated size by [Limits].
package dataset
