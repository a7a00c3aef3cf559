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
// # An archive
//
// In a gateway every line of the feed about a new instance is a report's, and is
// looked at. In an archive (see [Source]) it is one in a thousand, and no line says
// what kind of object it is about. What every Orthanc from 1.10 on answers alike, for
// many at once, out of its index and at a cost that does not grow with the archive, is
// to which series an instance belongs, of which modality that is, and what else is in
// it ([orthanc.Client.Contents]). So of an archive's feed
//
//   - a line about a new series is asked about at once, with others of its page;
//   - the lines about instances that are in none of these stay open: a second report
//     in a series makes no other line. They are asked about in one question, of some
//     of them: what is in the same series is settled with them, images by the
//     hundred, until no line is open. That is when nothing more comes for a moment,
//     after ten seconds, with a thousand of them, at the ring of the doorbell, or at
//     once where questions were saved up: two for a thousand images;
//   - a question for which none was saved up takes the place of the next look at the
//     feed. So there are at most a request a poll, three for a thousand images, and
//     what every report needs: four;
//   - the position in the ledger does not pass an open line. What is found is
//     recorded ahead of it. After a restart the open lines are read again;
//   - nothing depends on the order of the lines, on lines about stable series, which a
//     restart of Orthanc swallows, nor on lines about changed metadata: our own marks
//     wake nobody.
//
// What no line tells of is found by looking for structured reports: in all of the
// archive after lines of the feed were lost, and after a start and then daily in the
// studies of the last two weeks. `type=` of /changes, from 1.12 on, is not used: it
// spares few lines, and lost ones would not show any more.
//
// Deciding has one home, [Gate]; so has deleting, behind
// [Gate.Expire], [Gate.Discard] and [Gate.Clear].
package pipeline
