package ledger

import (
	"context"
	"time"
)

// The same report may come by two ways, as where a PACS passes on what it stores, or
// a dose-monitoring system what the scanner also sends. To the ledger these are two
// reports; to a registry they have to be one, under the one UID that is derived for
// both.

const selectFirstReceived = `SELECT COALESCE(MIN(received_at), 0) FROM reports WHERE orthanc_id = $1`

// FirstReceived is when a report was first received by any source, zero for one
// that no source had. An Orthanc ID derives from the patient ID and the UIDs, so it
// is the same in every Orthanc.
func (l *Ledger) FirstReceived(ctx context.Context, orthancID string) (time.Time, error) {
	at, _, err := readOne(ctx, l, "find the first reception", scanInto[instant], selectFirstReceived, orthancID)
	return time.Time(at), err
}

const selectSentAs = `SELECT ` + deliveryColumns + ` FROM deliveries d
	WHERE d.sent_sop_instance_uid <> '' AND d.sent_sop_instance_uid = $1 AND d.registry = $2 AND d.report_id <> $3 AND d.delivered_at > 0
	LIMIT 1`

// SentAs finds what a registry has under a UID from another report than the one
// whose id is given.
func (l *Ledger) SentAs(ctx context.Context, uid, registry, id string) (Delivery, bool, error) {
	return readOne(ctx, l, "find what was sent", scanDelivery, selectSentAs, uid, registry, id)
}

const selectOtherCopies = `SELECT ` + reportColumns + ` FROM reports
	WHERE sop_instance <> '' AND sop_instance = $1 AND id <> $2 AND digest <> $3 AND state IN ('held', 'accepted')`

// beside compares a report that comes with the other copies of it. Where one has
// other content somebody changed the report on its way, and only a person can say
// which is right: what is not delivered of either waits for that.
func (t *txn) beside(s Seen) (Seen, error) {
	rows, err := t.tx.QueryContext(t.ctx, selectOtherCopies, s.SOPInstance, s.ID, s.Digest)
	if err != nil {
		return s, err
	}
	others, err := all(rows, scanReport)
	if err != nil {
		return s, err
	}
	for _, other := range others {
		t.known[other.ID] = other
		waits, err := t.copyDiffers(other)
		if err != nil {
			return s, err
		}
		if waits {
			s.State, s.ReasonCode, s.Reason = Held, ReasonChanged, "another copy of the report has other content"
			s.HeldUntil, s.Registries = time.Time{}, nil
		}
	}
	return s, nil
}

const otherContent = "another copy of the report came with other content"

// copyDiffers takes in that a copy with other content came of a report, and says
// whether the report waits for a person. One of which nothing is to be delivered any
// more does not: that another copy came is then told in its history.
func (t *txn) copyDiffers(was Report) (waits bool, err error) {
	_, queued, err := t.deliveries(was.ID)
	switch {
	case err != nil:
		return false, err
	case was.State == Held || queued > 0:
		return true, t.hold(was, was, Verdict{ReasonChanged, otherContent}, time.Time{}, ByFollow)
	}
	return false, t.event(Event{ReportID: was.ID, From: was.State, To: was.State,
		Why: otherContent, By: ByFollow})
}
