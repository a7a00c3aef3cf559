package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/rdsr"
)

const reportKeys = `id source orthanc_id station_name template kind state reason_code reason registry attempts next_attempt_at
	last_error received_at held_until delivered_at sent_sop_instance_uid
	sender sender_aet called_aet origin facility status failure_reason warning answered_at`

var morning = time.Date(2026, 3, 4, 8, 30, 0, 0, time.FixedZone("", 3600))

// seen is a report as the feed would show it.
func seen(t *testing.T, seq int64, station string, state ledger.State) ledger.Seen {
	t.Helper()
	input, err := json.Marshal(filter.Input{Report: rdsr.Report{StationName: station, Template: "10011", Model: "Torus 64"},
		Source: "main", SenderAET: "CT_ROOM"})
	if err != nil {
		t.Fatal(err)
	}
	s := ledger.Seen{Report: ledger.Report{
		Source: "main", OrthancID: fmt.Sprintf("orthanc-%d", seq), Seq: seq, State: state, Input: input, StationName: station,
		Template: "10011", Kind: "CT", SOPInstance: fmt.Sprintf("2.25.%d", seq), ReceivedAt: morning.Add(time.Duration(seq) * time.Minute),
	}}
	if state == ledger.Held {
		s.ReasonCode, s.Reason = filter.StationNotConfigured, "station "+station+" is not configured"
		s.HeldUntil = morning.Add(14 * 24 * time.Hour)
		return s
	}
	s.ReasonCode, s.Reason, s.Registries = filter.Configured, "station "+station+" is configured", []string{"dir"}
	return s
}

