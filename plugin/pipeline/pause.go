package pipeline

import (
	"context"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
)

// A registry that refuses not a report but us is paused as a whole. The ledger
// keeps that: a restart, or the next one that leads, does not begin by being
// refused again, and a page can show it.

// remember takes up the pause that an earlier start left.
func (d *deliverer) remember(ctx context.Context) {
	pauses, err := d.Ledger.Pauses(ctx)
	if err != nil {
		d.log.Error("cannot read whether the registry is paused", "error", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range pauses {
		if p.Registry != d.to.Name() {
			continue
		}
		// A configuration or password that was mended is read at a start: one
		// attempt is due at once, whatever the pause was.
		d.refusals = p.Refusals
		d.log.Info("the registry refused every report at the last start: trying it again", "because", p.Why)
	}
}

// refused pauses the whole registry. It is said once a pause.
func (d *deliverer) refused(ctx context.Context, err error) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	wait := min(time.Minute<<min(d.refusals, 4), 15*time.Minute)
	now := d.Now()
	if !d.pausedUntil.Before(now) {
		return wait
	}
	d.refusals++
	d.pausedUntil = now.Add(wait)
	d.log.Error("the registry refuses every report: its queue waits until this is mended; a changed configuration or password is read at the next start",
		"error", err, "next_attempt_in", wait)
	p := ledger.Pause{Registry: d.to.Name(), Until: d.pausedUntil, Refusals: d.refusals, Why: err.Error()}
	if err := d.Ledger.Pause(ctx, p); err != nil {
		d.log.Error("cannot note that the registry is paused", "error", err)
	}
	return wait
}

// welcome ends the pause.
func (d *deliverer) welcome(ctx context.Context) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.refusals == 0 {
		return
	}
	d.refusals, d.pausedUntil = 0, time.Time{}
	d.log.Info("the registry takes reports again")
	if err := d.Ledger.Resume(ctx, d.to.Name()); err != nil {
		d.log.Error("cannot note that the registry is paused no more", "error", err)
	}
}
