package pipeline

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanc"
)

const (
	// archivePage is how many lines of an archive's feed are read at once: 600 KB.
	archivePage = 2000
	// mostAhead is more than the numbers by which reports of an archive can be
	// recorded ahead of the position in its feed.
	mostAhead = 100_000
)

// archivePage takes one page of an archive's feed in, and asks what its lines are
// about when it is time to.
func (f *follower) archivePage(ctx context.Context, at position) (more bool, err error) {
	u := f.unsettled
	if u == nil || u.base != at.base || u.from != at.feed {
		u = newUnsettled(at, u)
		f.unsettled = u
	}
	if !u.again { // what failed is settled before more is read
		if more, err = f.readOn(ctx, at, u); err != nil || f.unsettled != u {
			return more, err
		}
	}
	all := u.due(f.steadyNow(), f.src.Poll, f.src.rung.Swap(false))
	readAgain, err := f.settleAll(ctx, u, all)
	if err = errors.Join(err, f.pass(ctx, u, nil)); err != nil || readAgain {
		return readAgain, err
	}
	f.countImages(ctx, false)
	if err := f.catchUp(ctx); err != nil || more || len(u.open) > 0 {
		return more, err
	}
	return false, f.reconcile(ctx, at.base+u.upTo)
}

// readOn reads the lines behind those that were read.
func (f *follower) readOn(ctx context.Context, at position, u *unsettled) (more bool, err error) {
	changes, err := f.src.Client.Changes(ctx, u.upTo, archivePage)
	if err != nil {
		return false, err
	}
	at.feed = u.upTo
	if len(changes.Changes) == 0 && changes.Last < at.feed {
		_, err := f.beginAnew(ctx, at)
		f.unsettled = nil
		return true, err
	}
	if err := f.noteLost(ctx, at, changes); err != nil {
		return false, err
	}
	u.add(changes, f.steadyNow())
	return !changes.Done, nil
}

// settleAll asks about new series, and if it is time to about all other instances,
// until it is known of every line what it is about. What it comes upon is recorded at
// once. Where instances turn out to be deleted the feed is to be read again from the
// position on: it has no lines about them any more.
func (f *follower) settleAll(ctx context.Context, u *unsettled, all bool) (readAgain bool, err error) {
	u.again = true
	for len(u.series) > 0 || all && len(u.open) > 0 {
		series, samples := u.question(all)
		u.spend(1)
		contents, err := f.src.Client.Contents(ctx, slices.Concat(series, samples))
		if err != nil {
			return false, err
		}
		for _, c := range contents {
			if err := f.settle(ctx, u, c); err != nil {
				return false, err
			}
		}
		u.series = u.series[len(series):]
		gone, err := f.settleGone(ctx, u, samples)
		if err != nil {
			return false, err
		}
		if gone && len(u.open) > 0 && !u.reread {
			f.unsettled = u.anew()
			return true, nil
		}
	}
	u.again = false
	return false, nil
}

// settle settles the lines about instances of a series.
func (f *follower) settle(ctx context.Context, u *unsettled, c orthanc.Content) error {
	f.within = &c
	defer func() { f.within = nil }()
	var reports []ledger.Seen
	for _, id := range c.Instances {
		l := u.open[id]
		switch {
		case l == nil:
			continue
		case !c.SR():
			f.images.add(c, l.Change)
		default:
			if err := f.takeLine(ctx, u, l, &reports); err != nil {
				return errors.Join(err, f.pass(ctx, u, reports))
			}
		}
		u.settle(l)
	}
	if len(reports) == 0 {
		return nil
	}
	u.earn(float64(len(reports)) * savedByReport)
	return f.pass(ctx, u, reports)
}

// takeLine looks at what a line is about, as every line of a gateway is looked at.
func (f *follower) takeLine(ctx context.Context, u *unsettled, l *line, reports *[]ledger.Seen) error {
	var page ledger.Page
	if err := f.change(ctx, &page, u.base, l.Change); err != nil {
		return err
	}
	l.ignored = page.Ignored
	*reports = append(*reports, page.Reports...)
	return nil
}

// settleGone settles the samples that no series has: most likely they were deleted
// since, and others with them. One is enough to know, unless that was known before.
func (f *follower) settleGone(ctx context.Context, u *unsettled, samples []string) (gone bool, err error) {
	for _, id := range samples {
		l := u.open[id]
		if l == nil || gone && !u.reread {
			continue
		}
		var reports []ledger.Seen
		if err := f.takeLine(ctx, u, l, &reports); err != nil {
			return gone, err
		}
		u.settle(l)
		if err := f.pass(ctx, u, reports); err != nil {
			return gone, err
		}
		gone = gone || len(reports)+len(l.ignored) == 0
	}
	return gone, nil
}

// pass moves the position behind the lines of which all is known, and records the
// reports that were found, which may lie further ahead.
func (f *follower) pass(ctx context.Context, u *unsettled, reports []ledger.Seen) error {
	page, passed := u.passed()
	page.Reports = reports
	if page.Seq <= u.base+u.from && len(reports) == 0 {
		return nil
	}
	f.step("before record")
	if err := f.Ledger.Record(ctx, f.src.Name, page); err != nil {
		return err
	}
	f.step("after record")
	u.drop(passed, page)
	f.refused = make(map[string]int)
	f.tell(ctx, reports)
	return nil
}

// rest is how long nobody looks at the feed. A question for which nothing was saved
// up takes the place of a look.
func (f *follower) rest() time.Duration {
	if f.unsettled != nil && f.unsettled.saved < 0 {
		f.unsettled.saved++
		return 2 * f.src.Poll
	}
	return f.src.Poll
}