// withReports gives the house a ledger with one report held, one queued, one
// delivered and one rejected, and two things ignored.
func (h *house) withReports(t *testing.T) *ledger.Ledger {
	t.Helper()
	const screen = "1.2.840.10008.5.1.4.1.1.7"
	ignored := func(seq int64, day int) ledger.Ignored {
		return ledger.Ignored{Seq: seq, At: morning.AddDate(0, 0, day), Sender: "CT_ROOM", Station: "CT1", SOPClass: screen}
	}
	l := h.record(t, ledger.Page{Seq: 9, Ignored: []ledger.Ignored{ignored(5, 0), ignored(6, 1)}, Reports: []ledger.Seen{
		seen(t, 1, "CT9", ledger.Held), seen(t, 2, "CT1", ledger.Accepted),
		seen(t, 3, "CT1", ledger.Accepted), seen(t, 4, "ct1", ledger.Accepted)}})
	for _, settled := range []int64{3, 4} {
		r, _, err := l.Lookup(t.Context(), "main", fmt.Sprintf("orthanc-%d", settled))
		if err != nil {
			t.Fatal(err)
		}
		sent := ledger.Sent{SentSOPInstanceUID: r.SOPInstance, SentSHA256: "aa", Profile: "bb", Status: 200}
		if settled == 3 {
			err = l.Delivered(t.Context(), r.ID, "dir", sent)
		} else {
			err = l.Rejected(t.Context(), r.ID, "dir", sent, "registry dir: refused")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return l
}

func TestReportsAsJSONHaveTheFieldsOfTheContract(t *testing.T) {
	h := newHouse(t)
	h.withReports(t)
	byState := make(map[any]map[string]any)
	for _, r := range h.run(t, "reports", "--json").want(t, exitDone).objects(t) {
		wantKeys(t, r, reportKeys)
		byState[r["state"]] = r
	}
	if len(byState) != 4 {
		t.Fatalf("states are %v", byState)
	}
	for _, c := range []struct {
		state, key string
		want       any
	}{
		{"held", "registry", ""}, {"held", "reason_code", "station_not_configured"}, {"held", "reason", "station CT9 is not configured"},
		{"held", "received_at", "2026-03-04T07:31:00Z"}, {"held", "held_until", "2026-03-18T07:30:00Z"},
		{"held", "next_attempt_at", nil}, {"held", "delivered_at", nil}, {"held", "sent_sop_instance_uid", ""}, {"held", "attempts", 0.0},
		{"held", "station_name", "CT9"}, {"held", "template", "10011"}, {"held", "kind", "CT"}, {"held", "source", "main"},
		{"queued", "registry", "dir"}, {"queued", "held_until", nil}, {"queued", "delivered_at", nil},
		{"delivered", "next_attempt_at", nil}, {"delivered", "sent_sop_instance_uid", "2.25.3"}, {"delivered", "attempts", 1.0},
		{"rejected", "next_attempt_at", nil}, {"rejected", "delivered_at", nil}, {"rejected", "last_error", "registry dir: refused"},
	} {
		if have := byState[c.state][c.key]; have != c.want {
			t.Errorf("%s: %s is %v, want %v", c.state, c.key, have, c.want)
		}
	}
	for state, key := range map[string]string{"queued": "next_attempt_at", "delivered": "delivered_at"} {
		text, _ := byState[state][key].(string)
		if at, err := time.Parse(time.RFC3339, text); err != nil || at.Location() != time.UTC {
			t.Errorf("%s: %s is %q, no time in UTC", state, key, text)
		}
	}
}

func TestReportsOfOneState(t *testing.T) {
	h := newHouse(t)
	h.withReports(t)
	for _, state := range []string{"held", "queued", "delivered", "rejected", "expired", "withdrawn"} {
		for _, r := range h.run(t, "reports", "--json", "--state", state).want(t, exitDone).objects(t) {
			if r["state"] != state {
				t.Errorf("--state %s shows one that is %v", state, r["state"])
			}
		}
	}
}

func TestReportsForAPersonAreATable(t *testing.T) {
	h := newHouse(t)
	h.withReports(t)
	said := h.run(t, "reports").want(t, exitDone, "STATE", "station CT9 is not configured", "registry dir: refused", "2026-03-04 07:31:00")
	if lines := strings.Count(said.stdout, "\n"); lines != 5 {
		t.Errorf("%d lines for four rows", lines)
	}
}

func TestStationsAreListedThreeWays(t *testing.T) {
	h := newHouse(t)
	h.withReports(t)
	lists := make(map[any][]map[string]any)
	for _, s := range h.run(t, "stations", "--json").want(t, exitDone).objects(t) {
		lists[s["list"]] = append(lists[s["list"]], s)
	}
	if len(lists["configured"]) != 1 || len(lists["seen"]) != 1 || len(lists["ignored"]) != 1 {
		t.Fatalf("lists are %v", lists)
	}
	configured, notConfigured, ignored := lists["configured"][0], lists["seen"][0], lists["ignored"][0]
	wantKeys(t, configured, `list name device_observer_name serial_number model manufacturer source aet facility registries send
		paused counts last_received_at`)
	wantKeys(t, notConfigured, `list station_name device_observer_name manufacturer model serial_number source sender_aet reason
		counts last_received_at`)
	wantKeys(t, ignored, "list source sender_aet station_name sop_class_uid sop_class reason count last_day")
	counts := func(held, queued, delivered, rejected int) string {
		return fmt.Sprint(map[string]any{"held": held, "queued": queued, "delivered": delivered, "rejected": rejected, "expired": 0, "withdrawn": 0})
	}
	for _, c := range []struct{ have, want any }{
		{configured["name"], "CT1"}, {configured["facility"], "100001"},
		{fmt.Sprint(configured["counts"]), counts(0, 1, 1, 1)}, {configured["last_received_at"], "2026-03-04T07:34:00Z"},
		{notConfigured["station_name"], "CT9"}, {notConfigured["reason"], "station CT9 is not configured"},
		{notConfigured["model"], "Torus 64"}, {notConfigured["sender_aet"], "CT_ROOM"}, {fmt.Sprint(notConfigured["counts"]), counts(1, 0, 0, 0)},
		{ignored["reason"], "secondary capture: the registry takes dose reports only"}, {ignored["sop_class"], "Secondary Capture Image"},
		{ignored["count"], 2.0}, {ignored["last_day"], "2026-03-05"}, {ignored["sender_aet"], "CT_ROOM"}, {ignored["station_name"], "CT1"},
	} {
		if c.have != c.want {
			t.Errorf("%v, want %v", c.have, c.want)
		}
	}
}

func TestStationsForAPersonAreTables(t *testing.T) {
	h := newHouse(t)
	h.withReports(t)
	h.stations(t, "stations:\n  - {name: CT1}\n  - {name: CT2, send: false}\n  - {serial_number: SN-1, registries: [dir]}\n")
	h.run(t, "stations").want(t, exitDone, "CONFIGURED", "NOT CONFIGURED", "IGNORED FROM", "none (send: false)", "serial number SN-1",
		"station CT9 is not configured", "secondary capture: the registry takes dose reports only")
}

func TestStationsSaysThatTheFileIsNotWhatIsInForce(t *testing.T) {
	h := newHouse(t)
	l := h.withReports(t)
	if err := l.SetSetting(t.Context(), "stations", []byte("stations:\n  - {name: CT9}\n")); err != nil {
		t.Fatal(err)
	}
	h.stations(t, "stations: [\n")
	h.run(t, "stations").want(t, exitDone, "the last good list stays in force", "CT9")
}

// A report whose registry has it already would be there twice, or the first
// bytes would stay: a change of policy needs --as-new.
func TestResendOfOtherBytesUnderTheSameUIDIsRefused(t *testing.T) {
	h := newHouse(t).withKey(t)
	l := h.withReports(t)
	r, _, err := l.Lookup(t.Context(), "main", "orthanc-3")
	if err != nil {
		t.Fatal(err)
	}
	h.run(t, "resend", r.ID).want(t, exitFailed, "other bytes under the same UID", "--as-new")
	if d, err := l.Deliveries(t.Context(), r.ID); err != nil || d[0].State != ledger.Delivered {
		t.Errorf("after a refusal it is %v, %v", d, err)
	}
	h.run(t, "resend", "--as-new", "--registry", "dir", r.ID).want(t, exitDone, "queued again for dir")
	if d, err := l.Deliveries(t.Context(), r.ID); err != nil || d[0].State != ledger.Queued || d[0].Edition != 1 {
		t.Errorf("after --as-new it is %v, %v", d, err)
	}
}

func TestResendNeedsSomethingThatWasSent(t *testing.T) {
	h := newHouse(t).withKey(t)
	l := h.withReports(t)
	queued, _, err := l.Lookup(t.Context(), "main", "orthanc-2")
	if err != nil {
		t.Fatal(err)
	}
	h.run(t, "resend", queued.ID).want(t, exitFailed, "there is nothing to send again")
	h.run(t, "resend", "nosuch").want(t, exitFailed, "not in the ledger")
	h.run(t, "resend", "--registry", "elsewhere", queued.ID).want(t, exitUsage, `no "elsewhere" under registries`)
}

func TestReleaseAndDiscardOfNothingFail(t *testing.T) {
	h := newHouse(t).withKey(t)
	l := h.withReports(t)
	delivered, _, err := l.Lookup(t.Context(), "main", "orthanc-3")
	if err != nil {
		t.Fatal(err)
	}
	h.run(t, "release", "nosuch").want(t, exitFailed, "not in the ledger")
	h.run(t, "release", "--station", "CT7").want(t, exitFailed, "nothing is held for station CT7")
	h.run(t, "release", delivered.ID).want(t, exitFailed, "only a held report can be released")
	h.run(t, "discard", "--reason", "a test", "nosuch").want(t, exitFailed, "not in the ledger")
	h.run(t, "discard", "--reason", "a test", delivered.ID).want(t, exitFailed, "only a held report can be discarded")
}
