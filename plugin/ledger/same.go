package ledger

import (
	"context"
	"time"
)

// The same report may lie in two sources, as where a PACS passes on what it
// stores. To the ledger these are two reports; to a registry they have to be one.

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
