package web_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/web"
)

var datasetLimits = dataset.DefaultLimits

// demoStation sends about so many reports on a working day.
type demoStation struct {
	name, kind string
	aDay       int
	weekends   bool
	quietFor   int // days up to today
	code       string
	since      int // days ago that it came first; 0: always
}

var demoStations = []demoStation{
	{"CT1", "CT", 26, true, 0, "", 0}, {"CT2", "CT", 19, false, 0, "", 0}, {"CT-ER", "CT", 34, true, 0, "", 0},
	{"PETCT1", "NM", 9, false, 0, "", 0}, {"RF Lab 1", "XA/RF", 6, false, 6, "", 0}, {"RF Lab 2", "XA/RF", 7, false, 0, "", 0},
	{"CATH-1", "XA/RF", 8, true, 0, "", 0}, {"DXROOM3", "DX", 48, true, 0, "", 0}, {"DXROOM4", "DX", 41, false, 0, "", 0},
	{"MG-SCREEN", "MG", 30, false, 0, "", 0},
	{"CT9", "CT", 12, false, 0, filter.StationNotConfigured, 9}, {"C-ARM 2", "XA/RF", 3, false, 0, filter.StationNotConfigured, 4},
	{"MOBILE-DX", "DX", 5, false, 0, filter.StationLeftOut, 0}, {"CT-RESEARCH", "CT", 2, false, 0, filter.Paused, 5},
}

const demoList = `# Stations of the Invented General Hospital.
stations:
  - name: CT1                 # room 3, ground floor
    facility: "100001"
  - {name: CT2, facility: "100001"}
  - {name: CT-ER, facility: "100001"}
  - {name: PETCT1, facility: "100001", registries: [dir]}
  - {name: RF Lab 1, facility: "100001"}
  - {name: RF Lab 2, facility: "100001"}
  - {name: CATH-1, facility: "100001"}

  # The annex.
  - {name: DXROOM3, facility: "100002"}
  - {name: DXROOM4, facility: "100002"}
  - {name: MG-SCREEN, facility: "100002"}
  - {name: MOBILE-DX, send: false}    # on loan
  - {name: CT-RESEARCH, paused: true}
`

// demo fills a house with thirty days of an invented hospital.
func demo(h *house, o *web.Options) { h.fill(o, 30, 1) }

// smallDemo has the same in it, of a few days and a few reports each.
func smallDemo(h *house, o *web.Options) { h.fill(o, 3, 100) }

// fill makes so many days, with a part of the reports that they would have.
func (h *house) fill(o *web.Options, days, part int) {
	withUsers(h, o)
	h.write("stations.yaml", demoList)
	o.Registries = append(o.Registries, web.Registry{Name: "research", Address: "https://research.example/dicom-web/studies", Test: noWay})
	o.Sources = append(o.Sources, web.Source{Name: "pacs", Archive: true, BrowserURL: "https://pacs.example/orthanc",
		Look:              func(context.Context) (string, error) { return "Orthanc 1.10.1, AE title PACS", nil },
		StructuredReports: func(context.Context, string, string) ([]string, bool, error) { return nil, true, nil }})
	random := rand.New(rand.NewPCG(7, 11)) // the same hospital each time
	now := time.Now().UTC()
	var held []ledger.Report
	for back := days - 1; back >= 0; back-- {
		day := now.Add(-time.Duration(back) * 24 * time.Hour).Truncate(24 * time.Hour)
		held = h.demoExpired(held, day)
		for i, s := range demoStations {
			held = append(held, h.demoDay(s, i, part, day, now, back, random)...)
		}
	}
	h.clock.set(now)
	h.demoOddities()
}

// demoExpired lets those run out whose time is up on a day, and gives the others.
func (h *house) demoExpired(held []ledger.Report, day time.Time) (left []ledger.Report) {
	for _, r := range held {
		if r.HeldUntil.IsZero() || r.HeldUntil.After(day) {
			left = append(left, r)
			continue
		}
		h.clock.set(r.HeldUntil)
		h.must(h.ledger.Expire(context.Background(), r.ID, "its time was up ("+r.ReasonCode+")", ledger.BySweep))
	}
	return left
}

