package pipeline_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanc"
	"github.com/dosegate/dosegate/plugin/orthanctest"
	"github.com/dosegate/dosegate/plugin/pipeline"
	"github.com/dosegate/dosegate/plugin/registry"
	"pgregory.net/rapid"
)

// The simulation runs the real loops, filter, de-identification and ledger, a turn
// at a time, between Orthancs and registries in memory. Its clocks, faults and
// people are the test's, so that a history of months takes milliseconds.

const (
	simWait     = 14 * 24 * time.Hour // holding.for
	simSettling = simWait / 100
	simClear    = 5 * 24 * time.Hour // holding.delivered
	simSkew     = 2 * time.Minute    // by so much clocks may differ
)

var simStart = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// shelf is what many histories share: making it takes longer than a history.
type shelf struct {
	t            *testing.T
	dir          string
	first        *ledger.Ledger   // open all the time: what every history begins with
	now          func() time.Time // its clock
	raw          *sql.DB          // looks at the ledger and empties it
	looks        map[string]*sql.Stmt
	keys         *deid.Keyring
	deidentifier *deid.Deidentifier
	files        [][]byte // the reports, each with its other content behind it
}

func newShelf(t *testing.T) *shelf {
	dir := t.TempDir()
	if fast, err := os.MkdirTemp("/dev/shm", "dosegate"); err == nil { // not on a disk: no history outlives the test
		t.Cleanup(func() { os.RemoveAll(fast) })
		dir = fast
	}
	s := &shelf{t: t, dir: dir, deidentifier: deid.New(deid.Registry)}
	var err error
	s.keys, err = deid.NewKeyring()
	must(t, err)
	for i, station := range simStations {
		r := orthanctest.Report{StationName: station, PatientID: fmt.Sprint("INVENTED-", i%2), SOPInstanceUID: orthanctest.NewUID(),
			StudyInstanceUID: orthanctest.NewUID(), SeriesInstanceUID: orthanctest.NewUID()}
		s.files = append(s.files, orthanctest.DoseReport(t, r))
		r.DoseLengthProduct = otherFigure
		s.files = append(s.files, orthanctest.DoseReport(t, r))
	}
	s.now = time.Now
	s.first, err = ledger.Open(t.Context(), s.path("dosegate.db"), ledger.Options{Now: func() time.Time { return s.now() }})
	must(t, err)
	t.Cleanup(func() { s.first.Close() })
	s.raw, err = sql.Open("sqlite", s.path("dosegate.db"))
	must(t, err)
	s.raw.SetMaxOpenConns(1)
	s.looks = make(map[string]*sql.Stmt)
	t.Cleanup(func() { s.raw.Close() })
	return s
}

// look asks the ledger's tables something.
func (s *shelf) look(query string, args ...any) *sql.Rows {
	if s.looks[query] == nil {
		made, err := s.raw.Prepare(query)
		must(s.t, err)
		s.looks[query] = made
	}
	rows, err := s.looks[query].Query(args...)
	must(s.t, err)
	return rows
}

// number is a look that gives one.
func (s *shelf) number(query string, args ...any) (n int64) {
	rows := s.look(query, args...)
	defer rows.Close()
	if rows.Next() {
		must(s.t, rows.Scan(&n))
	}
	return n
}

func (s *shelf) path(name string) string { return filepath.Join(s.dir, name) }

// clear makes the ledger a new one.
func (s *shelf) clear() {
	for _, table := range []string{"unmarked", "deletions", "deliveries", "reports", "events", "positions", "ignored", "settings", "totals", "daily", "pauses"} {
		_, err := s.raw.Exec("DELETE FROM " + table)
		must(s.t, err)
	}
	_, err := s.raw.Exec("UPDATE clock SET written_at = 0")
	must(s.t, err)
}

