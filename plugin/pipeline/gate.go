package pipeline

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanc"
	"github.com/dosegate/dosegate/plugin/rdsr"
)

// Source is one Orthanc whose feed is followed.
type Source struct {
	Name    string
	Client  *orthanc.Client
	Archive bool          // a shared PACS: nothing in it is ever deleted
	Since   Since         // where a first start begins
	Poll    time.Duration // between looks at the feed
	Marks   Marks
	Issuer  string // Issuer of Patient ID of reports that name none

	once sync.Once
	bell doorbell // see ringer
	rung atomic.Bool
	read atomic.Int64 // see LastRead
}

// LastRead is when the source's feed was last asked for what is new, and gave it;
// zero before the first time.
func (s *Source) LastRead() time.Time {
	if at := s.read.Load(); at != 0 {
		return time.Unix(at, 0)
	}
	return time.Time{}
}

// Since says where a first start begins to read a feed.
type Since struct {
	Now  bool      // with what comes from now on
	From time.Time // with what was received from then on; zero: with everything
}

// Delay is between which times after their reception reports are first sent.
type Delay struct{ From, To time.Duration }

// Gate holds what every verdict depends on. It is safe for concurrent use.
type Gate struct {
	Sources        []*Source
	Ledger         *ledger.Ledger
	Stations       *filter.Watched
	Templates      []string
	Exclude        filter.Exclusions
	Registries     []string // where a report goes whose station names none, and no route
	Routes         []filter.Route
	Senders        []filter.Sender
	RegistryLimits map[string]Limits // by registry
	DeliverAfter   map[string]Delay  // by registry; none: at once
	Keys           *deid.Keyring
	Deidentifier   *deid.Deidentifier
	Preparations   map[string]Preparation // by registry, for those that do not get what Deidentifier makes
	HoldFor        time.Duration
	ClearAfter     time.Duration // how long a delivered report stays in a gateway; 0: for ever
	Limits         dataset.Limits
	Version        string // of this program
	Log            *slog.Logger
	Now            func() time.Time
	steady         func() time.Time // for tests that let time pass; nil: the machine's
	guard          guard
	doorbell       doorbell
	noting         sync.Mutex        // that reports are missing
	sweepSoon      atomic.Bool       // something happened that the sweep should look at
	beforeStep     func(step string) // for tests that stop between two steps; nil otherwise
}

// source finds a source by its name in the ledger.
func (g *Gate) source(name string) (*Source, error) {
	for _, s := range g.Sources {
		if s.Name == name {
			return s, nil
		}
	}
	return nil, fmt.Errorf("source %s is not configured any more: put it back under orthanc in the configuration", name)
}

// filter is the filter with the stations list in force.
func (g *Gate) filter() *filter.Filter {
	return &filter.Filter{Templates: g.Templates, Exclude: g.Exclude, Stations: g.Stations.Stations(), Routes: g.Routes, Senders: g.Senders}
}

// registries are where an accepted report goes.
func (g *Gate) registries(v filter.Verdict) []string {
	if v.Registries != nil {
		return v.Registries
	}
	return g.Registries
}

// found is what one look at an instance in a source gave.
type found struct {
	doc      *rdsr.Document // nil where it cannot be read
	input    filter.Input
	verdict  filter.Verdict
	received orthanc.Received
	at       time.Time // of the reception that counts: the first one the ledger knows of
	key      deid.Key  // in force then
	file     []byte    // as Orthanc has it
	digest   string    // of the data set
	asFile   string    // digest of the whole file: all there is of one that is no data set
}

// came is how it came to its source.
func (f *found) came() filter.Came {
	return filter.NewCame(f.received.RemoteAET, f.received.CalledAET, f.received.Origin)
}

// look fetches an instance, recognises it and decides. The time is when the
// report was first received, zero for one that the ledger does not know: a
// report that comes again after its key was rotated is still the same object.
// Errors are the source's: [orthanc.ErrNotFound] among them. What the instance
// itself is to blame for is a verdict.
func (g *Gate) look(ctx context.Context, src *Source, id string, first time.Time) (*found, error) {
	received, err := src.Client.Received(ctx, id)
	if err != nil {
		return nil, err
	}
	f := &found{received: received, at: cmp.Or(first, received.ReceptionDate, g.Now())}
	f.key = g.Keys.At(f.at)
	if yes, why := rdsr.Candidate(received.SOPClassUID); !yes && received.SOPClassUID != "" {
		f.verdict = filter.Ignored(&rdsr.NotDoseError{Reason: why})
		f.input = g.filter().CameTo(src.Name, f.came())
		f.input.SOPClassUID = received.SOPClassUID
		return f, nil
	}
	file, err := src.Client.File(ctx, id, int64(cmp.Or(g.Limits.Bytes, dataset.DefaultLimits.Bytes)))
	if err != nil {
		return nil, err
	}
	g.judge(f, src, file)
	return f, nil
}

