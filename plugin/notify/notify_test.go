package notify

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/pipeline"
	"github.com/dosegate/dosegate/plugin/survey"
)

func TestReportsThatAreAboutToExpireAreToldOnceByStation(t *testing.T) {
	h := newHouse(t)
	h.Held("room 5", filter.StationNotConfigured)
	h.Held("room 5", filter.StationNotConfigured)
	h.Held("room 6", filter.StationNotConfigured)
	h.Held("CT9", filter.StationLeftOut)
	h.Held("room 8", filter.Excluded)
	h.hears(0, []Kind{Unknown, Unknown, Unknown}, nil) // room 8 too
	h.hears(10*day, nil, nil)
	m := h.hears(day+time.Hour, []Kind{Expiring, Expiring}, nil)
	h.contains(m, "Station room 5: 2 reports expire soon, the first on 2026-04-14 12:00 UTC (Station not configured)", "Station room 6: 1 report expires soon")
	if strings.Contains(m.Text, "CT9") || strings.Contains(m.Text, "room 8") {
		t.Error(m.Text)
	}
	h.hears(time.Minute, nil, nil)
	h.start()
	h.hears(day, nil, nil)
	// One is configured, the other is not: it expires.
	h.Write("stations.yaml", "stations:\n  - {name: CT1}\n  - {name: CT9, send: false}\n  - {name: room 5}\n")
	h.Look.Stations.Look()
	h.Look.Stations.Look()
	for _, r := range h.held("room 5") {
		h.Must(h.Ledger.Accept(t.Context(), r.ID, ledger.Verdict{ReasonCode: filter.Configured}, []string{"dir"}, ledger.BySweep))
		h.Must(h.Ledger.Delivered(t.Context(), r.ID, "dir", ledger.Sent{SentSOPInstanceUID: "2.25.9", Status: 200, Count: 1}))
	}
	m = h.hears(time.Hour, nil, []Kind{Unknown, Expiring})
	h.contains(m, "Station room 5 is in stations.yaml now", "Station room 5: no report is about to expire any more")
	h.Pass(3 * day)
	for _, r := range h.held("room 6") {
		h.Must(h.Ledger.Expire(t.Context(), r.ID, "its time was up", ledger.BySweep))
	}
	m = h.hears(3*time.Hour, nil, []Kind{Expiring})
	h.contains(m, "Station room 6: 1 report has expired")
}

// held are the reports of a station that wait.
func (h *house) held(station string) (all []ledger.Report) {
	h.T.Helper()
	reports, err := h.Ledger.Held(h.T.Context(), "", 100)
	h.Must(err)
	for _, r := range reports {
		if r.StationName == station {
			all = append(all, r)
		}
	}
	return all
}

func TestAStationThatFallsSilentIsToldByItsOwnRhythm(t *testing.T) {
	h := newHouse(t)
	for range 14 { // every day until a Monday
		h.Delivered("CT1")
		h.hears(day, nil, nil)
	}
	h.Held("CT9", filter.StationLeftOut)
	h.hears(day, nil, nil)
	m := h.hears(day, []Kind{Silent}, nil)
	h.contains(m, "Station CT1 is silent: its last report came on 2026-04-13 12:00 UTC, 3 days ago")
	for range 40 { // its rhythm is forgotten meanwhile, and it is silent all the same
		h.hears(day, nil, nil)
	}
	h.Delivered("CT1")
	h.contains(h.hears(time.Hour, nil, []Kind{Silent}), "Station CT1 is heard again")
}