// demoDay makes a station's reports of a day, and gives those that are held.
func (h *house) demoDay(s demoStation, i, part int, day, now time.Time, back int, random *rand.Rand) []ledger.Report {
	weekend := day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
	if weekend && !s.weekends || back < s.quietFor || s.since > 0 && back > s.since {
		return nil
	}
	n := s.aDay*2/3 + random.IntN(s.aDay*2/3+1)
	if weekend {
		n /= 3
	}
	if s.name == "DXROOM4" && back == 1 {
		n = 260 // somebody sent last month's again
	}
	n = (n + part - 1) / part
	at := day.Add(6*time.Hour + time.Duration(i)*time.Second)
	if back == 0 {
		at, n = now.Add(-time.Duration(20+3*i)*time.Minute), (n+1)/2
		if at.Before(day) {
			at = day
		}
	}
	h.clock.set(at)
	state := ledger.Accepted
	if s.code != "" {
		state = ledger.Held
	}
	var page []ledger.Seen
	for range n {
		page = append(page, h.seen(s.name, s.kind, state, s.code))
	}
	made := h.record(page...)
	if s.code != "" {
		return made
	}
	if back == 0 && s.name == "CATH-1" {
		return nil // still on their way
	}
	h.clock.set(at.Add(time.Minute))
	h.delivered(made...)
	return nil
}

// demoOddities are what a person has to look at.
func (h *house) demoOddities() {
	ctx := context.Background()
	leak := h.seen("CT2", "CT", ledger.Held, filter.Leak)
	leak.Reason = "not sent: an identifier of the patient was found in the finished object, in (0040,A160)"
	changed := h.seen("CATH-1", "XA/RF", ledger.Held, filter.Changed)
	changed.Reason = "it came again with other content before it was delivered"
	nameless := h.seen("", "DX", ledger.Held, filter.NoStationName)
	nameless.Reason = "no Station Name; Device Observer Name is Portable 4"
	nameless.HeldUntil = h.clock.now().Add(50 * time.Hour)
	rejected := h.seen("RF Lab 2", "XA/RF", ledger.Accepted, "")
	second := h.seen("CT-ER", "CT", ledger.Accepted, "")
	second.Input = []byte(strings.Replace(string(second.Input), "SN-CT-ER", "SN-70771", 1))
	all := h.record(leak, changed, nameless, rejected, second)
	h.must(h.ledger.Rejected(ctx, all[3].ID, "dir", ledger.Sent{Status: 409, FailureReason: 0xA900}, "the report is rejected (status 409, failure reason A900)"))
	h.delivered(all[4])
	for i := range 3 {
		h.seq++
		h.must(h.ledger.Record(ctx, "main", ledger.Page{Seq: h.seq, Ignored: []ledger.Ignored{{Seq: h.seq, At: h.clock.now().Add(-time.Duration(i) * 24 * time.Hour),
			Sender: "CT7_OLD", Station: "CT7", SOPClass: "1.2.840.10008.5.1.4.1.1.7"}}}))
	}
	h.must(h.ledger.Note(ctx, "", "", "stations list: configured station MG-SCREEN", "person:"+operator))
	h.must(h.ledger.Note(ctx, "", "dir", "paused: the registry moves to another address", "person:"+operator))
	h.must(h.ledger.Note(ctx, "", "dir", "resumed: moved", "person:"+operator))
}

// unusual are names that a page must only ever show.
var unusual = []string{`<script>alert("x")</script>`, `=HYPERLINK("http://evil.example")`, strings.Repeat("Ä long name ", 25), `"><img src=x onerror=alert(1)>`,
	`CT 1; =1+1`, "\t@SUM(1)", "＝1+1", `{{.CSRF}}`, "' OR 1=1 --", fmt.Sprintf("%c%c", 0x202e, 'x')}
