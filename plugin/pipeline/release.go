package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
)

// accept lets a report go where the verdict says.
func (g *Gate) accept(ctx context.Context, src *Source, r ledger.Report, v filter.Verdict, by string) error {
	if err := g.Ledger.Accept(ctx, r.ID, ledger.Verdict{ReasonCode: v.ReasonCode, Reason: v.Reason}, g.registries(v), by); err != nil {
		return err
	}
	if r.State == ledger.Held {
		g.Log.Info("released", at(r.ID), "source", src.Name, "reason", v.Reason, "by", by)
		g.mark(ctx, src, r.ID)
	}
	g.doorbell.ring()
	return nil
}

// hold keeps a report back. A wait that could not end before, or that begins
// only now, has its whole time before it: a station taken out by mistake costs
// no report.
func (g *Gate) hold(ctx context.Context, src *Source, r ledger.Report, v filter.Verdict, by string) error {
	until := r.HeldUntil
	if r.State != ledger.Held || until.IsZero() || !filter.Expires(v.ReasonCode) {
		until = g.heldUntil(v, r.ReceivedAt, g.Now())
	}
	if err := g.Ledger.Hold(ctx, r.ID, ledger.Verdict{ReasonCode: v.ReasonCode, Reason: v.Reason}, until, by); err != nil {
		return err
	}
	g.Log.Info("held", at(r.ID), "source", src.Name, "reason", v.Reason, "by", by)
	g.mark(ctx, src, r.ID)
	return nil
}

// Released is what became of a report that was decided again for a person.
type Released struct {
	Report  ledger.Report
	Verdict filter.Verdict
}

// Release decides again on one report for a person. It never overrides the
// verdict: what the filter holds stays held, for the reason returned. A report
// of an archive whose time was up is decided again too.
func (g *Gate) Release(ctx context.Context, r ledger.Report, by string) (Released, error) {
	src, err := g.source(r.Source)
	if err != nil {
		return Released{}, err
	}
	f, err := g.look(ctx, src, r.OrthancID, r.ReceivedAt)
	if err != nil {
		if err := g.notThere(ctx, r, err, by); !errors.Is(err, errKept) {
			return Released{}, err
		}
		return Released{}, fmt.Errorf("report %s is gone from source %s", r.ID, src.Name)
	}
	if f.verdict.Action == filter.Accept && f.digest != r.Digest {
		return Released{r, filter.Verdict{Action: filter.Hold, ReasonCode: filter.Changed,
			Reason: "what Orthanc holds is not what the ledger describes; it is taken up again when the feed shows it"}}, nil
	}
	switch f.verdict.Action {
	case filter.Accept:
		err = g.accept(ctx, src, r, f.verdict, by)
	case filter.Hold:
		if f.verdict.ReasonCode != r.ReasonCode {
			err = g.hold(ctx, src, r, f.verdict, by)
		}
	}
	return Released{r, f.verdict}, err
}

// HeldOf gives the held reports of a station, by the name that the ledger
// shows.
func (g *Gate) HeldOf(ctx context.Context, station string, fn func(ledger.Report) error) error {
	for after := ""; ; {
		reports, err := g.Ledger.Held(ctx, after, sweepPage)
		if err != nil {
			return err
		}
		for _, r := range reports {
			if strings.EqualFold(r.StationName, strings.TrimSpace(station)) {
				if err := fn(r); err != nil {
					return err
				}
			}
		}
		if len(reports) < sweepPage {
			return nil
		}
		after = reports[len(reports)-1].ID
	}
}