// simSource is an Orthanc with a clock of its own.
type simSource struct {
	*orthanctest.Fake
	sim     *sim
	name    string
	archive bool
	fault   string        // "" for none, else what it answers
	wrong   time.Duration // by how much its clock is off
	backups []simVolume
	allGone bool // it came back with an empty volume, and nothing has happened since
}

// simRegistry remembers the first object of every UID, as a registry does.
type simRegistry struct {
	sim     *sim
	name    string
	fault   string
	objects map[string]*simObject // by SOP Instance UID
}

// simObject is the first object of a UID.
type simObject struct {
	sha256  string
	changed bool // it has the other content
	unsure  bool // its receipt was lost
}

// sim is one history.
type sim struct {
	*shelf
	t          *rapid.T
	steady     time.Time
	wrong      time.Duration // by how much dosegate's clock is off
	sources    []*simSource
	registries []*simRegistry
	list       string // what stations.yaml holds now; "" for no file
	log        *lines

	ledger *ledger.Ledger
	gate   *pipeline.Gate
	loops  *pipeline.Loops

	killAt string // the step at which it dies
	dead   bool
	sent   *simObject // the last one that a registry took
	turns  string     // what takes its turn now
	broken []string   // rules that were seen to be broken inside a turn
	model  *simModel
}

func newSim(t *rapid.T, shelf *shelf) *sim {
	shelf.clear()
	s := &sim{shelf: shelf, t: t, steady: simStart, log: &lines{}, model: newSimModel()}
	overwrites := rapid.Bool().Draw(t, "OverwriteInstances")
	for _, name := range []string{"main", "pacs"} {
		src := &simSource{sim: s, name: name, archive: name == "pacs"}
		src.Fake = orthanctest.NewFake(func() time.Time { return s.steady.Add(src.wrong) })
		src.Overwrites, src.Before = overwrites, src.before
		s.sources = append(s.sources, src)
	}
	for _, name := range []string{"dir", "research"} {
		s.registries = append(s.registries, &simRegistry{sim: s, name: name, objects: map[string]*simObject{}})
	}
	s.write(simLists[0].text)
	shelf.now = s.wall
	s.ledger = shelf.first
	s.begin()
	return s
}

// note says in the log what happens, and when: how much time has passed, and by how
// much dosegate's clock is off.
func (s *sim) note(format string, args ...any) {
	fmt.Fprintf(s.log, "%s (%+.1fh): %s\n", s.steady.Sub(simStart), s.wrong.Hours(), fmt.Sprintf(format, args...))
}

func (s *sim) wall() time.Time { return s.steady.Add(s.wrong) }

// pass lets time pass, on every clock.
func (s *sim) pass(d time.Duration) { s.steady = s.steady.Add(d) }

// write puts a text into stations.yaml, or takes the file away.
func (s *sim) write(text string) {
	s.list = text
	s.note("the list is %q", text)
	if text == "" {
		os.Remove(s.path("stations.yaml"))
		return
	}
	must(s.shelf.t, os.WriteFile(s.path("stations.yaml"), []byte(text), 0o600))
}

// begin starts dosegate.
func (s *sim) begin() {
	s.gate = s.newGate()
	s.gate.Steadily(func() time.Time { return s.steady })
	s.gate.AtStep(s.step)
	s.model.startedAt = s.steady
	var to []registry.Registry
	for _, r := range s.registries {
		to = append(to, r)
	}
	s.loops = s.gate.Begin(context.Background(), to)
}

// newGate is serve's, or that of a command beside it.
func (s *sim) newGate() *pipeline.Gate {
	lastGood, err := pipeline.LastGoodStations(context.Background(), s.ledger)
	must(s.shelf.t, err)
	g := &pipeline.Gate{
		Ledger: s.ledger, Templates: []string{"10011"}, Registries: []string{"dir", "research"}, Keys: s.keys, Deidentifier: s.deidentifier,
		RegistryLimits: map[string]pipeline.Limits{"dir": {AtOnce: 1}, "research": {AtOnce: 1}},
		Stations:       filter.Watch(s.path("stations.yaml"), []string{"dir", "research"}, lastGood),
		HoldFor:        simWait, ClearAfter: simClear, Now: s.wall, Log: slog.New(slog.NewTextHandler(s.log, nil)),
	}
	for _, src := range s.sources {
		client, err := orthanc.New(orthanc.Options{Name: src.name, URL: "http://orthanc.invalid", Client: &http.Client{Transport: src.Fake}})
		must(s.shelf.t, err)
		g.Sources = append(g.Sources, &pipeline.Source{Name: src.name, Client: client, Archive: src.archive})
	}
	return g
}

