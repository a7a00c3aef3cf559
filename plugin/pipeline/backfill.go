package pipeline

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/dosegate/dosegate/plugin/orthanc"
	"golang.org/x/time/rate"
)

// Backfill says what of the years of an archive is to be taken into the ledger, and
// who wants to know of it.
type Backfill struct {
	Studies   orthanc.StudyDates     // zero: all, also those without a date
	PerSecond float64                // instances that are asked about
	DryRun    bool                   // nothing is recorded
	By        string                 // who causes it
	Progress  func(done, total int)  // of structured reports in the archive
	Found     func(found Backfilled) // one of them
}

// Backfilled is what became, or would become, of one structured report.
type Backfilled struct {
	Outcome  Outcome
	Month    string // of its study, "2026-01", or in words
	Station  string // "" if it is no dose report, or in the ledger already
	Template string
}

// Outcome is what became of one.
type Outcome string

// What may become of one.
const (
	BackfillAccepted Outcome = "accepted"
	BackfillHeld     Outcome = "held"
	BackfillKnown    Outcome = "in the ledger already"
	BackfillNone     Outcome = "no dose report"
)

// backfillAtOnce is of how many instances the metadata are asked for at once, and
// after how many the place is kept.
const backfillAtOnce = 50

type backfill struct {
	*follower
	Backfill
	pace        *rate.Limiter
	at          backfillPlace
	seq         int64 // that what is found is recorded under
	done, total int
}

// backfillPlace is how far a backfill came. The ledger keeps it until it has come to
// its end.
type backfillPlace struct {
	Studies string `json:"studies"` // the bounds
	Period  string `json:"period"`  // done before it
	After   string `json:"after"`   // and in it up to this Orthanc ID
}

func backfillSetting(source string) string { return "backfill, " + source }

// Backfill takes the reports of an archive into the ledger that were there before it
// was followed, a month of studies after the other. It goes on where the last one with
// the same bounds was ended. What the ledger knows stays as it is; an expired report is
// decided again. It needs memory for a month's Orthanc IDs.
func (g *Gate) Backfill(ctx context.Context, src *Source, o Backfill) error {
	b := &backfill{follower: newFollower(g, src), Backfill: o, pace: rate.NewLimiter(rate.Limit(o.PerSecond), 1)}
	position, _, err := g.Ledger.Position(ctx, src.Name)
	if err == nil {
		b.seq = position.Seq
		err = b.resume(ctx)
	}
	if err != nil {
		return err
	}
	periods := b.periods()
	counts, err := b.count(ctx, periods)
	if err != nil {
		return err
	}
	from := max(0, slices.IndexFunc(periods, func(p period) bool { return p.name == b.at.Period }))
	for i, p := range periods {
		switch {
		case i < from:
			b.done += counts[i]
		case counts[i] > 0:
			if err := b.period(ctx, p); err != nil {
				return err
			}
		}
	}
	if o.DryRun {
		return nil
	}
	return g.Ledger.SetSetting(ctx, backfillSetting(src.Name), nil)
}

// resume finds the place where the last one was ended. A dry run begins anew.
func (b *backfill) resume(ctx context.Context) error {
	text, _, err := b.Ledger.Setting(ctx, backfillSetting(b.src.Name))
	if err != nil {
		return err
	}
	var last backfillPlace
	if len(text) > 0 && json.Unmarshal(text, &last) == nil && last.Studies == b.Studies.String() && !b.DryRun {
		b.at = last
	}
	b.at.Studies = b.Studies.String()
	return nil
}

func (b *backfill) keepPlace(ctx context.Context) error {
	if b.DryRun {
		return nil
	}
	text, err := json.Marshal(b.at)
	if err != nil {
		return err
	}
	return b.Ledger.SetSetting(ctx, backfillSetting(b.src.Name), text)
}

// count counts the structured reports of the periods, so that the time that remains can
// be told. It reads Orthanc's index alone.
func (b *backfill) count(ctx context.Context, periods []period) ([]int, error) {
	counts, dated := make([]int, len(periods)), 0
	for i, p := range periods {
		ids, err := b.instances(ctx, p)
		if err != nil {
			return nil, err
		}
		counts[i] = len(ids)
		switch {
		case p.undated:
			counts[i] = max(0, len(ids)-dated)
		case !p.open():
			dated += len(ids)
		}
		b.total += counts[i]
	}
	return counts, nil
}

// instances lists the structured reports of a period, or of the rest: all but those that
// Orthanc takes for old or for future ones, of which many have a date.
func (b *backfill) instances(ctx context.Context, p period) ([]string, error) {
	ids, err := b.list(ctx, p.dates)
	if err != nil || !p.undated {
		return ids, err
	}
	for _, other := range b.periods() {
		if !other.open() {
			continue
		}
		counted, err := b.list(ctx, other.dates)
		if err != nil {
			return nil, err
		}
		ids = slices.DeleteFunc(ids, func(id string) bool {
			_, is := slices.BinarySearch(counted, id)
			return is
		})
	}
	return ids, nil
}

func (b *backfill) list(ctx context.Context, dates orthanc.StudyDates) ([]string, error) {
	if err := b.pace.Wait(ctx); err != nil {
		return nil, err
	}
	ids, err := b.src.Client.InstancesOf(ctx, "SR", dates)
	slices.Sort(ids)
	return ids, err
}

// period goes through one period, from its place on.
func (b *backfill) period(ctx context.Context, p period) error {
	ids, err := b.instances(ctx, p)
	if err != nil {
		return err
	}
	if b.at.Period != p.name {
		b.at.Period, b.at.After = p.name, ""
	}
	first, found := slices.BinarySearch(ids, b.at.After)
	if found {
		first++
	}
	if !p.undated {
		b.done += first
	}
	for some := range slices.Chunk(ids[first:], backfillAtOnce) {
		if err := b.some(ctx, p, some); err != nil {
			return err
		}
		b.at.After = some[len(some)-1]
		if err := b.keepPlace(ctx); err != nil {
			return err
		}
	}
	return nil
}
