package pipeline_test

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanc"
	"github.com/dosegate/dosegate/plugin/orthanctest"
	"github.com/dosegate/dosegate/plugin/pipeline"
	"github.com/dosegate/dosegate/plugin/registry"
)

// world is a gateway and a registry, both real, and a dosegate between them
// that can be stopped and started again.
type world struct {
	t        *testing.T
	gateway  *orthanctest.Orthanc
	registry *orthanctest.Orthanc
	pacs     *orthanctest.Orthanc // a second source, an archive; nil for none
	dir      string

	databases map[string]string // in PostgreSQL, by dir

	// What the next start uses.
	url     string // of the gateway, or of a proxy before it
	archive bool
	poll    time.Duration  // 0: fast
	marks   pipeline.Marks // none: those that the role has by default
	since   pipeline.Since
	holdFor time.Duration
	clear   time.Duration
	send    registry.Registry
	now     func() time.Time
	steady  func() time.Time // nil: the machine's
	version string
	policy  deid.Policy
	limits  pipeline.Limits // of the registry
	waits   pipeline.Delay  // before a first delivery
	others  []other         // registries beside dir
	routes  []filter.Route

	ledger  *ledger.Ledger
	gate    *pipeline.Gate
	prepare func() // called before the loops start
	end     func()
	log     *lines
}

// other is a registry that is in the house, and what it gets.
type other struct {
	registry.Registry
	pipeline.Preparation
}

const hour = time.Hour

func newWorld(t *testing.T, gatewayOverlay map[string]any) *world {
	w := &world{t: t, dir: t.TempDir(), holdFor: 14 * 24 * hour, now: time.Now, log: &lines{}, policy: deid.Registry,
		end: func() {}, prepare: func() {}}
	w.gateway = orthanctest.Start(t, orthanctest.Options{Config: "gateway.json", Overlay: gatewayOverlay})
	w.registry = orthanctest.Start(t, orthanctest.Options{Config: "registry.json"})
	w.url = w.gateway.URL
	w.send = w.stow(w.registry.URL)
	w.stations("stations:\n  - name: CT1\n")
	t.Cleanup(func() {
		w.stop()
		if t.Failed() {
			t.Logf("log of dosegate:\n%s", w.log)
		}
	})
	return w
}

func (w *world) stow(url string) registry.Registry {
	to, err := registry.NewSTOW(registry.STOWOptions{Name: "dir", URL: url + "/dicom-web/studies",
		Username: orthanctest.Username, Password: w.registry.Password})
	must(w.t, err)
	return to
}

func (w *world) stationsFile() string { return filepath.Join(w.dir, "stations.yaml") }

// stations writes the stations list as a person would, in place.
func (w *world) stations(text string) {
	must(w.t, os.WriteFile(w.stationsFile(), []byte(text), 0o600))
}

