package pipeline

import (
	"context"
	"fmt"
	"slices"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
)

// SendAlso sends an accepted report to a registry that it did not go to before, because
// a person says so: where the report would go there if it came today. A route that is
// added later is no reason to send years of reports.
func (g *Gate) SendAlso(ctx context.Context, r ledger.Report, registry, by string) error {
	v, err := g.decideAgain(ctx, r)
	if err != nil {
		return err
	}
	if v.Action != filter.Accept {
		return fmt.Errorf("report %s would be held if it came today: %s", r.ID, v.Reason)
	}
	if !slices.Contains(g.registries(v), registry) {
		return fmt.Errorf("report %s does not go to registry %s (%s): its station's entry or a route has to name it", r.ID, registry, v.Route)
	}
	if err := g.Ledger.SendAlso(ctx, r.ID, registry, by); err != nil {
		return err
	}
	g.doorbell.ring()
	return nil
}