// judge recognises a file and decides.
func (g *Gate) judge(f *found, src *Source, file []byte) {
	rules := g.filter()
	doc, err := rdsr.Recognise(file, g.Limits)
	f.input = rules.CameTo(src.Name, f.came())
	f.input.SOPClassUID = f.received.SOPClassUID
	f.file, f.asFile = file, f.key.Digest(file)
	f.digest = f.asFile
	if doc != nil {
		f.input = rules.NewInput(doc, src.Name, f.came())
		f.digest = f.key.Digest(doc.Dataset.Raw())
	}
	var not *rdsr.NotDoseError
	switch {
	case errors.As(err, &not):
		f.verdict = filter.Ignored(not)
	case err != nil:
		f.verdict = filter.HeldUnreadable(err)
	default:
		f.doc = doc
		f.verdict = rules.Decide(f.input)
	}
}

// describe is what the ledger keeps of a report that was found, with the
// verdict on it.
func (g *Gate) describe(src *Source, f *found) (ledger.Seen, error) {
	stored := f.input.Stored()
	input, err := json.Marshal(stored)
	if err != nil {
		return ledger.Seen{}, fmt.Errorf("store the input of a report: %w", err)
	}
	s := ledger.Seen{Report: ledger.Report{
		Source: src.Name, State: ledger.Held, ReasonCode: f.verdict.ReasonCode, Reason: f.verdict.Reason,
		StationName: stored.StationName, Template: stored.Template, Kind: stored.Kind,
		Input: input, Digest: f.digest, ReceivedAt: f.at, HeldUntil: g.heldUntil(f.verdict, f.at, g.Now()),
	}}
	if f.doc != nil {
		s.SOPInstance = deid.SOPInstance(f.doc, f.key)
	}
	if f.verdict.Action == filter.Accept {
		s.State, s.Registries = ledger.Accepted, g.registries(f.verdict)
	}
	return s, nil
}

// heldUntil is when a hold ends by itself: holding.for after the later of
// Orthanc's reception and when this ledger began to wait, zero where it never
// does (rule 6 of the design).
func (g *Gate) heldUntil(v filter.Verdict, received, since time.Time) time.Time {
	if !filter.Expires(v.ReasonCode) {
		return time.Time{}
	}
	if received.After(since) {
		since = received
	}
	return since.Add(g.HoldFor)
}

// decideAgain gives the verdict on a report of the ledger by what the ledger
// keeps, and by the instance where that is not enough.
func (g *Gate) decideAgain(ctx context.Context, r ledger.Report) (filter.Verdict, error) {
	var in filter.Input
	if err := json.Unmarshal(r.Input, &in); err != nil {
		return filter.Verdict{}, fmt.Errorf("read the stored input of report %s: %w", r.ID, err)
	}
	rules := g.filter()
	if !rules.Stale(in) {
		return rules.Decide(in), nil
	}
	src, err := g.source(r.Source)
	if err != nil {
		return filter.Verdict{}, err
	}
	f, err := g.look(ctx, src, r.OrthancID, r.ReceivedAt)
	if err != nil {
		return filter.Verdict{}, err
	}
	return f.verdict, nil
}

// waitsForPerson reports whether the hold is one that deciding again cannot
// end: it is not the filter's.
func waitsForPerson(reasonCode string) bool {
	return slices.Contains([]string{filter.Leak, filter.Unreadable, filter.Changed}, reasonCode)
}

// step marks a point between two effects, where a test may stop the process.
func (g *Gate) step(name string) {
	if g.beforeStep != nil {
		g.beforeStep(name)
	}
}

// at is the line of the log about a report: by the ledger's id alone, since an
// Orthanc ID leads to the patient.
func at(id string) slog.Attr { return slog.String("report", id) }
