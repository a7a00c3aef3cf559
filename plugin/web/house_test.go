package web_test

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanc"
	"github.com/dosegate/dosegate/plugin/pipeline"
	"github.com/dosegate/dosegate/plugin/rdsr"
	"github.com/dosegate/dosegate/plugin/web"
)

// The people of the tests' houses.
const (
	operator, viewer = "olga", "victor"
	password         = "an invented password"
)

// clock is a wall clock that a test sets.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

// house is a page with a ledger behind it, and neither Orthanc nor registry.
type house struct {
	t      testing.TB
	dir    string
	url    string // of the page, with its prefix
	page   *web.Server
	ledger *ledger.Ledger
	clock  *clock
	log    *lines
	seq    int64
}

// lines is a log.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

const someStations = `stations:
  - name: CT1                 # room 3
    facility: "100001"
`

// newHouse begins to serve a page. The options may be changed before.
func newHouse(t testing.TB, change func(*house, *web.Options)) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir(), clock: &clock{at: time.Now().UTC()}, log: &lines{}}
	h.write("stations.yaml", someStations)
	var err error
	h.ledger, err = ledger.Open(context.Background(), h.path("dosegate.db"), ledger.Options{Now: h.clock.now})
	h.must(err)
	o := web.Options{Address: web.Address{Listen: "127.0.0.1:0", Health: func() (bool, string) { return true, "ok" },
		Log: slog.New(slog.NewTextHandler(io.MultiWriter(h.log), nil))}, UsersFile: h.path("users.yaml"), Ledger: h.ledger,
		Rules: func(list *filter.Stations) *filter.Filter {
			return &filter.Filter{Templates: []string{"10001", "10011", "10021", "10040"}, Stations: list}
		},
		Registries: []web.Registry{{Name: "dir", Address: "https://registry.example/dicom-web/studies", Test: noWay}},
		Sources: []web.Source{{Name: "main", BrowserURL: "https://pacs.example/orthanc",
			Look:              func(context.Context) (string, error) { return "Orthanc 1.12.7, AE title ORTHANC", nil },
			StructuredReports: func(context.Context, string, string) ([]string, bool, error) { return nil, false, nil }}},
		Settings:   []web.Setting{{Key: "holding.for", Value: "14d", Origin: "default"}, {Key: "registries.dir.password", Value: "set, not shown", Origin: "dosegate.yaml:5", Secret: true}},
		Dictionary: web.Dictionary{Class: "pseudonymous", Warnings: []string{}, Entries: []web.DictionaryEntry{{Tag: "(0008,1010)", Name: "StationName", Type: "SH", Templates: []string{}, Action: "kept", Leaves: true}}},
		Contents:   contentsOf,
		Resend: func(ctx context.Context, g *pipeline.Gate, id, registry string, asNew bool, by string) error {
			return h.ledger.Resend(ctx, id, "dir", asNew, by)
		},
		HoldFor: 14 * 24 * time.Hour, Version: "test", Now: h.clock.now}
	if change != nil {
		change(h, &o)
	}
	o.Stations = filter.Watch(h.path("stations.yaml"), []string{"dir", "research"}, nil)
	h.page, err = web.Listen(o)
	h.must(err)
	t.Cleanup(func() {
		h.must(h.page.Close())
		h.must(h.ledger.Close())
		if t.Failed() {
			t.Logf("the log:\n%s", h.log)
		}
	})
	scheme := "http"
	if o.CertificateFile != "" {
		scheme = "https"
	}
	h.url = scheme + "://" + h.page.Addr() + o.Prefix
	return h
}

// withUsers gives the house its people.
func withUsers(h *house, o *web.Options) {
	users := &web.Users{}
	h.must(users.Set(operator, web.Operator, password))
	h.must(users.Set(viewer, web.Viewer, password))
	h.must(users.Write(o.UsersFile))
}

func noWay(context.Context) []web.TestFinding {
	return []web.TestFinding{{Step: "Address", Well: true, Words: "https://registry.example/dicom-web/studies"},
		{Step: "Name (DNS)", Words: "the name registry.example cannot be resolved"}}
}

