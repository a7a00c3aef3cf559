package pipeline

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanc"
)

const (
	// glance is how often the stations list is looked at.
	glance = time.Second
	// sweepPage is how many held reports are read at once.
	sweepPage = 200
	// roundsman is how many held reports a pass asks Orthanc about, to notice
	// those that somebody deleted.
	roundsman = 50
)

// lastGoodStations is the ledger's copy of the list in force: it outlives a
// stations.yaml that is gone at the next start.
const lastGoodStations = "stations"

// LastGoodStations is the text of the stations list that was last in force,
// nil where there was none.
func LastGoodStations(ctx context.Context, l *ledger.Ledger) ([]byte, error) {
	text, _, err := l.Setting(ctx, lastGoodStations)
	return text, err
}

// KeepStations makes a stations list the one that was last in force.
func KeepStations(ctx context.Context, l *ledger.Ledger, list *filter.Stations) error {
	return l.SetSetting(ctx, lastGoodStations, list.Text())
}

// sweeper walks the holding area.
type sweeper struct {
	*Gate
	log     *slog.Logger
	next    time.Time // of a pass through everything, by the steady clock
	changed bool      // another stations list is in force since the last pass
	rounds  string    // the last report that the roundsman asked about
	trouble string    // that was logged last
	refusal string    // why nothing may be deleted, as it was logged last
	notNow  bool      // nothing may be deleted in this pass
}

func newSweeper(g *Gate) *sweeper {
	return &sweeper{Gate: g, log: g.Log, changed: true} // what changed while nobody looked is found by the first pass
}

// run sweeps until the context ends.
func (s *sweeper) run(ctx context.Context) {
	s.keepStations(ctx)
	for s.turn(ctx); sleep(ctx, glance); s.turn(ctx) {
		s.changed = s.look(ctx)
	}
}

// turn goes through the holding area when it is time to.
func (s *sweeper) turn(ctx context.Context) {
	s.watchClock(ctx)
	if now := s.steadyNow(); s.sweepSoon.Swap(false) || s.changed || !now.Before(s.next) {
		s.next = now.Add(min(max(s.settling(), glance), time.Minute))
		s.pass(ctx)
	}
}

// look looks at the stations list.
func (s *sweeper) look(ctx context.Context) (changed bool) {
	changed = s.Stations.Look()
	if trouble := s.Stations.Trouble(); trouble != s.trouble {
		if s.trouble = trouble; trouble != "" {
			s.log.Error("nothing expires: "+trouble, "stations_in_force", s.inForce())
		} else {
			s.log.Info("the stations list is in order again", "stations_in_force", s.inForce())
		}
	}
	if changed {
		s.guard.quieten(s.steadyNow(), s.settling(), "the stations list has just changed")
		s.keepStations(ctx)
		s.log.Info("another stations list is in force", "stations_in_force", s.inForce())
	}
	return changed
}

func (s *sweeper) inForce() int {
	if list := s.Stations.Stations(); list != nil {
		return len(list.Entries)
	}
	return 0
}

// keepStations copies the list in force into the ledger.
func (s *sweeper) keepStations(ctx context.Context) {
	list := s.Stations.Stations()
	if list == nil {
		return
	}
	if err := KeepStations(ctx, s.Ledger, list); err != nil && ctx.Err() == nil {
		s.log.Error("cannot keep the stations list", "error", err)
	}
}

// pass decides again on what is held and, after a change, on what is queued.
func (s *sweeper) pass(ctx context.Context) {
	s.notNow = false
	s.reviewAll(ctx)
	err := s.finish(ctx)
	if err == nil {
		err = s.pages(ctx, s.Ledger.Held, s.held)
	}
	if s.changed && err == nil {
		err = s.pages(ctx, s.Ledger.Waiting, s.queued)
	}
	if err == nil {
		err = s.retry(ctx)
	}
	if err == nil {
		err = s.clearDelivered(ctx)
	}
	if err == nil {
		err = s.walkRounds(ctx)
	}
	if err != nil && ctx.Err() == nil {
		s.log.Error("cannot go through the holding area", "error", err)
	}
}