func TestRegistriesAreTold(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	queued := h.Accepted("CT1")
	h.hears(3*time.Hour, nil, nil)
	m := h.hears(2*time.Hour, []Kind{Behind}, nil)
	h.contains(m, "Registry dir is behind: 1 report waits, the first since 2026-03-31 12:00 UTC")
	h.Must(h.Ledger.Pause(ctx, ledger.Pause{Registry: "dir", Until: h.Now().Add(time.Hour), Refusals: 1, Why: "status 401,\nour words."}))
	m = h.hears(time.Hour, []Kind{Refused}, nil) // that it was behind is not over
	h.contains(m, "Registry dir refuses every report: status 401,?our words. 1 report waits.")
	h.Must(h.Ledger.Resume(ctx, "dir"))
	h.Must(h.Ledger.Rejected(ctx, queued.ID, "dir", ledger.Sent{Status: 409}, "refused"))
	m = h.hears(time.Hour, []Kind{Rejected}, []Kind{Refused})
	h.contains(m, "Registry dir rejected 1 report for good")
	second := h.Accepted("CT1")
	h.Must(h.Ledger.Rejected(ctx, second.ID, "dir", ledger.Sent{Status: 409}, "refused"))
	h.hears(time.Hour, nil, nil) // one more, and told not a day ago
	h.contains(h.hears(day, []Kind{Rejected}, nil), "rejected 2 reports")
	h.Must(pipeline.StopRegistry(ctx, h.Ledger, "dir", pipeline.Stop{At: h.Now(), Why: "it moves", By: "person:olga"}))
	h.hears(time.Hour, nil, nil)
	h.contains(h.hears(day, []Kind{Paused}, nil), "Registry dir has been paused by a person since")
	h.Must(pipeline.ResumeRegistry(ctx, h.Ledger, "dir", "moved", "person:olga"))
	for _, r := range []ledger.Report{queued, second} {
		h.Must(h.Ledger.Resend(ctx, r.ID, "dir", false, "person:olga"))
		h.Must(h.Ledger.Delivered(ctx, r.ID, "dir", ledger.Sent{SentSOPInstanceUID: "2.25.9", Status: 200, Count: 1}))
	}
	h.hears(time.Hour, nil, []Kind{Rejected, Paused})
}

func TestWhatWaitsForAPersonAndWhatRunsOutIsTold(t *testing.T) {
	h := newHouse(t)
	h.Look.Certificates = append(h.Look.Certificates, h.Certificate("web", aTuesday.Add(20*day)))
	h.Look.Disks[0].Path = h.Path("away") // what cannot be looked at is not full
	h.Leads()
	h.Delivered("CT1")
	h.start()
	h.Held("CT1", filter.Leak)
	h.Held("CT1", filter.Unreadable)
	h.Held("CT1", filter.Leak)
	h.Held("CT1", filter.Paused) // on purpose
	m := h.hears(0, []Kind{Waiting, Waiting}, nil)
	h.contains(m, "2 reports wait for a person, and never expire: An identifier was found", "1 report waits for a person, and never expire")
	h.contains(h.hears(16*time.Minute, []Kind{Unread}, nil), "Orthanc main has not answered since 2026-03-31 12:00 UTC")
	h.start() // nobody knows yet whether it answers
	h.hears(time.Minute, nil, nil)
	h.Must(h.Ledger.SetSetting(t.Context(), "reports missing, main", []byte(`{"since":"2026-03-31T13:00:00Z","gone":18,"looked":20}`)))
	h.contains(h.hears(time.Hour, []Kind{Missing}, nil), "Most reports are gone from Orthanc main since 2026-03-31 13:00 UTC (18 of 20 reports")
	h.Write("stations.yaml", "stations: [")
	h.Look.Stations.Look()
	h.Look.Stations.Look()
	h.contains(h.hears(time.Hour, []Kind{List}, nil), "The stations list: ")
	m = h.told(8 * day)[0] // and CT1 is silent
	if !slices.Contains(kinds(m.New), Certificate) {
		t.Error(m.Text)
	}
	h.Certificate("web", aTuesday.Add(400*day))
	h.Write("stations.yaml", "stations:\n  - {name: CT1}\n")
	h.Look.Stations.Look()
	h.Look.Stations.Look()
	h.hears(time.Hour, nil, []Kind{List, Certificate})
}

