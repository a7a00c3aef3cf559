package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanc"
	"github.com/dosegate/dosegate/plugin/rdsr"
)

// some goes through some instances of a period.
func (b *backfill) some(ctx context.Context, p period, ids []string) error {
	if err := b.pace.Wait(ctx); err != nil {
		return err
	}
	noted, err := b.src.Client.ReceivedOf(ctx, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		elsewhere, err := b.elsewhere(ctx, p, id)
		if err != nil {
			return err
		}
		if elsewhere {
			continue
		}
		found, err := b.one(ctx, id, noted[id].SOPClassUID)
		if err != nil {
			return err
		}
		found.Month = p.month
		b.done++
		b.Found(found)
		b.Progress(b.done, b.total)
	}
	return nil
}

// elsewhere says whether an instance, listed with those without a date, has one, and so
// belongs to a period of its own.
func (b *backfill) elsewhere(ctx context.Context, p period, id string) (bool, error) {
	if !p.undated {
		return false, nil
	}
	if err := b.pace.Wait(ctx); err != nil {
		return false, err
	}
	date, err := b.src.Client.StudyDateOf(ctx, id)
	if errors.Is(err, orthanc.ErrNotFound) {
		return true, nil
	}
	_, wrong := time.Parse("20060102", date)
	return wrong == nil, err
}

// one decides on one instance.
func (b *backfill) one(ctx context.Context, id, class string) (Backfilled, error) {
	r, known, err := b.Ledger.Lookup(ctx, b.src.Name, id)
	switch {
	case err != nil:
		return Backfilled{}, err
	case known && r.State == ledger.Expired && !b.DryRun:
		if err := b.pace.Wait(ctx); err != nil {
			return Backfilled{}, err
		}
		done, err := b.Release(ctx, r, b.By)
		return outcome(done.Verdict, r.StationName, r.Template), err
	case known && r.State != ledger.Expired:
		return Backfilled{Outcome: BackfillKnown}, nil
	}
	if candidate, _ := rdsr.Candidate(class); !candidate && class != "" {
		return Backfilled{Outcome: BackfillNone}, nil
	}
	return b.fetch(ctx, id)
}

// fetch reads an instance that the ledger does not know, and records it.
func (b *backfill) fetch(ctx context.Context, id string) (Backfilled, error) {
	found, err := b.read(ctx, id)
	if errors.Is(err, orthanc.ErrNotFound) {
		return Backfilled{Outcome: BackfillNone}, nil
	}
	if err != nil {
		return Backfilled{}, err
	}
	stored := found.input.Stored()
	result := outcome(found.verdict, stored.StationName, stored.Template)
	if b.DryRun || result.Outcome == BackfillNone {
		return result, nil
	}
	report, err := b.seen(0, orthanc.Change{Seq: b.seq, ID: id}, found)
	if err != nil {
		return result, err
	}
	if err := b.Ledger.Record(ctx, b.src.Name, ledger.Page{Reports: []ledger.Seen{report}}); err != nil {
		return result, err
	}
	b.tell(ctx, []ledger.Seen{report})
	return result, nil
}

// read looks at an instance, and has patience with one that Orthanc does not give out.
func (b *backfill) read(ctx context.Context, id string) (*found, error) {
	first, err := b.Ledger.FirstReceived(ctx, id)
	if err != nil {
		return nil, err
	}
	for range patienceWithInstance {
		if err := b.pace.Wait(ctx); err != nil {
			return nil, err
		}
		found, err := b.look(ctx, b.src, id, first)
		if err == nil || errors.Is(err, orthanc.ErrNotFound) || ctx.Err() != nil {
			return found, err
		}
		if found, err = b.givenUp(ctx, orthanc.Change{ID: id}, err); err == nil {
			return found, nil
		}
	}
	return nil, fmt.Errorf("source %s does not give out a report: run it again, it goes on there", b.src.Name)
}

func outcome(v filter.Verdict, station, template string) Backfilled {
	switch v.Action {
	case filter.Accept:
		return Backfilled{Outcome: BackfillAccepted, Station: station, Template: template}
	case filter.Hold:
		return Backfilled{Outcome: BackfillHeld, Station: station, Template: template}
	}
	return Backfilled{Outcome: BackfillNone}
}
