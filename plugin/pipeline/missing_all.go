package pipeline

import (
	"context"
	"errors"

	"github.com/dosegate/dosegate/plugin/ledger"
)

// AllMissing looks for every report that waits in a source, held or queued, and
// gives those that are gone, and for how many it looked.
func (g *Gate) AllMissing(ctx context.Context, src *Source) (gone []ledger.Report, looked int, err error) {
	expected, err := g.expected(ctx, src, 0)
	if err != nil {
		return nil, 0, err
	}
	for _, r := range expected {
		there, err := there(ctx, src, r)
		if err != nil {
			return nil, looked, err
		}
		looked++
		if !there {
			gone = append(gone, r)
		}
	}
	return gone, looked, nil
}

// Lost withdraws reports of a source because a person says that they are lost, and
// ends the doubt about the others. Of one that was settled meanwhile nothing changes.
func (g *Gate) Lost(ctx context.Context, src *Source, gone []ledger.Report, by string) (withdrawn int, err error) {
	for _, r := range gone {
		err := g.Ledger.Withdraw(ctx, r.ID, by)
		if errors.Is(err, ledger.ErrConflict) {
			continue
		}
		if err != nil {
			return withdrawn, err
		}
		withdrawn++
	}
	return withdrawn, g.forgetMissing(ctx, src.Name)
}
