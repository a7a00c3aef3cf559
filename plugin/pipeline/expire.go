package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanc"
)

// Expire ends the wait of a held report whose time is up. In a gateway the
// instance is deleted; in an archive nothing is.
func (g *Gate) Expire(ctx context.Context, r ledger.Report) error {
	e := end{by: ledger.BySweep}
	e.still = func(ctx context.Context, src *Source, f *found) error { return g.stillHeld(ctx, src, r, f, e.by) }
	e.seal = func(ctx context.Context, also ...ledger.Also) error {
		why := fmt.Sprintf("its time was up (%s)", r.ReasonCode)
		if len(also) == 0 {
			why = "its time is up; nothing is deleted in an archive"
		}
		return g.Ledger.Expire(ctx, r.ID, why, e.by, also...)
	}
	return g.remove(ctx, r, e)
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
	return g.remove(ctx, r, end{by: by, asked: true,
		still: func(ctx context.Context, _ *Source, f *found) error {
			if f.digest != r.Digest {
				return g.keepChanged(ctx, r, by)
			}
			return nil
		},
		seal: func(ctx context.Context, also ...ledger.Also) error {
			return g.Ledger.Discard(ctx, r.ID, reason, by, also...)
		}})
}

// stillHeld decides again on the instance itself, immediately before it goes. Its
// day counts from the reception of what lies there now, which the feed may not
// have shown yet.
func (g *Gate) stillHeld(ctx context.Context, src *Source, r ledger.Report, f *found, by string) error {
	switch v := f.verdict; {
	case v.Action == filter.Ignore || f.digest != r.Digest:
		return g.keepChanged(ctx, r, by)
	case v.Action == filter.Accept:
		return errors.Join(errKept, g.accept(ctx, src, r, v, by))
	case !filter.Expires(v.ReasonCode):
		return errors.Join(errKept, g.hold(ctx, src, r, v, by))
	case g.Now().Before(f.received.ReceptionDate.Add(g.HoldFor)):
		return fmt.Errorf("%w: it has just come again", errKept)
	}
	return nil
}

// notThere settles a report that could not be looked at, if that is because its
// source does not have it any more.
func (g *Gate) notThere(ctx context.Context, r ledger.Report, err error, by string) error {
	if !errors.Is(err, orthanc.ErrNotFound) {
		return err
	}
	src, err := g.source(r.Source)
	if err != nil {
		return err
	}
	return g.gone(ctx, src, r, by)
}

func (g *Gate) keepChanged(ctx context.Context, r ledger.Report, by string) error {
	v := ledger.Verdict{ReasonCode: filter.Changed, Reason: "what Orthanc holds is not what was held"}
	return errors.Join(errKept, g.Ledger.Hold(ctx, r.ID, v, g.heldUntil(filter.Verdict{ReasonCode: filter.Changed}, r.ReceivedAt, g.Now()), by))
}
