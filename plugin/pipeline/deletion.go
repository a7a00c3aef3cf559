package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanc"
)

// errKept says that a report was not deleted, and why: it is wanted after all,
// or it is not what the ledger knows.
var errKept = errors.New("kept")

// notNowError says that nothing at all may be deleted now, and why.
type notNowError struct{ why string }

func (e *notNowError) Error() string { return "nothing is deleted now: " + e.why }

// end is why a report's wait in Orthanc's storage ends.
type end struct {
	by    string
	asked bool // by a person: then there is no day, and no clock or list to trust
	// still looks at what was found, immediately before: nil when it may go.
	still func(ctx context.Context, src *Source, f *found) error
	// seal makes the checked transition in the ledger.
	seal func(ctx context.Context, also ...ledger.Also) error
}

// remove is rule 6 of the design: every end of a wait goes through it, and
// nothing else deletes in Orthanc. First nothing may speak against an end at all,
// then the instance is fetched and recognised as the same report and decided on
// again, then the ledger seals its fate; only then is it deleted, in a gateway.
// From the seal on it is the same for whoever goes on after a stop.
func (g *Gate) remove(ctx context.Context, r ledger.Report, e end) error {
	src, err := g.source(r.Source)
	if err != nil {
		return err
	}
	if !e.asked {
		if why := g.noExpiry(ctx); why != "" {
			return &notNowError{why}
		}
	}
	f, err := g.look(ctx, src, r.OrthancID, r.ReceivedAt)
	if err != nil {
		return g.notThere(ctx, r, err, e.by)
	}
	if err := e.still(ctx, src, f); err != nil {
		return err
	}
	if src.Archive {
		return e.seal(ctx)
	}
	g.step("before seal")
	if err := e.seal(ctx, ledger.AndDelete(f.received.ReceptionDate)); err != nil {
		return err
	}
	return g.delete(ctx, src, r, e.by)
}

// delete deletes what is sealed. What is begun is brought to its end, also when
// dosegate stops, but not when another one may lead by then.
func (g *Gate) delete(stopping context.Context, src *Source, r ledger.Report, by string) error {
	lasts, stop := lasting(stopping, patienceWhenStopping)
	defer stop()
	ctx, cancel, err := g.Ledger.WhileLeading(lasts)
	if err != nil {
		return err
	}
	defer cancel()
	g.step("before delete")
	study, _ := g.labelled(ctx, src, r) // asked while there is somebody to ask about
	if err := src.Client.DeleteInstance(ctx, r.OrthancID); err != nil && !errors.Is(err, orthanc.ErrNotFound) {
		return err
	}
	g.step("after delete")
	if err := g.Ledger.EndDeletion(ctx, r.ID, "deleted in Orthanc", by); err != nil {
		return fmt.Errorf("record that report %s was deleted: %w", r.ID, err)
	}
	if study != "" { // of its other reports the label now speaks; without any it is gone as well
		_ = g.markStudy(ctx, src, study)
	}
	g.Log.Info("deleted in Orthanc", at(r.ID), "source", src.Name, "state", r.State, "reason_code", r.ReasonCode)
	return nil
}

// finish goes on with the deletions that a stop, or an Orthanc that did not
// answer, has left under way.
func (s *sweeper) finish(ctx context.Context) error {
	for _, src := range s.Sources {
		under, err := s.Ledger.Deletions(ctx, src.Name, sweepPage)
		if err != nil {
			return err
		}
		for _, d := range under {
			if err := s.unlessNotNow(func() error { return s.finishOne(ctx, src, d) }); err != nil {
				s.log.Warn("cannot delete in Orthanc, trying later", at(d.Report.ID), "error", err)
				break
			}
		}
	}
	return ctx.Err()
}

// finishOne deletes one instance if it is still the one whose fate was sealed.
// Another one came again: the feed shows it, and it waits anew.
func (s *sweeper) finishOne(ctx context.Context, src *Source, d ledger.Deletion) error {
	if why := s.noExpiry(ctx); why != "" {
		return &notNowError{why}
	}
	f, err := s.Gate.look(ctx, src, d.Report.OrthancID, d.Report.ReceivedAt)
	switch {
	case errors.Is(err, orthanc.ErrNotFound):
		return s.Ledger.EndDeletion(ctx, d.Report.ID, "deleted in Orthanc", ledger.BySweep)
	case err != nil:
		return err
	case f.digest != d.Report.Digest || !f.received.ReceptionDate.Equal(d.Received):
		return s.Ledger.EndDeletion(ctx, d.Report.ID, "not deleted in Orthanc: it had come again", ledger.BySweep)
	}
	return s.Gate.delete(ctx, src, d.Report, ledger.BySweep)
}

// unlessNotNow does something that may delete. Where nothing may be deleted now,
// that is logged once, and for the rest of the pass nothing is tried.
func (s *sweeper) unlessNotNow(do func() error) error {
	if s.notNow {
		return nil
	}
	err := do()
	var not *notNowError
	if !errors.As(err, &not) {
		s.refusal = ""
		return err
	}
	if not.why != s.refusal {
		s.log.Warn("reports whose time is up stay for now", "because", not.why)
	}
	s.notNow, s.refusal = true, not.why
	return nil
}
