package deid

import (
	"time"

	"github.com/dosegate/dosegate/plugin/rdsr"
)

// Delay is how long a report waits for its first delivery, between two times.
// It is the same for all reports of a patient, at every start and at every
// registry: of several draws the shortest would tell more than one does.
func Delay(doc *rdsr.Document, ctx Context, from, to time.Duration) time.Duration {
	issuer, id := subject(doc.Dataset, ctx.Issuer)
	return newDeriver(ctx.Key, 0).between(issuer, id, from, to)
}
