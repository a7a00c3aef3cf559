// Package surveytest is a ledger with invented reports, and a clock that a test
// sets, for tests of what looks at how everything is.
package surveytest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/pipeline"
	"github.com/dosegate/dosegate/plugin/survey"
)

// House is an installation without Orthanc and registry: the source main, the
// registry dir, and the stations CT1, CT9 (left out) and, known by its serial
// number, SN-7.
type House struct {
	T       testing.TB
	Dir     string
	Ledger  *ledger.Ledger
	Look    survey.Options // what there is to look at
	HoldFor time.Duration

	mu  sync.Mutex
	now time.Time
	seq int64
}

const stations = "stations:\n  - {name: CT1, facility: \"100001\"}\n  - {name: CT9, send: false}\n  - {serial_number: SN-7}\n"

// New makes one whose clock shows a time.
func New(t testing.TB, now time.Time) *House {
	t.Helper()
	h := &House{T: t, Dir: t.TempDir(), now: now, HoldFor: 14 * 24 * time.Hour}
	h.Write("stations.yaml", stations)
	var err error
	h.Ledger, err = ledger.Open(t.Context(), h.Path("dosegate.db"), ledger.Options{Now: h.Now, Marked: []string{"main"}})
	h.Must(err)
	t.Cleanup(func() { h.Must(h.Ledger.Close()) })
	h.Look = survey.Options{Ledger: h.Ledger, Stations: filter.Watch(h.Path("stations.yaml"), []string{"dir"}, nil), Now: h.Now,
		Registries: []survey.RegistryOptions{{Name: "dir"}}, Sources: []survey.SourceOptions{{Name: "main"}},
		Disks: []survey.DiskOptions{{Name: "ledger", Path: h.Dir}}}
	return h
}

// Leads gives the house a gate whose loops do not run.
func (h *House) Leads() {
	gate := &pipeline.Gate{Sources: []*pipeline.Source{{Name: "main"}}, Ledger: h.Ledger, Stations: h.Look.Stations, HoldFor: h.HoldFor, Now: h.Now}
	h.Look.Gate = func() *pipeline.Gate { return gate }
}

// Now is what the clock shows.
func (h *House) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

// Pass lets time pass.
func (h *House) Pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

// Path is that of a file of the house's.
func (h *House) Path(name string) string { return filepath.Join(h.Dir, name) }

// Write writes a file.
func (h *House) Write(name, text string) {
	h.T.Helper()
	h.Must(os.WriteFile(h.Path(name), []byte(text), 0o600))
}

// Must ends the test where there is an error.
func (h *House) Must(err error) {
	h.T.Helper()
	if err != nil {
		h.T.Fatal(err)
	}
}

// Held records a report of a station that waits for a reason.
func (h *House) Held(station, code string) ledger.Report { return h.record(station, ledger.Held, code) }

// Accepted records one that is on its way to dir.
func (h *House) Accepted(station string) ledger.Report {
	return h.record(station, ledger.Accepted, filter.Configured)
}

// Delivered records one that dir has.
func (h *House) Delivered(station string) ledger.Report {
	r := h.Accepted(station)
	h.Must(h.Ledger.Delivered(h.T.Context(), r.ID, "dir", ledger.Sent{SentSOPInstanceUID: r.SOPInstance, Status: 200, Count: 1}))
	return r
}

func (h *House) record(station string, state ledger.State, code string) ledger.Report {
	h.T.Helper()
	h.seq++
	now := h.Now()
	input := fmt.Sprintf(`{"station_name":%q,"kind":"CT","template":"10011","source":"main","serial_number":"SN-%s"}`, station, strings.TrimPrefix(station, "room "))
	s := ledger.Seen{Report: ledger.Report{OrthancID: fmt.Sprintf("orthanc-%06d", h.seq), Seq: h.seq, State: state, ReasonCode: code, Reason: "invented",
		StationName: station, Template: "10011", Kind: "CT", Input: []byte(input), SOPInstance: fmt.Sprintf("2.25.%d", h.seq), Digest: "d", ReceivedAt: now}}
	if state == ledger.Accepted {
		s.Registries = []string{"dir"}
	} else if filter.Expires(code) {
		s.HeldUntil = now.Add(h.HoldFor)
	}
	h.Must(h.Ledger.Record(h.T.Context(), "main", ledger.Page{Seq: h.seq, Reports: []ledger.Seen{s}}))
	r, _, err := h.Ledger.Lookup(h.T.Context(), "main", s.OrthancID)
	h.Must(err)
	return r
}
