package survey

import (
	"context"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/pipeline"
)

// Registry is how a registry and its queue are.
type Registry struct {
	RegistryOptions
	ledger.Backlog
	Rejected int64 // and not sent again since
	Refuses  bool  // us as a whole
	Why      string
	Stopped  *pipeline.Stop // by a person, nil where it is not
}

// Behind is how much longer the first of its queue has waited than it should on
// purpose; 0 where nothing waits.
func (r Registry) Behind(now time.Time) time.Duration {
	if r.Queued == 0 {
		return 0
	}
	return max(0, now.Sub(r.Oldest)-r.Waits)
}

func (s *Survey) registries(ctx context.Context, o Options) error {
	pauses, err := o.Ledger.Pauses(ctx)
	if err != nil {
		return err
	}
	for _, c := range o.Registries {
		r := Registry{RegistryOptions: c}
		if r.Backlog, err = o.Ledger.Backlog(ctx, c.Name); err != nil {
			return err
		}
		for _, t := range s.Totals {
			if t.Registry == c.Name && t.State == ledger.Rejected {
				r.Rejected += t.Count
			}
		}
		for _, p := range pauses {
			if p.Registry == c.Name {
				r.Refuses, r.Why = true, p.Why
			}
		}
		stop, stopped, err := pipeline.Stopped(ctx, o.Ledger, c.Name)
		if err != nil {
			return err
		}
		if stopped {
			r.Stopped = &stop
		}
		s.Registries = append(s.Registries, r)
	}
	return nil
}

// Source is how an Orthanc and the reading of its feed are.
type Source struct {
	SourceOptions
	Position int64     // in the feed, as the ledger counts it
	LastRead time.Time // zero where it is not read here, or was not yet
	Missing  *pipeline.Missing
	Unmarked int64 // reports whose marks are still to be written
}

func (s *Survey) sources(ctx context.Context, o Options, gate *pipeline.Gate) error {
	unmarked, err := o.Ledger.UnmarkedCounts(ctx)
	if err != nil {
		return err
	}
	for _, c := range o.Sources {
		src := Source{SourceOptions: c, Unmarked: unmarked[c.Name]}
		at, _, err := o.Ledger.Position(ctx, c.Name)
		if err != nil {
			return err
		}
		missing, is, err := pipeline.MissingFrom(ctx, o.Ledger, c.Name)
		if err != nil {
			return err
		}
		src.Position = at.Seq
		if is {
			src.Missing = &missing
		}
		if gate != nil {
			for _, followed := range gate.Sources {
				if followed.Name == c.Name {
					src.LastRead = followed.LastRead()
				}
			}
		}
		s.Sources = append(s.Sources, src)
	}
	return nil
}
