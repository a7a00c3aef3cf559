package pipeline

import (
	"context"
	"errors"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanc"
)

// clearDelivered goes through what every registry has had for long enough, in
// the gateways; an archive keeps it.
func (s *sweeper) clearDelivered(ctx context.Context) error {
	if s.ClearAfter <= 0 {
		return nil
	}
	for _, src := range s.Sources {
		if src.Archive {
			continue
		}
		due := func(ctx context.Context, after string, limit int) ([]ledger.Report, error) {
			return s.Ledger.ToClear(ctx, src.Name, s.Now().Add(-s.ClearAfter), after, limit)
		}
		err := s.pages(ctx, due, func(ctx context.Context, r ledger.Report) error {
			if !s.mayDelete(ctx) {
				return nil
			}
			return s.Clear(ctx, r)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Clear deletes a wholly delivered report in its gateway, with the care of
// expiry: it is fetched, and recognised as the very report that every registry
// has. In the ledger it stays delivered.
func (g *Gate) Clear(ctx context.Context, r ledger.Report) error {
	src, err := g.source(r.Source)
	if err != nil {
		return err
	}
	f, err := g.look(ctx, src, r.OrthancID, r.ReceivedAt)
	if errors.Is(err, orthanc.ErrNotFound) {
		return g.clearedBefore(ctx, r)
	}
	if err != nil {
		return err
	}
	if delivered, err := g.delivered(ctx, r, f); err != nil || !delivered {
		return errors.Join(errKept, err)
	}
	return g.delete(ctx, src, r, func() error {
		return g.Ledger.Clear(ctx, r.ID, "deleted in its gateway, some time after it was delivered", ledger.BySweep)
	})
}

// delivered makes sure, at the last moment, that what was found is what every
// registry has. Where it is something else the feed will show it.
func (g *Gate) delivered(ctx context.Context, r ledger.Report, f *found) (bool, error) {
	if f.doc == nil {
		return false, nil
	}
	deliveries, err := g.Ledger.Deliveries(ctx, r.ID)
	if err != nil || len(deliveries) == 0 {
		return false, err
	}
	for _, d := range deliveries {
		if d.State != ledger.Delivered || d.SentDigest != f.digest {
			return false, nil
		}
	}
	return true, nil
}

// clearedBefore settles a delivered report that its source does not have any
// more: nobody waits for it, so it is not withdrawn.
func (g *Gate) clearedBefore(ctx context.Context, r ledger.Report) error {
	ours, err := g.wasDeleting(ctx, r)
	if err != nil {
		return err
	}
	if ours {
		return g.recordDeleted(ctx, r, ledger.BySweep)
	}
	return g.Ledger.Clear(ctx, r.ID, "gone from Orthanc by another hand, after it was delivered", ledger.BySweep)
}
