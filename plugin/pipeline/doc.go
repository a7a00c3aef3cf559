// Package pipeline is the way of a report, as three loops that meet only in
// the ledger:
//
//	follow   the change feed of a source: read, recognise, decide, record
//	deliver  the queue of a registry: fetch, decide again, de-identify, send
//	sweep    the holding area: decide again, release, expire; and clear away
//	         what is delivered, where that is configured
//
// A fourth writes to a source what the ledger says of its reports, so that Orthanc
// Explorer shows it; nothing waits for it (marker).
//
// Each may be stopped at any moment. What a loop was doing when it stopped is
// either in the ledger or will be done again with the same outcome.
//
// Deciding has one home, [Gate]; so has deleting, behind
// [Gate.Expire], [Gate.Discard] and [Gate.Clear].
package pipeline
