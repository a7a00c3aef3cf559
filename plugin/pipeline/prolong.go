package pipeline

import (
	"context"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
)

// Prolong lets a held report wait longer because a person says so.
func (g *Gate) Prolong(ctx context.Context, r ledger.Report, until time.Time, why, by string) error {
	src, err := g.source(r.Source)
	if err != nil {
		return err
	}
	if err := g.Ledger.Prolong(ctx, r.ID, until, why, by); err != nil {
		return err
	}
	g.Log.Info("waits longer", at(r.ID), "source", src.Name, "until", until, "by", by)
	return nil
}
