package statement_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/statement"
	"github.com/google/go-cmp/cmp"
)

var (
	start   = time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	receipt = ledger.Sent{SentSOPInstanceUID: "2.25.13", SentSHA256: "aa", SentDigest: "d", Status: 200, Count: 1, Facility: "100001"}
)

func receiptOf(uid string) ledger.Sent {
	r := receipt
	r.SentSOPInstanceUID = uid
	return r
}

// book is a ledger that a month's reports are written into.
type book struct {
	*ledger.Ledger
	t   *testing.T
	now time.Time
	seq int64
}

func newBook(t *testing.T) *book {
	b := &book{t: t, now: start.Add(36 * time.Hour)}
	var err error
	b.Ledger, err = ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{Now: func() time.Time { return b.now }})
	must(t, err)
	t.Cleanup(func() { b.Close() })
	return b
}

// comes takes in a report of a station, held where it goes to no registry.
func (b *book) comes(station string, at time.Time, registries ...string) string {
	b.t.Helper()
	b.seq++
	s := ledger.Seen{Registries: registries, Report: ledger.Report{OrthancID: fmt.Sprint(b.seq), Seq: b.seq, State: ledger.Accepted, StationName: station,
		Input: []byte(`{"sender":"rdim","sender_aet":"=1+1"}`), SOPInstance: fmt.Sprintf("2.25.%d", b.seq), Digest: "d", ReceivedAt: at}}
	if len(registries) == 0 {
		s.State, s.ReasonCode, s.HeldUntil = ledger.Held, "station_not_configured", at.Add(time.Hour)
	}
	must(b.t, b.Record(b.t.Context(), "main", ledger.Page{Seq: b.seq, Reports: []ledger.Seen{s}}))
	r, _, err := b.Lookup(b.t.Context(), "main", s.OrthancID)
	must(b.t, err)
	return r.ID
}

func (b *book) month(from, to time.Time) []statement.Line {
	b.t.Helper()
	lines, err := statement.Month(b.t.Context(), b.Ledger, from, to, func(r ledger.Report) string { return "of " + r.StationName })
	must(b.t, err)
	return lines
}

func TestAStatementSaysWhatBecameOfEveryReportOfAMonth(t *testing.T) {
	b, ctx := newBook(t), t.Context()
	warned := receiptOf("2.25.14")
	warned.Warning = true
	must(t, b.Delivered(ctx, b.comes("CT1", start, "dir", "rdim"), "dir", receipt))
	must(t, b.Delivered(ctx, b.comes("CT1", start, "dir"), "dir", warned))
	for _, refusal := range []ledger.Sent{{Status: 409, FailureReason: 0x0110, SentSHA256: "aa", Facility: "100001"}, {Status: 415, SentSHA256: "aa", Facility: "100001"},
		{Status: 409, FailureReason: 0x0110, SentSHA256: "aa", Facility: "100001"}} {
		must(t, b.Rejected(ctx, b.comes("CT1", start, "dir"), "dir", refusal, "refused"))
	}
	id := b.comes("CT1", start, "dir")
	must(t, b.Delivered(ctx, id, "dir", receiptOf("2.25.99")))
	must(t, b.Delivered(ctx, b.comes("CT1", start, "dir"), "dir", receiptOf("2.25.99"))) // from another source
	must(t, b.Rejected(ctx, b.comes("CT1", start, "dir"), "dir", ledger.Sent{}, "not sent: the registry has other bytes"))
	b.comes("CT9", start)
	must(t, b.Expire(ctx, b.comes("CT9", start), "its day came", ledger.BySweep))
	must(t, b.Withdraw(ctx, b.comes("CT9", start), ledger.BySweep))
	b.comes("CT1", start.Add(-time.Second), "dir") // of the month before
	b.comes("CT1", start.AddDate(0, 1, 0), "dir")  // and of the one after

	want := []statement.Line{
		{Facility: "100001", Station: "CT1", Registry: "dir", Received: 7, Accepted: 2, Warned: 1, Copies: 1, Rejected: 3, Reasons: map[string]int{"409 0110H": 2, "415": 1}},
		{Facility: "of CT1", Station: "CT1", Registry: "dir", Received: 1, NotSent: 1, Reasons: map[string]int{}},
		{Facility: "of CT1", Station: "CT1", Registry: "rdim", Received: 1, Queued: 1, Reasons: map[string]int{}},
		{Facility: "of CT9", Station: "CT9", Received: 3, Held: 1, Expired: 1, Withdrawn: 1, Reasons: map[string]int{}},
	}
	got := b.month(start, start.AddDate(0, 1, 0))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the statement differs:\n%s", diff)
	}
	for _, l := range got {
		if sum := l.Sent() + l.Copies + l.NotSent + l.Queued + l.Held + l.Expired + l.Withdrawn; sum != l.Received {
			t.Errorf("of %d received %d are accounted for: %+v", l.Received, sum, l)
		}
	}
	if why := got[0].Why(); why != "409 0110H: 2, 415: 1" {
		t.Errorf("the refusals are %q", why)
	}
}

func TestTablesHoldNoFormulaAndNoOrthancID(t *testing.T) {
	b, ctx := newBook(t), t.Context()
	must(t, b.Delivered(ctx, b.comes("=HYPERLINK(1)", start, "dir"), "dir", receipt))
	var out bytes.Buffer
	rows := statement.NewTable(&out, statement.RowHeads...)
	must(t, b.List(ctx, ledger.Query{}, func(r ledger.Row) error { return rows.Row(statement.RowCells(r)...) }))
	must(t, rows.End())
	lines, err := csv.NewReader(&out).ReadAll()
	must(t, err)
	got := make(map[string]string)
	for i, head := range lines[0] {
		got[head] = lines[1][i]
	}
	for head, want := range map[string]string{"station_name": "'=HYPERLINK(1)", "sender": "rdim", "sender_aet": "'=1+1", "facility": "100001",
		"state": "delivered", "status": "200", "failure_reason": "", "warning": "", "sent_sop_instance_uid": "2.25.13", "received_at": "2026-02-01T00:00:00Z"} {
		if got[head] != want {
			t.Errorf("%s is %q, want %q", head, got[head], want)
		}
	}
	month := b.month(start, start.AddDate(0, 1, 0))[0].Cells(start)
	if len(month) != len(statement.MonthHeads) || strings.Join(month[:6], " ") != "2026-02 100001 =HYPERLINK(1) dir 1 1" {
		t.Errorf("the statement's line is %q", month)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
