package pipeline

import (
	"context"
	"errors"
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

// mark writes what the ledger says of a report to its instance and study.
// Where that fails the report is right all the same; the next change marks it.
func (g *Gate) mark(ctx context.Context, src *Source, id string) {
	if !src.Marks.Metadata {
		return
	}
	asked, cancel := context.WithTimeout(ctx, patienceWhenStopping) // an Orthanc that hangs holds nobody up
	defer cancel()
	r, err := g.Ledger.Get(ctx, id)
	if err != nil {
		return
	}
	state, err := g.shown(ctx, r)
	if err == nil {
		err = g.markInstance(asked, src, r, state)
	}
	if err == nil && src.Marks.Labels {
		err = g.markStudy(asked, src, r)
	}
	if err != nil && !errors.Is(err, orthanc.ErrNotFound) && ctx.Err() == nil {
		g.Log.Warn("cannot mark a report in Orthanc", at(r.ID), "source", src.Name, "error", err)
	}
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

// markStudy gives the study the label of the worst state of its reports.
func (g *Gate) markStudy(ctx context.Context, src *Source, r ledger.Report) error {
	system, err := src.Client.System(ctx)
	if err != nil || !system.HasLabels {
		return err
	}
	study, err := src.Client.StudyOf(ctx, r.OrthancID)
	if err != nil {
		return err
	}
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
