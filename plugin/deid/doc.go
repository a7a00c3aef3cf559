// Package deid de-identifies dose reports by PS3.15 Annex E: the Basic
// Application Level Confidentiality Profile with Clean Structured Content,
// Clean Descriptors and the options that a [Policy] names.
//
// Two tables say what may stay: attributes.tsv, an allow-list of the dose SR
// IODs' attributes with their actions of Table E.1-1 (annex_e11.tsv), applied at every level;
// and annex_e341.tsv, Table E.3.4-1, applied to the content tree by concept.
// Whatever is in neither does not leave. UIDs, the patient's pseudonym and
// date offsets derive from the site key and the report alone, so that
// de-identifying again gives the same object.
//
// The report's way through the package:
//
//	clean.go      texts without what package identity gathered
//	header.go     attributes, by attributes.tsv
//	values.go     what is left of a value
//	content.go    content items, by annex_e341.tsv
//	number.go     numbers that are like one that was treated
//	code.go       codes and their meanings
//	marks.go      what was done, as PS3.15 E.1 asks
//	leak.go       an independent last look at the finished object
package deid
