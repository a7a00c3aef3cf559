package statement

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
)

// Way is how a report came to its Orthanc.
type Way struct {
	Sender    string `json:"sender"` // the name under senders in the configuration
	SenderAET string `json:"sender_aet"`
	CalledAET string `json:"called_aet"`
	Origin    string `json:"origin"`
}

// WayOf is how a report of the ledger came.
func WayOf(r ledger.Report) Way {
	var in filter.Input
	if json.Unmarshal(r.Input, &in) != nil {
		return Way{}
	}
	return Way{in.Sender, in.SenderAET, in.CalledAET, in.Origin}
}

// Answer is what a registry answered, as far as it is no text.
type Answer struct {
	Facility string `json:"facility"`       // that the report was sent for
	Status   int    `json:"status"`         // of HTTP, or of DIMSE; 0: none
	Failure  int    `json:"failure_reason"` // Failure Reason (0008,1197); 0: none
	Warning  bool   `json:"warning"`        // taken, yet not as it was, or it was there before

	AnsweredAt *time.Time `json:"answered_at"` // null before an answer for good
}

// AnswerOf is what the registry answered to a delivery.
func AnswerOf(d ledger.Delivery) Answer {
	a := Answer{Facility: d.Facility, Status: d.Status, Failure: d.FailureReason, Warning: d.Warning}
	if !d.AnsweredAt.IsZero() {
		answered := d.AnsweredAt.UTC()
		a.AnsweredAt = &answered
	}
	return a
}

// RowHeads are the columns of a table of deliveries.
var RowHeads = []string{"id", "source", "sender", "sender_aet", "called_aet", "station_name", "template", "kind", "state", "reason_code", "reason",
	"registry", "facility", "attempts", "received_at", "held_until", "delivered_at", "answered_at", "status", "failure_reason", "warning", "sent_sop_instance_uid"}

// RowCells is a row of the ledger under [RowHeads].
func RowCells(row ledger.Row) []string {
	r, d, way := row.Report, row.Delivery, WayOf(row.Report)
	held := ""
	if row.State == ledger.Held {
		held = at(r.HeldUntil)
	}
	return []string{r.ID, r.Source, way.Sender, way.SenderAET, way.CalledAET, r.StationName, r.Template, r.Kind, string(row.State), r.ReasonCode, r.Reason,
		d.Registry, d.Facility, strconv.Itoa(d.Attempts), at(r.ReceivedAt), held, at(d.DeliveredAt), at(d.AnsweredAt),
		number(d.Status), reason(d.FailureReason), yes(d.Warning), d.SentSOPInstanceUID}
}

func at(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// reason is a Failure Reason as PS3.7 Annex C writes it.
func reason(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%04XH", n)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}
