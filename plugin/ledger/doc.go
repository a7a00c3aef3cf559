// Package ledger keeps what became of every report.
//
// The three loops of dosegate (follow, deliver, sweep) never speak to each
// other; they meet here. That is why every operation is one transaction, why
// a change of state names the state it starts from and is refused when that is
// no longer so (ErrConflict), and why each change leaves an Event behind. After
// a kill at any moment the ledger alone says what is still to be done.
//
// A report goes through
//
//	        Record                          Expire, Discard
//	      ┌───────▶ held ──────────────────────────────────▶ expired
//	      │         │  ▲  ╲                                     │
//	seen ─┤  Accept │  │   ╲ Withdraw                           │ Record, newer seq;
//	      │  Reopen │  │    ╲                                   │ Reopen, in an archive
//	      │         ▼  │     ╲                                  ▼
//	      └───────▶ accepted ──▶ withdrawn ───────────▶ held or accepted again
//	        Record     Withdraw           Record, newer seq
//	                (something queued)
//
// where accepted goes back to held by Hold (the station was taken out, or the
// report is not safe to send) or by Record (it came again with other content),
// always on the condition that something is still queued: what is wholly
// delivered has nothing left to hold or to withdraw.
//
// An accepted report that is wholly delivered may be deleted in its gateway when
// that was long enough ago. Clear notes it; the report stays accepted, and lies
// there again when Record shows that it came again.
//
// Expire, Discard and Clear come before the deletion in Orthanc, and seal the
// report's fate: from then on nothing else can become of it but that it comes
// again. What is still to be deleted there is noted in the same transaction, so
// that whoever leads next goes on with it; EndDeletion crosses it out.
//
// A delivery is one report to one registry, and goes through
//
//	             Retry, Postpone
//	                 ┌─────┐
//	Accept, Record,  ▼     │      Delivered
//	SendAlso ────▶ queued ─┴──────────────────▶ delivered
//	               │ ▲ ▲ │   Rejected               │
//	  Accept, not  │ │ │ └────────────▶ rejected    │
//	  wanted there │ │ └───────────────────┘        │
//	               ▼ └──────────────────────────────┘
//	              gone     Resend, or Record or Reopen of a report opened again
//
// A queued delivery is due only while its report is accepted. While the report
// is held it waits with it, and it ends with it when that expires or is
// withdrawn; to the outside it then shows the report's state.
//
// A receipt is a fact: Delivered is taken in whatever state the report has got
// to while the send was under way. When nothing is left queued, such a report
// becomes accepted, so that none is both delivered and expired.
//
// The SQL is one text for SQLite and PostgreSQL: ids are made in Go, times are
// BIGINT milliseconds since 1970 in UTC with 0 for "none", parameters are $1,
// and a state that an index depends on stands in the statement as a literal.
// Both have one writer at a time: SQLite by itself, PostgreSQL by a lock that
// every write takes first. So what a transaction has read stays true until it
// ends, on both. The tests are one suite that runs on both.
//
// Every change also keeps numbers, in its transaction: how many are in a state
// (Totals), how many came into it on a day (Daily), and what the clock said
// (LastWrite).
//
// Several dosegates may share a PostgreSQL ledger. One of them leads, by a lease
// whose generation every write of its loops names; see [Ledger.Lead].
//
// The ledger holds no identifier of a patient, but it is a crosswalk (an
// Orthanc ID beside a derived UID): its file is private to its owner.
package ledger