// open opens ledger and gate without running the loops.
func (w *world) open() {
	ctx := context.Background()
	var err error
	w.ledger, err = ledger.Open(ctx, w.address(), ledger.Options{Now: w.now, Marked: []string{"main"}})
	must(w.t, err)
	client, err := orthanc.New(orthanc.Options{Name: "main", URL: w.url, Username: orthanctest.Username, Password: w.gateway.Password})
	must(w.t, err)
	lastGood, err := pipeline.LastGoodStations(ctx, w.ledger)
	must(w.t, err)
	names, preparations := []string{"dir"}, make(map[string]pipeline.Preparation)
	for _, o := range w.others {
		names = append(names, o.Name())
		preparations[o.Name()] = o.Preparation
	}
	w.gate = &pipeline.Gate{
		Sources: []*pipeline.Source{{Name: "main", Client: client, Archive: w.archive, Since: w.since, Poll: cmp.Or(w.poll, 20*time.Millisecond),
			Marks: cmp.Or(w.marks, pipeline.Marks{Metadata: !w.archive, Labels: !w.archive})}},
		Ledger: w.ledger, Templates: []string{"10001", "10011", "10021", "10040"}, Registries: []string{"dir"},
		DeliverAfter: map[string]pipeline.Delay{"dir": w.waits},
		Stations:     filter.Watch(w.stationsFile(), names, lastGood), Keys: w.keys(),
		Routes: w.routes, Preparations: preparations,
		RegistryLimits: map[string]pipeline.Limits{"dir": w.limits}, Deidentifier: deid.New(w.policy), HoldFor: w.holdFor, ClearAfter: w.clear, Now: w.now, Version: w.version,
		Log: slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if w.steady != nil {
		w.gate.Steadily(w.steady)
	}
	if w.pacs != nil {
		client, err := orthanc.New(orthanc.Options{Name: "pacs", URL: w.pacs.URL, Username: orthanctest.Username, Password: w.pacs.Password})
		must(w.t, err)
		w.gate.Sources = append(w.gate.Sources, &pipeline.Source{Name: "pacs", Client: client, Archive: true, Poll: 20 * time.Millisecond})
	}
}

func (w *world) keys() *deid.Keyring {
	path := filepath.Join(w.dir, "key")
	ring, err := deid.LoadKeyring(path)
	if err != nil {
		ring, err = deid.NewKeyring()
		must(w.t, err)
		must(w.t, ring.Save(path, true))
	}
	return ring
}

func (w *world) start() {
	w.open()
	w.prepare()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	registries := []registry.Registry{w.send}
	for _, o := range w.others {
		registries = append(registries, o.Registry)
	}
	go func() {
		defer close(done)
		pipeline.Run(ctx, w.gate, registries)
	}()
	w.end = func() {
		cancel()
		<-done
		must(w.t, w.ledger.Close())
		w.end = func() {}
	}
}

func (w *world) stop() { w.end() }

// eventually waits until what is true, or fails.
func (w *world) eventually(what string, is func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(60 * time.Second); time.Now().Before(deadline); {
		if is() {
			return
		}
		wait(20 * time.Millisecond)
	}
	w.t.Fatalf("not within 60 s: %s; the ledger says %v", what, w.states())
}

// wait lets a little time pass between two looks at something.
func wait(d time.Duration) { <-time.After(d) }

// rows are what the ledger shows, in order of arrival.
func (w *world) rows() []ledger.Row {
	var rows []ledger.Row
	must(w.t, w.ledger.List(context.Background(), ledger.Query{}, func(r ledger.Row) error {
		rows = append(rows, r)
		return nil
	}))
	return rows
}

// states are the rows as "station state reason_code".
func (w *world) states() []string {
	var all []string
	for _, r := range w.rows() {
		all = append(all, strings.TrimSpace(r.Report.StationName+" "+string(r.State)+" "+r.Report.ReasonCode))
	}
	slices.Sort(all)
	return all
}

func (w *world) eventuallyStates(want ...string) {
	w.t.Helper()
	slices.Sort(want)
	w.eventually(strings.Join(want, ", "), func() bool { return slices.Equal(w.states(), want) })
}

// arrived are the SOP Instance UIDs at the registry.
func (w *world) arrived() []string {
	var uids []string
	for _, id := range w.registry.Instances(w.t) {
		var tags map[string]any
		w.registry.GetJSON(w.t, "/instances/"+id+"/simplified-tags", &tags)
		uids = append(uids, tags["SOPInstanceUID"].(string))
	}
	return uids
}

func (w *world) mustHaveArrived(n int) {
	w.t.Helper()
	got := w.arrived()
	if len(got) != n {
		w.t.Errorf("%d objects at the registry, want %d: %v", len(got), n, got)
	}
	for _, uid := range got {
		if !strings.HasPrefix(uid, "2.25.") {
			w.t.Errorf("an object under the UID %s is at the registry", uid)
		}
	}
}

// report makes a CT dose report of a station.
func (w *world) report(station string) []byte {
	return orthanctest.DoseReport(w.t, orthanctest.Report{StationName: station})
}

// metadata reads a mark of an instance in the gateway, "" where there is none.
func (w *world) metadata(id string, number string) string {
	status, body := w.gateway.Do(w.t, "GET", "/instances/"+id+"/metadata/"+number, nil)
	if status != 200 {
		return ""
	}
	return string(body)
}

func (w *world) inGateway(id string) bool {
	status, _ := w.gateway.Do(w.t, "GET", "/instances/"+id, nil)
	return status == 200
}

// lines is a log that is written by several goroutines.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func mustJSON(t testing.TB, text []byte, v any) {
	t.Helper()
	must(t, json.Unmarshal(text, v))
}
