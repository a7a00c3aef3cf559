package pipeline

import (
	"context"
	"strconv"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
)

// position is where the source's feed was read up to. Every new database of
// an Orthanc counts from one again: base is what its numbers are raised by in
// the ledger, so that there a newer change always has a greater number.
type position struct {
	base, feed int64
	mark       string // of the last line
}

// position is read again for every page: what was recorded is in the ledger alone.
func (f *follower) position(ctx context.Context) (position, error) {
	known, ok, err := f.Ledger.Position(ctx, f.src.Name)
	if err == nil && !ok {
		if err = f.firstStart(ctx); err == nil {
			known, _, err = f.Ledger.Position(ctx, f.src.Name)
		}
	}
	if err != nil {
		return position{}, err
	}
	base, err := f.base(ctx)
	return position{base, known.Seq - base, known.Mark}, err
}

func (f *follower) baseSetting() string { return "feed base " + f.src.Name }

func (f *follower) base(ctx context.Context) (int64, error) {
	text, ok, err := f.Ledger.Setting(ctx, f.baseSetting())
	if err != nil || !ok {
		return 0, err
	}
	return strconv.ParseInt(string(text), 10, 64)
}

// firstStart settles where a source that was never followed begins. From now on
// means, also where its feed has to be read anew later: from this moment of its
// clock.
func (f *follower) firstStart(ctx context.Context) error {
	start := int64(0)
	if f.src.Since.Now {
		now, err := f.src.Client.Now(ctx)
		if err != nil {
			return err
		}
		if start, err = f.src.Client.LastChange(ctx); err != nil {
			return err
		}
		if err := f.Ledger.SetSetting(ctx, f.beganSetting(), []byte(now.Format(time.RFC3339))); err != nil {
			return err
		}
	}
	p, err := f.marked(ctx, start)
	if err != nil {
		return err
	}
	f.log.Info("following the source for the first time", "from_change", start)
	return f.Ledger.SetPosition(ctx, f.src.Name, p)
}

// marked is the position at a line of the feed, with its mark if it is still there.
func (f *follower) marked(ctx context.Context, seq int64) (ledger.Position, error) {
	p := ledger.Position{Seq: seq}
	if seq == 0 {
		return p, nil
	}
	page, err := f.src.Client.Changes(ctx, seq-1, 1)
	if err == nil && len(page.Changes) > 0 && page.Changes[0].Seq == seq {
		p.Mark = page.Changes[0].Mark()
	}
	return p, err
}

func (f *follower) beganSetting() string { return "followed since, " + f.src.Name }

// began is when a source that is followed from now on began to be, zero for others.
func (f *follower) began(ctx context.Context) (time.Time, error) {
	text, ok, err := f.Ledger.Setting(ctx, f.beganSetting())
	if err != nil || !ok {
		return time.Time{}, err
	}
	return time.Parse(time.RFC3339, string(text))
}

// beginAnew starts from the first line of the feed of an Orthanc that has another
// database than before, restored or new.
func (f *follower) beginAnew(ctx context.Context, at position) (position, error) {
	f.log.Warn("the source has another database than before: reading its feed from the start",
		"read_up_to", at.feed)
	if err := f.Ledger.SetSetting(ctx, otherSetting(f.src.Name), []byte("not looked through")); err != nil {
		return position{}, err
	}
	f.sweepSoon.Store(true)
	base := at.base + at.feed
	if f.src.Archive { // its reports may be recorded ahead of the position
		base += mostAhead
		if err := f.Ledger.SetPosition(ctx, f.src.Name, ledger.Position{Seq: base}); err != nil {
			return position{}, err
		}
	}
	return position{base: base}, f.Ledger.SetSetting(ctx, f.baseSetting(), []byte(strconv.FormatInt(base, 10)))
}

// meet makes sure, at the start and when a source answers again, that its feed is
// the one that was read: the last line of it has to be what it was. Where that line
// is gone nothing can be told, and lines before it may be others than those read. A
// gateway is looked through in any case: a backup that was put back may hold what
// was deleted since, which no line tells of, and there is little to look through.
func (f *follower) meet(ctx context.Context, at position) (position, error) {
	same, err := f.same(ctx, at)
	switch {
	case err != nil:
	case same == isOther:
		at, err = f.beginAnew(ctx, at)
	case same == isUnknown || !f.src.Archive:
		err = f.noteLostUpTo(ctx, at.base+at.feed)
	}
	f.met = err == nil
	f.warn(ctx)
	return at, err
}

// warn says by which of its settings a gateway loses reports: it may have been
// started with others.
func (f *follower) warn(ctx context.Context) {
	if f.src.Archive {
		return
	}
	system, err := f.src.Client.System(ctx)
	if err != nil {
		return // whoever follows says so
	}
	for _, words := range system.Careless() {
		f.log.Warn("the source is set to lose reports", "because", words)
	}
}

// sameness is whether a feed is the one that was read.
type sameness int

const (
	isSame sameness = iota
	isOther
	isUnknown // the line that would tell is gone
)

func (f *follower) same(ctx context.Context, at position) (sameness, error) {
	if at.feed == 0 {
		return isSame, nil
	}
	page, err := f.src.Client.Changes(ctx, at.feed-1, 1)
	switch {
	case err != nil:
		return isUnknown, err
	case len(page.Changes) == 0 && page.Last < at.feed:
		return isOther, nil
	case len(page.Changes) == 0 || page.Changes[0].Seq != at.feed || at.mark == "":
		return isUnknown, nil
	case page.Changes[0].Mark() != at.mark:
		return isOther, nil
	}
	return isSame, nil
}

// tooOld says whether a report that the ledger does not know came before the time
// from which on the source is followed. The feed of a source that is followed from
// now on shows what came before only when it is read again.
func (f *follower) tooOld(ctx context.Context, received time.Time, again bool) (bool, error) {
	from := f.src.Since.From
	if f.src.Since.Now && again {
		var err error
		if from, err = f.began(ctx); err != nil {
			return false, err
		}
	}
	return !received.IsZero() && received.Before(from), nil
}
