// Package identity gathers what names the patient, the persons and the place
// in a report, and finds it again in texts: whole, in parts, reordered, in
// another case, without accents, with and without separators, in the usual
// spellings of a date.
//
// It serves those who clean texts (package deid) and those who decide which
// texts of a device may be shown (package filter). The last look at a finished
// object is not its work: that is done by other code on purpose.
package identity