func TestADiskThatRunsFullIsTold(t *testing.T) {
	found := files(&survey.Survey{Disks: []survey.Disk{{DiskOptions: survey.DiskOptions{Name: "ledger"}, Free: leastDisk - 1}, {Free: leastDisk},
		{Err: errors.New("away")}}})
	if len(found) != 2 || found[1].Count != 0 || found[0].Words != "The disk that the ledger lies on has less than 2048 MiB left." {
		t.Errorf("%+v", found)
	}
}

// A channel that takes nothing is tried again with growing pauses, then all is told
// at once; and what was over meanwhile was never told.
func TestWhatCannotBeToldIsToldLater(t *testing.T) {
	h := newHouse(t)
	h.ear.deaf = true
	h.Held("room 5", filter.Leak)
	h.hears(0, nil, nil)
	tries := 0
	for range 300 {
		failures := h.teller.failures
		h.told(time.Minute)
		tries += h.teller.failures - failures
	}
	if tries < 5 || tries > 12 {
		t.Errorf("%d tries in five hours", tries)
	}
	h.ear.deaf = false
	h.Held("CT1", filter.Unreadable)
	h.hears(2*time.Hour, []Kind{Waiting, Waiting, Unknown}, nil)
	h.hears(time.Hour, nil, nil)
}

// What happens within some minutes is one message.
func TestMessagesAreGrouped(t *testing.T) {
	h := newHouse(t)
	h.Held("room 5", filter.StationNotConfigured)
	h.hears(0, []Kind{Unknown}, nil)
	h.Held("room 6", filter.StationNotConfigured)
	h.hears(time.Minute, nil, nil)
	h.Held("room 7b", filter.StationNotConfigured)
	h.hears(time.Minute, nil, nil)
	h.hears(between, []Kind{Unknown, Unknown}, nil)
	for i := range 100 {
		h.Held("room 9"+string(rune('a'+i%26))+string(rune('a'+i/26)), filter.StationNotConfigured)
	}
	if m := h.told(between)[0]; strings.Count(m.Text, "\n- ") > mostLines+1 || !strings.Contains(m.Text, "more\n") {
		t.Errorf("a message of %d lines", strings.Count(m.Text, "\n"))
	}
}

func TestEveryWeekHasASummary(t *testing.T) {
	h := newHouse(t)
	h.weekly = true
	h.start()
	h.Delivered("CT1")
	h.Held("CT9", filter.StationLeftOut)
	h.hears(0, nil, nil)
	all := append(h.told(3*day), h.told(3*day+23*time.Hour)...)
	if len(all) != 1 {
		t.Fatalf("%d messages in a week", len(all))
	}
	h.contains(all[0], "THE LAST SEVEN DAYS", "2 reports came, 0 expired", "Registry dir: 1 delivered, 0 rejected; 0 wait now.", "1 report held: Station left out.",
		"Stations: 3 configured, of them 0 silent and 1 left out or paused; 0 unknown.")
	if all[0].Subject != "Dosegate: the week" {
		t.Error(all[0].Subject)
	}
	h.start()
	h.hears(time.Hour, nil, nil)
}

// Who does not lead any more cannot write, and does not tell.
func TestWhoDoesNotLeadDoesNotTell(t *testing.T) {
	h := newHouse(t)
	h.Held("room 5", filter.Leak)
	closed, err := ledger.Open(t.Context(), h.Path("dosegate.db"), ledger.Options{AsItIs: true})
	h.Must(err)
	h.teller.memory = &memory{}
	s, err := h.teller.look(t.Context())
	h.Must(err)
	news, _, next := h.teller.memory.compare(h.teller.Rules.conditions(s), s.At)
	h.Must(closed.Close())
	h.teller.Look.Ledger = closed // refuses every write
	h.teller.tell(t.Context(), Message{New: news, At: s.At}, next)
	if len(news) == 0 || len(h.ear.all) != 0 {
		t.Errorf("%d told", len(h.ear.all))
	}
}
