package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanc"
)

// errKept says that a report was not deleted, and why: it is wanted after all,
// or it is not what the ledger knows.
var errKept = errors.New("kept")

// Expire ends the wait of a held report whose time is up: the most careful
// act. In a gateway the instance is deleted, after it was decided again,
// fetched and recognised as the same report; in an archive nothing is.
func (g *Gate) Expire(ctx context.Context, r ledger.Report) error {
	const by = ledger.BySweep
	src, err := g.source(r.Source)
	if err != nil {
		return err
	}
	if err := g.stillHeld(ctx, src, r, by); err != nil {
		return err
	}
	if src.Archive {
		return g.Ledger.Expire(ctx, r.ID, "its time is up; nothing is deleted in an archive", by)
	}
	return g.delete(ctx, src, r, func() error {
		return g.Ledger.Expire(ctx, r.ID, fmt.Sprintf("its time was up (%s)", r.ReasonCode), by)
	})
}

// Discard deletes a held report before its time because a person says so, with
// the care of expiry except for the day. In an archive it deletes nothing.
func (g *Gate) Discard(ctx context.Context, r ledger.Report, reason, by string) error {
	src, err := g.source(r.Source)
	if err != nil {
		return err
	}
	if r.State != ledger.Held {
		return fmt.Errorf("report %s is %s: only a held report can be discarded", r.ID, r.State)
	}
	if src.Archive {
		return fmt.Errorf("source %s is an archive: nothing in it is ever deleted", src.Name)
	}
	if err := g.same(ctx, src, r, by); err != nil {
		return err
	}
	return g.delete(ctx, src, r, func() error { return g.Ledger.Discard(ctx, r.ID, reason, by) })
}

// stillHeld decides again on the instance itself, immediately before it goes.
func (g *Gate) stillHeld(ctx context.Context, src *Source, r ledger.Report, by string) error {
	f, err := g.look(ctx, src, r.OrthancID, r.ReceivedAt)
	if err != nil {
		return g.notThere(ctx, r, err, by)
	}
	switch v := f.verdict; {
	case v.Action == filter.Ignore || f.digest != r.Digest:
		return g.keepChanged(ctx, r, by)
	case v.Action == filter.Accept:
		return errors.Join(errKept, g.accept(ctx, src, r, v, by))
	case !filter.Expires(v.ReasonCode):
		return errors.Join(errKept, g.hold(ctx, src, r, v, by))
	}
	return nil
}

// same makes sure that the instance is what the ledger describes, whatever the
// verdict on it.
func (g *Gate) same(ctx context.Context, src *Source, r ledger.Report, by string) error {
	f, err := g.look(ctx, src, r.OrthancID, r.ReceivedAt)
	if err != nil {
		return g.notThere(ctx, r, err, by)
	}
	if f.digest != r.Digest {
		return g.keepChanged(ctx, r, by)
	}
	return nil
}

// notThere settles a report that its source does not have any more: if this
// process was about to delete it when it ended, it did.
func (g *Gate) notThere(ctx context.Context, r ledger.Report, err error, by string) error {
	if !errors.Is(err, orthanc.ErrNotFound) {
		return err
	}
	ours, err := g.wasDeleting(ctx, r)
	if err != nil {
		return err
	}
	if ours {
		return errors.Join(errKept, g.recordDeleted(ctx, r, by))
	}
	return errors.Join(errKept, g.Ledger.Withdraw(ctx, r.ID, by))
}

func (g *Gate) keepChanged(ctx context.Context, r ledger.Report, by string) error {
	v := ledger.Verdict{ReasonCode: filter.Changed, Reason: "what Orthanc holds is not what was held"}
	return errors.Join(errKept, g.Ledger.Hold(ctx, r.ID, v, g.heldUntil(filter.Verdict{ReasonCode: filter.Changed}, r.ReceivedAt, g.Now()), by))
}
