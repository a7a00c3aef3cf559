package pipeline

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanc"
)

// Marks says what is written to a source so that Orthanc Explorer shows what
// became of a report. Marks mirror the ledger; they never decide.
type Marks struct {
	Metadata bool // state, reason and day on the instance
	Labels   bool // worst state on the study, from Orthanc 1.12
}

// The user-defined metadata of an instance (named in orthanc-config).
const (
	metadataState  = 4801
	metadataReason = 4802
	metadataUntil  = 4803
)

// studyLabels are the labels of a study, the worst state first.
var studyLabels = []struct {
	state ledger.State
	label string
}{
	{ledger.Rejected, "dose-rejected"}, {ledger.Held, "dose-held"}, {ledger.Delivered, "dose-delivered"},
}

// marker writes the marks of a source. It learns from the ledger which reports have
// changed, whoever changed them, and crosses out what it has written: marks that
// failed, or that a stop came before, are written later, and nobody waits for them.
type marker struct {
	*Gate
	src     *Source
	log     *slog.Logger
	away    bool                 // the source took no marks at all, the last time
	refused map[string]time.Time // the reports that it took none for, and when to try again
}

const (
	markPage       = 100         // reports that are marked before that is noted
	markAgainAfter = time.Minute // a report whose marks Orthanc refused
)

func newMarker(g *Gate, src *Source) *marker {
	return &marker{Gate: g, src: src, log: g.Log.With("source", src.Name), refused: make(map[string]time.Time)}
}

// run marks until the context ends.
func (m *marker) run(ctx context.Context) {
	for m.turn(ctx); sleep(ctx, glance); m.turn(ctx) {
	}
}

// turn marks every report that is to be marked.
func (m *marker) turn(ctx context.Context) {
	for after, more := "", true; more && ctx.Err() == nil; {
		all, err := m.Ledger.Unmarked(ctx, m.src.Name, after, markPage)
		if err != nil || len(all) == 0 {
			return // a ledger that is away is the other loops' to tell
		}
		after, more = all[len(all)-1].Report.ID, len(all) == markPage
		written, err := m.page(ctx, all)
		if len(written) > 0 {
			err = errors.Join(err, m.Ledger.Marked(context.WithoutCancel(ctx), written))
		}
		if err != nil {
			return
		}
	}
}

// page marks reports, and gives those that are marked. It ends with an error where
// Orthanc is away.
func (m *marker) page(ctx context.Context, all []ledger.Unmarked) (written []ledger.Unmarked, err error) {
	for _, u := range all {
		if ctx.Err() != nil || m.steadyNow().Before(m.refused[u.Report.ID]) {
			continue
		}
		err := m.mark(ctx, m.src, u.Report)
		if err == nil || errors.Is(err, orthanc.ErrNotFound) { // what is gone needs no marks
			delete(m.refused, u.Report.ID)
			written, m.away = append(written, u), false
			continue
		}
		if _, dead := m.src.Client.System(ctx); dead != nil {
			if !m.away && ctx.Err() == nil {
				m.log.Warn("Orthanc takes no marks, trying again", "error", err)
			}
			m.away = true
			return written, err
		}
		if m.refused[u.Report.ID].IsZero() {
			m.log.Warn("cannot mark a report in Orthanc, trying again", at(u.Report.ID), "error", err)
		}
		m.refused[u.Report.ID] = m.steadyNow().Add(markAgainAfter)
	}
	return written, nil
}

// mark writes what the ledger says of a report to its instance and study.
func (g *Gate) mark(ctx context.Context, src *Source, r ledger.Report) error {
	state, err := g.shown(ctx, r)
	if err != nil {
		return err
	}
	if err := g.markInstance(ctx, src, r, state); err != nil {
		return err
	}
	study, err := g.labelled(ctx, src, r)
	if err != nil || study == "" {
		return err
	}
	return g.markStudy(ctx, src, study)
}

func (g *Gate) markInstance(ctx context.Context, src *Source, r ledger.Report, state ledger.State) error {
	until := ""
	if state == ledger.Held && !r.HeldUntil.IsZero() && !src.Archive {
		until = r.HeldUntil.UTC().Format(time.DateOnly)
	}
	for _, m := range []struct {
		number int
		value  string
	}{{metadataState, string(state)}, {metadataReason, r.Reason}, {metadataUntil, until}} {
		if err := src.Client.SetMetadata(ctx, r.OrthancID, m.number, m.value); err != nil {
			return err
		}
	}
	return nil
}

// labelled is the study whose label shows a report, "" where none does.
func (g *Gate) labelled(ctx context.Context, src *Source, r ledger.Report) (study string, err error) {
	if !src.Marks.Labels {
		return "", nil
	}
	system, err := src.Client.System(ctx)
	if err != nil || !system.HasLabels {
		return "", err
	}
	return src.Client.StudyOf(ctx, r.OrthancID)
}

// markStudy gives the study the label of the worst state of its reports.
func (g *Gate) markStudy(ctx context.Context, src *Source, study string) error {
	worst, err := g.worst(ctx, src, study)
	if err != nil {
		return err
	}
	have, err := src.Client.Labels(ctx, study)
	if err != nil {
		return err
	}
	for _, l := range studyLabels {
		switch has := slices.Contains(have, l.label); {
		case l.state == worst && !has:
			err = src.Client.AddLabel(ctx, study, l.label)
		case l.state != worst && has:
			err = src.Client.RemoveLabel(ctx, study, l.label)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// worst is the worst state of a study's reports, by the ledger.
func (g *Gate) worst(ctx context.Context, src *Source, study string) (ledger.State, error) {
	instances, err := src.Client.ReportsOf(ctx, study)
	if err != nil {
		return "", err
	}
	worst := len(studyLabels)
	for _, instance := range instances {
		r, ok, err := g.Ledger.Lookup(ctx, src.Name, instance)
		if err != nil {
			return "", err
		}
		if !ok {
			continue
		}
		state, err := g.shown(ctx, r)
		if err != nil {
			return "", err
		}
		for i, l := range studyLabels {
			if l.state == state {
				worst = min(worst, i)
			}
		}
	}
	if worst == len(studyLabels) {
		return "", nil
	}
	return studyLabels[worst].state, nil
}

// shown is a report's state as one word: that of the delivery that is worst
// off, unless the report itself waits or is gone.
func (g *Gate) shown(ctx context.Context, r ledger.Report) (ledger.State, error) {
	if r.State != ledger.Accepted {
		return r.State, nil
	}
	deliveries, err := g.Ledger.Deliveries(ctx, r.ID)
	if err != nil {
		return "", err
	}
	state := ledger.Delivered
	for _, d := range deliveries {
		switch {
		case d.State == ledger.Rejected:
			return ledger.Rejected, nil
		case d.State == ledger.Queued:
			state = ledger.Queued
		}
	}
	return state, nil
}