// reviewAll looks again where reports are missing. A source that does not answer is
// looked at in the next pass.
func (s *sweeper) reviewAll(ctx context.Context) {
	for _, src := range s.Sources {
		if err := s.review(ctx, src); err != nil && ctx.Err() == nil {
			s.log.Warn("cannot look for missing reports, trying later", "source", src.Name, "error", err)
		}
	}
}

// pages calls fn for every report that a query of the ledger gives. What fails
// for one report is logged and tried again in the next pass; where the ledger is
// away, that is no report's own.
func (s *sweeper) pages(ctx context.Context, query reportQuery, fn func(context.Context, ledger.Report) error) error {
	return everyReport(ctx, query, func(r ledger.Report) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		err := fn(ctx, r)
		switch {
		case errors.Is(err, ledger.ErrAway):
			return err
		case err != nil && !errors.Is(err, ledger.ErrConflict) && !errors.Is(err, errKept):
			s.log.Warn("cannot decide again, trying later", at(r.ID), "error", err)
		}
		return nil
	})
}

// reportQuery is a query of the ledger that gives reports in pages, those after
// the one whose id is given.
type reportQuery func(ctx context.Context, after string, limit int) ([]ledger.Report, error)

// everyReport calls fn for every report that a query gives.
func everyReport(ctx context.Context, query reportQuery, fn func(ledger.Report) error) error {
	for after := ""; ; {
		reports, err := query(ctx, after, sweepPage)
		if err != nil {
			return err
		}
		for _, r := range reports {
			if err := fn(r); err != nil {
				return err
			}
		}
		if len(reports) < sweepPage {
			return nil
		}
		after = reports[len(reports)-1].ID
	}
}

// held decides again on one held report.
func (s *sweeper) held(ctx context.Context, r ledger.Report) error {
	if waitsForPerson(r.ReasonCode) {
		return nil
	}
	src, err := s.source(r.Source)
	if err != nil {
		return err
	}
	v, err := s.decideAgain(ctx, r)
	switch {
	case err != nil:
		return s.notThere(ctx, r, err, ledger.BySweep)
	case v.Action == filter.Ignore:
		return s.keepChanged(ctx, r, ledger.BySweep)
	case v.Action == filter.Accept:
		return s.accept(ctx, src, r, v, ledger.BySweep)
	case v.ReasonCode != r.ReasonCode || v.Reason != r.Reason:
		return s.hold(ctx, src, r, v, ledger.BySweep)
	case r.HeldUntil.IsZero() || s.Now().Before(r.HeldUntil):
		return nil
	}
	return s.unlessNotNow(func() error { return s.Expire(ctx, r) })
}

// queued takes a report out of the queue whose station is not accepted any
// more, or sends it where its station's entry now says.
func (s *sweeper) queued(ctx context.Context, r ledger.Report) error {
	src, err := s.source(r.Source)
	if err != nil {
		return err
	}
	v, err := s.decideAgain(ctx, r)
	switch {
	case err != nil:
		return s.notThere(ctx, r, err, ledger.BySweep)
	case v.Action == filter.Accept:
		return s.accept(ctx, src, r, v, ledger.BySweep)
	case v.Action == filter.Ignore:
		return s.keepChanged(ctx, r, ledger.BySweep)
	}
	return s.hold(ctx, src, r, v, ledger.BySweep)
}

// walkRounds asks Orthanc about some of the held reports, the next ones each
// time: the feed does not tell of deletions.
func (s *sweeper) walkRounds(ctx context.Context) error {
	reports, err := s.Ledger.Held(ctx, s.rounds, roundsman)
	if err != nil {
		return err
	}
	s.rounds = ""
	if len(reports) == roundsman {
		s.rounds = reports[len(reports)-1].ID
	}
	for _, r := range reports {
		src, err := s.source(r.Source)
		if err != nil {
			continue
		}
		if _, err := src.Client.Received(ctx, r.OrthancID); errors.Is(err, orthanc.ErrNotFound) {
			err := s.gone(ctx, src, r, ledger.BySweep)
			if errors.Is(err, errMissing) {
				return nil
			}
			s.log.Warn("a held report is gone from Orthanc", at(r.ID), "source", r.Source)
			if err != nil && !errors.Is(err, errKept) {
				return err
			}
		}
	}
	return nil
}
