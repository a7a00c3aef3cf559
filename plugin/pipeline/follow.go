package pipeline

import (
	"context"
	"log/slog"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanc"
)

// pageSize is how many lines of the feed are taken into the ledger at once.
const pageSize = 200

// follower reads one source's feed.
type follower struct {
	*Gate
	src      *Source
	log      *slog.Logger
	stations map[string]string // series to Station Name, of ignored instances
	refused  map[string]int    // instance to failed attempts
	failing  bool              // the source did not answer the last time
	since    time.Time         // when that began, by the steady clock
	met      bool              // since it last did not answer, it was seen to be the one it was
	lost     lostLines
	// of an archive alone
	unsettled *unsettled
	images    images
	within    *orthanc.Content // the series that is looked at just now, where it is known
	round     time.Time        // nobody looks for missed reports before, by the steady clock
}

func newFollower(g *Gate, src *Source) *follower {
	return &follower{Gate: g, src: src, log: g.Log.With("source", src.Name),
		stations: make(map[string]string), refused: make(map[string]int)}
}

// run follows until the context ends.
func (f *follower) run(ctx context.Context) {
	defer f.countImages(context.WithoutCancel(ctx), true)
	for {
		more, err := f.page(ctx)
		f.report(ctx, err)
		if err != nil || !more {
			if !f.src.ringer().wait(ctx, f.rest()) {
				return
			}
		}
	}
}

// report logs a source that stops answering once, and that it is back.
func (f *follower) report(ctx context.Context, err error) {
	if err == nil {
		f.src.read.Store(f.Now().Unix())
	}
	switch {
	case ctx.Err() != nil:
	case err != nil && !f.failing:
		f.failing, f.met, f.since = true, false, f.steadyNow()
		f.log.Error("cannot follow the source, trying on", "error", err)
	case err == nil && f.failing:
		f.failing = false
		f.log.Info("following the source again")
		if f.steadyNow().Sub(f.since) > time.Minute { // its queue waits for longer and longer
			f.hurry(ctx)
			f.doorbell.ring()
		}
	}
}

// page takes one page of the feed into the ledger; more tells that the feed
// has more to give at once.
func (f *follower) page(ctx context.Context) (more bool, err error) {
	at, err := f.position(ctx)
	if err == nil && !f.met {
		at, err = f.meet(ctx, at)
	}
	if err != nil {
		return false, err
	}
	if f.src.Archive {
		return f.archivePage(ctx, at)
	}
	changes, err := f.src.Client.Changes(ctx, at.feed, pageSize)
	if err != nil {
		return false, err
	}
	if len(changes.Changes) == 0 && changes.Last < at.feed {
		_, err := f.beginAnew(ctx, at)
		return true, err
	}
	if err := f.noteLost(ctx, at, changes); err != nil {
		return false, err
	}
	if changes.Last > at.feed {
		if err := f.take(ctx, at, changes); err != nil {
			return false, err
		}
	}
	return !changes.Done, f.catchUp(ctx)
}

// take takes the lines of a page into the ledger.
func (f *follower) take(ctx context.Context, at position, changes orthanc.Changes) error {
	page := ledger.Page{Seq: at.base + changes.Last}
	for _, c := range changes.Changes {
		page.Mark = c.Mark()
		if !c.NewInstance() {
			continue
		}
		if err := f.change(ctx, &page, at.base, c); err != nil {
			return err
		}
	}
	f.step("before record")
	if err := f.Ledger.Record(ctx, f.src.Name, page); err != nil {
		return err
	}
	f.step("after record")
	f.refused = make(map[string]int)
	f.tell(ctx, page.Reports)
	return nil
}

// tell says what was recorded: to whoever delivers, in the log and in Orthanc.
func (f *follower) tell(ctx context.Context, reports []ledger.Seen) {
	if len(reports) > 0 {
		f.doorbell.ring()
		f.announce(ctx, reports)
	}
}

// sleep waits for a time or the end of the context, false for the latter.
func sleep(ctx context.Context, d time.Duration) bool {
	return doorbell{}.wait(ctx, d)
}
