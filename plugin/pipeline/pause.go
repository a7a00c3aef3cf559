package pipeline

import (
	"context"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
)

// A registry that refuses not a report but us is paused as a whole. The ledger
// keeps that, so that a page can show it, and the next start or the next one
// that leads knows of it.

// remember takes up the pause that an earlier start left. A configuration or
// password that was mended is read at a start: one report is tried at once,
// whatever the pause was.
func (d *deliverer) remember(ctx context.Context) {
	pauses, err := d.Ledger.Pauses(ctx)
	if err != nil && ctx.Err() == nil {
		d.log.Error("cannot read whether the registry is paused", "error", err)
	}
	for _, p := range pauses {
		if p.Registry == d.to.Name() {
			d.circuit.suspect(p.Refusals)
			d.log.Info("the registry refused every report at the last start: trying it again", "because", p.Why)
		}
	}
}

// refused pauses the whole registry. It is said once a pause.
func (d *deliverer) refused(ctx context.Context, err error) time.Duration {
	wait, refusals, news := d.circuit.refused(d.steadyNow())
	if !news {
		return wait
	}
	d.log.Error("the registry refuses every report: its queue waits until this is mended; a changed configuration or password is read at the next start",
		"error", err, "next_attempt_in", wait)
	p := ledger.Pause{Registry: d.to.Name(), Until: d.Now().Add(wait), Refusals: refusals, Why: err.Error()}
	if err := d.Ledger.Pause(ctx, p); err != nil {
		d.log.Error("cannot note that the registry is paused", "error", err)
	}
	return wait
}

// answered notes that the registry deals with reports, which ends the pause.
func (d *deliverer) answered(ctx context.Context) {
	if !d.circuit.answered() {
		return
	}
	d.log.Info("the registry takes reports again")
	if err := d.Ledger.Resume(ctx, d.to.Name()); err != nil {
		d.log.Error("cannot note that the registry is paused no more", "error", err)
	}
}
