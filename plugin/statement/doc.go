// Package statement makes of the ledger what a site can hold against a registry's own
// count: a table with a line for every delivery, and the statement of a month, which
// says for each station and registry what became of every report of it.
//
// Neither holds an identifier of a patient, nor an Orthanc ID: a table goes from hand
// to hand.
package statement