// contentsOf reads a file of testdata/ that is of the same kind as a report.
func contentsOf(_ context.Context, r ledger.Report) (*web.Contents, error) {
	name := map[string]string{rdsr.KindXARF: "rf-ir87", rdsr.KindDX: "dx", rdsr.KindMG: "mg", rdsr.KindNM: "nm"}[r.Kind]
	file, err := os.ReadFile("../../testdata/" + cmp.Or(name, "ct-small") + ".dcm")
	if err != nil {
		return nil, err
	}
	doc, err := rdsr.Recognise(file, datasetLimits)
	if err != nil {
		return nil, err
	}
	c := &web.Contents{Missing: doc.Missing(), Actions: &web.Actions{Kept: 412, Cleaned: 3, Replaced: 19, Removed: 61}}
	c.Totals, c.Events = doc.Figures()
	return c, nil
}

// leads gives the page a gate that can do what needs no Orthanc.
func (h *house) leads() {
	h.t.Helper()
	list := filter.Watch(h.path("stations.yaml"), []string{"dir", "research"}, nil)
	away, err := orthanc.New(orthanc.Options{Name: "main", URL: "http://127.0.0.1:1"})
	h.must(err)
	h.page.Act(&pipeline.Gate{Sources: []*pipeline.Source{{Name: "main", Client: away}}, Ledger: h.ledger, Stations: list, Registries: []string{"dir"}, Templates: []string{"10001", "10011"},
		HoldFor: 14 * 24 * time.Hour, Log: slog.New(slog.DiscardHandler), Now: h.clock.now})
}

func (h *house) path(name string) string { return filepath.Join(h.dir, name) }

func (h *house) write(name, text string) {
	h.t.Helper()
	h.must(os.WriteFile(h.path(name), []byte(text), 0o600))
}

func (h *house) read(name string) string {
	h.t.Helper()
	text, err := os.ReadFile(h.path(name))
	h.must(err)
	return string(text)
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// orthancID is an invented one.
func orthancID(n int64) string { return fmt.Sprintf("%08x-0a7bca00-0a7bca00-0a7bca00-0a7bca00", n) }

// seen is a report of a station, as the feed shows it now.
func (h *house) seen(station, kind string, state ledger.State, code string) ledger.Seen {
	h.seq++
	now := h.clock.now()
	template := cmp.Or(map[string]string{rdsr.KindCT: "10011", rdsr.KindNM: "10021"}[kind], "10001")
	input := fmt.Sprintf(`{"station_name":%q,"kind":%q,"template":%q,"source":"main","sender_aet":"AE_%s","manufacturer":"MADE-UP MEDICAL","model":"Torus 64","serial_number":"SN-%s"}`,
		station, kind, template, strings.ReplaceAll(station, " ", ""), station)
	s := ledger.Seen{Report: ledger.Report{OrthancID: orthancID(h.seq), Seq: h.seq, State: state, ReasonCode: code,
		Reason: "station " + station + " is not configured", StationName: station, Template: template, Kind: kind, Input: []byte(input),
		SOPInstance: fmt.Sprintf("2.25.%d", h.seq), Digest: "d", ReceivedAt: now}}
	if state == ledger.Accepted {
		s.Registries, s.ReasonCode, s.Reason = []string{"dir"}, filter.Configured, "station "+station+" is configured"
	} else if filter.Expires(code) {
		s.HeldUntil = now.Add(14 * 24 * time.Hour)
	}
	return s
}

// record takes reports into the ledger, and gives them as it has them.
func (h *house) record(reports ...ledger.Seen) (all []ledger.Report) {
	h.t.Helper()
	h.must(h.ledger.Record(context.Background(), "main", ledger.Page{Seq: h.seq, Reports: reports}))
	for _, s := range reports {
		r, _, err := h.ledger.Lookup(context.Background(), "main", s.OrthancID)
		h.must(err)
		all = append(all, r)
	}
	return all
}

// delivered records that the registry has reports.
func (h *house) delivered(reports ...ledger.Report) {
	h.t.Helper()
	for _, r := range reports {
		h.must(h.ledger.Delivered(context.Background(), r.ID, "dir", ledger.Sent{SentSOPInstanceUID: r.SOPInstance, Status: 200, Count: 1}))
	}
}
