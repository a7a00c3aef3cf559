package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

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
	}
	g.doorbell.ring()
	return nil
}

// hold keeps a report back.
func (g *Gate) hold(ctx context.Context, src *Source, r ledger.Report, v filter.Verdict, by string) error {
	if err := g.Ledger.Hold(ctx, r.ID, ledger.Verdict{ReasonCode: v.ReasonCode, Reason: v.Reason}, g.waitsUntil(r, v), by); err != nil {
		return err
	}
	g.Log.Info("held", at(r.ID), "source", src.Name, "reason", v.Reason, "by", by)
	return nil
}

// waitsUntil is when a hold with this verdict ends. A wait that could not end
// before, or that begins only now, has its whole time before it: a station
// taken out by mistake costs no report.
func (g *Gate) waitsUntil(r ledger.Report, v filter.Verdict) time.Time {
	if r.State != ledger.Held || r.HeldUntil.IsZero() || !filter.Expires(v.ReasonCode) {
		return g.heldUntil(v, r.ReceivedAt, g.Now())
	}
	return r.HeldUntil
}

// Released is what became of a report that was decided again for a person.
type Released struct {
	Report  ledger.Report
	Verdict filter.Verdict
}

// Release decides again on one report for a person, by what Orthanc holds now:
// who releases a report acknowledges that, and the ledger comes to describe it,
// also where it was unreadable or has changed. Release never overrides the
// verdict: what the filter holds stays held, for the reason returned, and a
// leak is looked for again when the report is delivered. A report of an archive
// whose time was up is decided again too.
func (g *Gate) Release(ctx context.Context, r ledger.Report, by string) (Released, error) {
	src, err := g.source(r.Source)
	if err != nil {
		return Released{}, err
	}
	switch {
	case r.State == ledger.Expired && !src.Archive:
		return Released{}, fmt.Errorf("report %s is expired, and with that deleted in source %s: it is taken up again when it is sent there again", r.ID, src.Name)
	case r.State != ledger.Held && r.State != ledger.Expired:
		return Released{}, fmt.Errorf("report %s is %s: only a held report can be released, or an expired one of an archive", r.ID, r.State)
	}
	f, err := g.look(ctx, src, r.OrthancID, r.ReceivedAt)
	if err != nil {
		if err := g.notThere(ctx, r, err, by); !errors.Is(err, errKept) || errors.Is(err, errMissing) {
			return Released{}, err
		}
		return Released{}, fmt.Errorf("report %s is gone from source %s", r.ID, src.Name)
	}
	if f.verdict.Action == filter.Ignore {
		return Released{r, f.verdict}, nil // no report at all any more; it stays as it is
	}
	return Released{r, f.verdict}, g.reopen(ctx, src, r, f, by)
}

// reopen makes a report of the ledger what was found of it, with the verdict
// on that.
func (g *Gate) reopen(ctx context.Context, src *Source, r ledger.Report, f *found, by string) error {
	s, err := g.describe(src, f)
	if err != nil {
		return err
	}
	s.ID, s.Seq = r.ID, r.Seq
	if s.State == ledger.Held {
		s.HeldUntil = g.waitsUntil(r, f.verdict)
	}
	if err := g.Ledger.Reopen(ctx, s, by); err != nil {
		return err
	}
	g.Log.Info("decided on anew", at(r.ID), "source", src.Name, "state", s.State, "reason", s.Reason, "by", by)
	g.doorbell.ring()
	return nil
}

// HeldOf gives the reports of a station that Orthanc still holds and release
// may decide on, by the name that the ledger shows: what is held, and in an
// archive also what has expired.
func (g *Gate) HeldOf(ctx context.Context, station string, fn func(ledger.Report) error) error {
	ofStation := func(r ledger.Report) error {
		if !strings.EqualFold(r.StationName, strings.TrimSpace(station)) {
			return nil
		}
		return fn(r)
	}
	if err := everyReport(ctx, g.Ledger.Held, ofStation); err != nil {
		return err
	}
	for _, src := range g.Sources {
		if !src.Archive {
			continue
		}
		expired := func(ctx context.Context, after string, limit int) ([]ledger.Report, error) {
			return g.Ledger.Expired(ctx, src.Name, after, limit)
		}
		if err := everyReport(ctx, expired, ofStation); err != nil {
			return err
		}
	}
	return nil
}
