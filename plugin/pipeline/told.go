package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
)

// What a plugin inside Orthanc tells is a hint: the feed stays the truth.

// LookNow wakes the loops that follow the sources: something is there.
func (g *Gate) LookNow() {
	for _, src := range g.Sources {
		src.rung.Store(true)
		src.ringer().ring()
	}
}

// ringer is the bell that the source's loop sleeps by.
func (s *Source) ringer() doorbell {
	s.once.Do(func() { s.bell = newDoorbell() })
	return s.bell
}

// RefusedAtTheDoor stands for the SOP class of what Orthanc refused at C-STORE:
// nobody told which it was.
const RefusedAtTheDoor = "refused at the door"

// Refused counts what an Orthanc refused to a sender.
func (g *Gate) Refused(ctx context.Context, sender string, count uint32) error {
	source := ""
	if len(g.Sources) == 1 {
		source = g.Sources[0].Name
	}
	return g.Ledger.CountIgnored(ctx, ledger.IgnoredCount{Day: g.Now().UTC().Format("2006-01-02"), Source: source, Sender: sender,
		SOPClass: RefusedAtTheDoor, Count: int64(count)})
}

// CopyDiffers is told that a second copy of an instance came whose content is
// another: somebody changed the report on its way. What was not delivered yet
// waits for a person; of what was delivered the log speaks. Which Orthanc it came to
// is not told, and it does not matter: in all of them it is the same report.
func (g *Gate) CopyDiffers(ctx context.Context, orthancID string) error {
	known := false
	for _, src := range g.Sources {
		r, ok, err := g.Ledger.Lookup(ctx, src.Name, orthancID)
		if err == nil && ok {
			known, err = true, g.copyDiffers(ctx, src, r)
		}
		if err != nil {
			return err
		}
	}
	if !known {
		g.Log.Warn("a second copy with another content came of a report that is not in the ledger yet")
	}
	return nil
}

func (g *Gate) copyDiffers(ctx context.Context, src *Source, r ledger.Report) error {
	deliveries, err := g.Ledger.Deliveries(ctx, r.ID)
	if err != nil {
		return err
	}
	waits := r.State == ledger.Held
	for _, d := range deliveries {
		if !d.DeliveredAt.IsZero() {
			g.Log.Error("a second copy with another content came of a report that was delivered: compare them at its sender", at(r.ID), "registry", d.Registry)
		}
		waits = waits || r.State == ledger.Accepted && d.State == ledger.Queued
	}
	if !waits || waitsForPerson(r.ReasonCode) {
		return nil
	}
	v := filter.Verdict{Action: filter.Hold, ReasonCode: filter.Changed, Reason: "a second copy came under the same UID, with another content"}
	if err := g.hold(ctx, src, r, v, ledger.ByFollow); err != nil && !errors.Is(err, ledger.ErrConflict) {
		return fmt.Errorf("hold report %s: %w", r.ID, err)
	}
	return nil
}
