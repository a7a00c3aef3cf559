package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanc"
)

// delete is the only place where anything is deleted in Orthanc. What is about
// to go is noted first, so that a stop between deleting and recording is told
// from a deletion by somebody else.
func (g *Gate) delete(ctx context.Context, src *Source, r ledger.Report, record func() error) error {
	if src.Archive {
		return fmt.Errorf("source %s is an archive: nothing in it is ever deleted", src.Name)
	}
	if err := g.finishDeletion(ctx, r); err != nil {
		return err
	}
	if err := g.Ledger.SetSetting(ctx, g.deletionSetting(), []byte(r.ID)); err != nil {
		return err
	}
	g.step("before delete")
	if err := src.Client.DeleteInstance(ctx, r.OrthancID); err != nil && !errors.Is(err, orthanc.ErrNotFound) {
		return err
	}
	g.step("after delete")
	if err := record(); err != nil {
		return fmt.Errorf("record that report %s was deleted: %w", r.ID, err)
	}
	g.Log.Info("deleted in Orthanc", at(r.ID), "source", src.Name, "state", r.State, "reason_code", r.ReasonCode)
	// The same report may come again, and be deleted by somebody else then.
	return g.Ledger.SetSetting(ctx, g.deletionSetting(), nil)
}

// finishDeletion records what came of an earlier deletion that was cut short,
// before next takes its place in the note.
func (g *Gate) finishDeletion(ctx context.Context, next ledger.Report) error {
	id, _, err := g.Ledger.Setting(ctx, g.deletionSetting())
	if err != nil || len(id) == 0 || string(id) == next.ID {
		return err
	}
	r, err := g.Ledger.Get(ctx, string(id))
	if err != nil {
		return err
	}
	src, err := g.source(r.Source)
	if err != nil {
		return nil // nobody can tell any more
	}
	_, err = src.Client.Received(ctx, r.OrthancID)
	if !errors.Is(err, orthanc.ErrNotFound) {
		return err // it was not deleted, or that cannot be told yet
	}
	if err = g.recordDeleted(ctx, r, ledger.BySweep); errors.Is(err, ledger.ErrConflict) {
		return nil // it was recorded
	}
	return err
}

// recordDeleted records that a report was deleted before the last stop.
func (g *Gate) recordDeleted(ctx context.Context, r ledger.Report, by string) error {
	if r.State == ledger.Accepted {
		return g.Ledger.Clear(ctx, r.ID, "deleted in its gateway before the last stop, some time after it was delivered", by)
	}
	return g.Ledger.Discard(ctx, r.ID, "deleted before the last stop", by)
}

// wasDeleting reports whether this process was about to delete the report when
// it ended.
func (g *Gate) wasDeleting(ctx context.Context, r ledger.Report) (bool, error) {
	id, _, err := g.Ledger.Setting(ctx, g.deletionSetting())
	return string(id) == r.ID, err
}

// deletionSetting is where the deletion under way is noted: one for serve, one
// for each command beside it.
func (g *Gate) deletionSetting() string { return "deletion under way" + g.deletionOwner }