// end stops dosegate.
func (s *sim) end() {
	if s.ledger != s.first {
		must(s.shelf.t, s.ledger.Close())
	}
}

// again starts dosegate after an end.
func (s *sim) again() {
	var err error
	s.ledger, err = ledger.Open(context.Background(), s.path("dosegate.db"), ledger.Options{Now: s.wall})
	must(s.shelf.t, err)
	s.begin()
}

// step kills dosegate where it is told to: nothing that it would do after that
// happens.
func (s *sim) step(name string) {
	if name == "after send" && name == s.killAt && s.sent != nil {
		s.sent.unsure = true
	}
	if s.dead || name == s.killAt {
		s.dead, s.killAt = true, ""
		s.note("killed at %q", name)
		runtime.Goexit()
	}
}

// turn lets one of dosegate's loops, or a command, do something, and starts it
// again where it was killed meanwhile.
func (s *sim) turn(name string, fn func(context.Context)) {
	s.pass(2 * time.Second)
	s.turns = name
	s.note("turn of %s", name)
	done := make(chan struct{})
	go func() {
		defer close(done)
		fn(context.Background())
	}()
	<-done
	s.turns, s.killAt = "", ""
	s.observe(name)
	if s.dead {
		s.dead = false
		s.end()
		s.again()
	}
}

// before is the fault of a source, and where every deletion is looked at.
func (src *simSource) before(r *http.Request) *http.Response {
	switch {
	case src.fault == "login page":
		return orthanctest.Answer(r, http.StatusOK, "text/html", "<html>please log in</html>")
	case src.fault == "half an answer":
		return orthanctest.Answer(r, http.StatusOK, "application/json", `{"Changes" : [ { "Seq" : 1, "ID" : "`)
	case src.fault == "refusal":
		return orthanctest.Answer(r, http.StatusForbidden, "text/plain", "")
	case r.Method == http.MethodDelete:
		src.sim.checkDeletion(src, filepath.Base(r.URL.Path))
	}
	return nil
}

func (r *simRegistry) Name() string                { return r.name }
func (r *simRegistry) Check(context.Context) error { return nil }

// Send takes an object, or fails as it is told to.
func (r *simRegistry) Send(_ context.Context, o registry.Object) (registry.Receipt, error) {
	r.sim.checkSend(r, o)
	switch r.fault {
	case "down":
		return registry.Receipt{}, &registry.Error{Kind: registry.Transient, Op: "it does not answer"}
	case "refuses us":
		return registry.Receipt{}, &registry.Error{Kind: registry.Paused, Op: "it refuses us"}
	case "rejects":
		return registry.Receipt{}, &registry.Error{Kind: registry.Rejected, Op: "it rejects the report", Receipt: registry.Receipt{Status: 409}}
	}
	if _, ok := r.objects[o.SOPInstanceUID]; !ok {
		sum := sha256.Sum256(o.File)
		r.objects[o.SOPInstanceUID] = &simObject{hex.EncodeToString(sum[:]), hasOtherContent(o.File), r.fault == "loses receipts"}
		r.sim.sent = r.objects[o.SOPInstanceUID]
	}
	if r.fault == "loses receipts" {
		return registry.Receipt{}, &registry.Error{Kind: registry.Transient, Op: "it was cut off", Err: errors.New("cut off")}
	}
	return registry.Receipt{Status: 200, Count: 1}, nil
}
