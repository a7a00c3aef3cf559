package pipeline

import (
	"context"
	"fmt"

	"github.com/dosegate/dosegate/plugin/ledger"
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
			return s.unlessNotNow(func() error { return s.Clear(ctx, r) })
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
	if src.Archive {
		return fmt.Errorf("source %s is an archive: nothing in it is ever deleted", src.Name)
	}
	return g.remove(ctx, r, end{by: ledger.BySweep,
		still: func(ctx context.Context, _ *Source, f *found) error { return g.stillDelivered(ctx, r, f) },
		seal: func(ctx context.Context, also ...ledger.Also) error {
			return g.Ledger.Clear(ctx, r.ID, "to be deleted in its gateway, some time after it was delivered", ledger.BySweep, also...)
		}})
}

// stillDelivered makes sure, at the last moment, that what was found is what every
// registry has. Where it is something else the feed will show it.
func (g *Gate) stillDelivered(ctx context.Context, r ledger.Report, f *found) error {
	deliveries, err := g.Ledger.Deliveries(ctx, r.ID)
	if err != nil {
		return err
	}
	if f.doc == nil || !allDelivered(deliveries, f.digest) {
		return fmt.Errorf("%w: it is not what every registry has", errKept)
	}
	if g.Now().Before(f.received.ReceptionDate.Add(g.ClearAfter)) {
		return fmt.Errorf("%w: it has just come again", errKept)
	}
	return nil
}

// allDelivered reports whether a report went somewhere, and everywhere it goes has
// the data set with a digest.
func allDelivered(deliveries []ledger.Delivery, digest string) bool {
	for _, d := range deliveries {
		if d.State != ledger.Delivered || d.SentDigest != digest {
			return false
		}
	}
	return len(deliveries) > 0
}
