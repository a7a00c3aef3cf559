package pipeline

import (
	"context"
	"errors"
	"math"
	"strconv"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanc"
)

// lostLines are lines of a feed that vanished before they were read: somebody
// emptied the feed, or deleted what they were about. Whatever they told of and is
// still there is found by looking through all that the source holds.
type lostLines struct {
	known   bool            // read from the ledger, which keeps it over a restart
	upTo    int64           // the ledger's number of the last one; 0: none is lost
	next    time.Time       // nobody looks before, by the steady clock
	looking bool            // just now
	others  map[string]bool // instances that are no dose reports
}

const (
	// betweenLooks is the least time from one look through a source to the next.
	betweenLooks = 10 * time.Minute
	// othersKept is how many instances are remembered as no dose reports.
	othersKept = 200_000
)

func (f *follower) lostSetting() string { return "feed lines lost, " + f.src.Name }

// noteLost notes that there are numbers before a page that no line has any more.
func (f *follower) noteLost(ctx context.Context, at position, page orthanc.Changes) error {
	before := page.Last
	if len(page.Changes) > 0 {
		before = page.Changes[0].Seq - 1
	}
	if before <= at.feed {
		return nil
	}
	return f.noteLostUpTo(ctx, at.base+before)
}

func (f *follower) noteLostUpTo(ctx context.Context, last int64) error {
	if last <= f.lost.upTo {
		return nil
	}
	f.lost.upTo = last
	return f.Ledger.SetSetting(ctx, f.lostSetting(), []byte(strconv.FormatInt(f.lost.upTo, 10)))
}

// catchUp looks for what lost lines were about. Where that fails the feed goes on,
// and it is tried again later.
func (f *follower) catchUp(ctx context.Context) error {
	if !f.lost.known {
		text, ok, err := f.Ledger.Setting(ctx, f.lostSetting())
		if err != nil {
			return err
		}
		if ok && len(text) > 0 {
			if f.lost.upTo, err = strconv.ParseInt(string(text), 10, 64); err != nil {
				return err
			}
		}
		f.lost.known = true
	}
	if f.lost.upTo == 0 || f.steadyNow().Before(f.lost.next) {
		return nil
	}
	f.lost.next, f.lost.looking = f.steadyNow().Add(betweenLooks), true
	n, err := f.lookThrough(ctx)
	f.lost.looking = false
	if err != nil {
		if ctx.Err() == nil {
			f.log.Warn("lines of the feed vanished before they were read, and the source cannot be looked through: trying later", "error", err)
		}
		return nil
	}
	f.log.Info("lines of the feed vanished before they were read: looked through the source", "found", n)
	f.lost.upTo = 0
	return f.Ledger.SetSetting(ctx, f.lostSetting(), nil)
}

// lookThrough records the reports that the source holds and the ledger does not
// know of, as if the last lost line told of them. It says how many.
func (f *follower) lookThrough(ctx context.Context) (n int, err error) {
	ids, err := f.stored(ctx)
	if err != nil {
		return 0, err
	}
	under, err := f.underDeletion(ctx)
	if err != nil {
		return 0, err
	}
	if len(f.lost.others) > othersKept || f.lost.others == nil {
		f.lost.others = make(map[string]bool)
	}
	page := ledger.Page{}
	for i, id := range ids {
		known, missed, err := f.missed(ctx, id)
		if received, ours := under[id]; err == nil && missed && ours {
			missed, err = f.cameAgain(ctx, id, received)
		}
		if err == nil && missed {
			err = f.change(ctx, &page, 0, orthanc.Change{Seq: max(f.lost.upTo, known.Seq+1), ID: id})
		}
		if err != nil {
			return n, err
		}
		if len(page.Ignored) > 0 { // counted when its line was read, if it was
			f.lost.others[id], page.Ignored = true, nil
		}
		if len(page.Reports) == pageSize || i == len(ids)-1 {
			if err := f.Ledger.Record(ctx, f.src.Name, page); err != nil {
				return n, err
			}
			f.tell(ctx, page.Reports)
			n, page = n+len(page.Reports), ledger.Page{}
		}
	}
	return n, nil
}

// stored lists what may be a report: all in a gateway, which holds nothing else.
func (f *follower) stored(ctx context.Context) ([]string, error) {
	if f.src.Archive {
		return f.src.Client.InstancesOf(ctx, "SR")
	}
	return f.src.Client.Instances(ctx)
}

// underDeletion are the instances that we are about to delete ourselves, and when
// Orthanc received them.
func (f *follower) underDeletion(ctx context.Context) (map[string]time.Time, error) {
	list, err := f.Ledger.Deletions(ctx, f.src.Name, math.MaxInt32) // all: what is not among them would be taken for come again
	under := make(map[string]time.Time)
	for _, d := range list {
		under[d.Report.OrthancID] = d.Received
	}
	return under, err
}

// cameAgain says whether an instance is another one than Orthanc had received at a
// time.
func (f *follower) cameAgain(ctx context.Context, id string, before time.Time) (bool, error) {
	received, err := f.src.Client.Received(ctx, id)
	if errors.Is(err, orthanc.ErrNotFound) {
		return false, nil
	}
	return err == nil && !received.ReceptionDate.Equal(before), err
}

// missed says whether an instance is one that the ledger does not expect there, and
// what it knows of it. What has expired in an archive lies there for ever.
func (f *follower) missed(ctx context.Context, id string) (r ledger.Report, missed bool, err error) {
	if f.lost.others[id] {
		return r, false, nil
	}
	r, known, err := f.Ledger.Lookup(ctx, f.src.Name, id)
	switch {
	case err != nil:
	case !known:
		missed, err = f.youngEnough(ctx, id)
	case r.State == ledger.Expired:
		missed = !f.src.Archive
	default:
		missed = r.State == ledger.Withdrawn || !r.ClearedAt.IsZero()
	}
	return r, missed, err
}

// youngEnough asks when an instance came before its file is read: in an archive most
// are older than what is followed.
func (f *follower) youngEnough(ctx context.Context, id string) (bool, error) {
	received, err := f.src.Client.Received(ctx, id)
	if errors.Is(err, orthanc.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return true, nil // change has patience with it
	}
	old, err := f.tooOld(ctx, received.ReceptionDate, true)
	if old {
		f.lost.others[id] = true
	}
	return !old, err
}
