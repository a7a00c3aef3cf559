// Package sr reads the content tree of a DICOM Structured Report (PS3.3
// C.17.3) over the nodes of a [dataset.Dataset]: items, their concept, value
// type, relationship and place. It is tolerant: what real reports get wrong is
// reported as empty, never as an error.
package sr
