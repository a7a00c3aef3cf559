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
	f.log.Info("following the source for the first time", "from_change", start)
	return f.Ledger.SetPosition(ctx, f.src.Name, ledger.Position{Seq: start})
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
	base := at.base + at.feed
	return position{base: base}, f.Ledger.SetSetting(ctx, f.baseSetting(), []byte(strconv.FormatInt(base, 10)))
}

// meet makes sure, at the start and when a source answers again, that its feed is
// the one that was read: the last line of it has to be what it was. Where that line
// is gone nothing can be told.
func (f *follower) meet(ctx context.Context, at position) (position, error) {
	same, err := f.same(ctx, at)
	if err == nil && !same {
		at, err = f.beginAnew(ctx, at)
	}
	f.met = err == nil
	return at, err
}

// same says whether a feed is the one that was read, as far as that can be told.
func (f *follower) same(ctx context.Context, at position) (bool, error) {
	if at.feed == 0 {
		return true, nil
	}
	page, err := f.src.Client.Changes(ctx, at.feed-1, 1)
	switch {
	case err != nil:
		return false, err
	case len(page.Changes) == 0:
		return page.Last >= at.feed, nil
	}
	last := page.Changes[0]
	return last.Seq != at.feed || at.mark == "" || last.Mark() == at.mark, nil
}

// tooOld says whether a report that the ledger does not know came before the time
// from which on the source is followed. The feed of a source that is followed from
// now on shows what came before only when it is read again.
func (f *follower) tooOld(ctx context.Context, seen *found, again bool) (bool, error) {
	from := f.src.Since.From
	if f.src.Since.Now && again {
		var err error
		if from, err = f.began(ctx); err != nil {
			return false, err
		}
	}
	received := seen.received.ReceptionDate
	return !received.IsZero() && received.Before(from), nil
}
