package pipeline

import (
	"context"
	"errors"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanc"
	"github.com/dosegate/dosegate/plugin/rdsr"
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
	// betweenRounds is how often an archive is looked at for reports that were missed,
	// and reconciled how old the studies are that it is looked at for.
	betweenRounds = 24 * time.Hour
	reconciled    = 14 * 24 * time.Hour
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
	f.lost.next = f.steadyNow().Add(betweenLooks)
	n, err := f.lookThrough(ctx)
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
	return f.takeIn(ctx, ids, f.lost.upTo)
}

// reconcile looks, after a start and then daily, for reports in an archive's studies
// of the last weeks that the ledger does not know of: what no line told of, for
// whatever reason.
func (f *follower) reconcile(ctx context.Context, seq int64) error {
	now := f.steadyNow()
	if now.Before(f.round) {
		return nil
	}
	f.round = now.Add(betweenLooks)
	ids, err := f.src.Client.InstancesOf(ctx, "SR", orthanc.StudyDates{From: f.Now().Add(-reconciled)})
	n := 0
	if err == nil {
		n, err = f.takeIn(ctx, ids, seq)
	}
	if err != nil {
		if ctx.Err() == nil {
			f.log.Warn("cannot look whether reports were missed, trying later", "error", err)
		}
		return nil
	}
	if n > 0 {
		f.log.Warn("reports were found that the feed did not tell of", "found", n)
	}
	f.round = now.Add(betweenRounds)
	return nil
}

// takeIn records those of the instances that are reports and that the ledger does not
// expect there, under a number of the feed. It says how many.
func (f *follower) takeIn(ctx context.Context, ids []string, seq int64) (n int, err error) {
	under, err := f.underDeletion(ctx)
	if err != nil {
		return 0, err
	}
	f.lost.looking = true
	defer func() { f.lost.looking = false }()
	if len(f.lost.others) > othersKept || f.lost.others == nil {
		f.lost.others = make(map[string]bool)
	}
	for some := range slices.Chunk(ids, pageSize) {
		missed, err := f.missed(ctx, some)
		if err != nil {
			return n, err
		}
		page := ledger.Page{}
		for _, m := range missed {
			if received, ours := under[m.id]; ours {
				if again, err := f.cameAgain(ctx, m.id, received); err != nil {
					return n, err
				} else if !again {
					continue
				}
			}
			if err := f.change(ctx, &page, 0, orthanc.Change{Seq: max(seq, m.seq+1), ID: m.id}); err != nil {
				return n, err
			}
			if len(page.Ignored) > 0 { // counted when its line was read, if it was
				f.lost.others[m.id], page.Ignored = true, nil
			}
		}
		if len(page.Reports) == 0 {
			continue
		}
		if err := f.Ledger.Record(ctx, f.src.Name, page); err != nil {
			return n, err
		}
		f.tell(ctx, page.Reports)
		n += len(page.Reports)
	}
	return n, nil
}

// stored lists what may be a report: all in a gateway, which holds nothing else.
func (f *follower) stored(ctx context.Context) ([]string, error) {
	if f.src.Archive {
		return f.src.Client.InstancesOf(ctx, "SR", orthanc.StudyDates{})
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

// missedReport is an instance that the ledger does not expect, or not any more.
type missedReport struct {
	id  string
	seq int64 // of the line that told of it last; 0: none did
}

// missed are those instances that the ledger does not expect there. What has expired
// in an archive lies there for ever.
func (f *follower) missed(ctx context.Context, ids []string) (list []missedReport, err error) {
	var unknown []string
	for _, id := range ids {
		if f.lost.others[id] {
			continue
		}
		r, known, err := f.Ledger.Lookup(ctx, f.src.Name, id)
		switch {
		case err != nil:
			return nil, err
		case !known:
			unknown = append(unknown, id)
		case r.State == ledger.Expired && !f.src.Archive, r.State == ledger.Withdrawn, !r.ClearedAt.IsZero():
			list = append(list, missedReport{id, r.Seq})
		}
	}
	if len(unknown) == 0 {
		return list, nil
	}
	wanted, err := f.wanted(ctx, unknown)
	for _, id := range wanted {
		list = append(list, missedReport{id: id})
	}
	return list, err
}

// wanted are those of some instances that may be reports and came late enough. In an
// archive most are older than what is followed. Of what Orthanc does not tell anything
// the look at it will.
func (f *follower) wanted(ctx context.Context, ids []string) (wanted []string, err error) {
	noted, err := f.src.Client.ReceivedOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		received, known := noted[id]
		candidate, _ := rdsr.Candidate(received.SOPClassUID)
		old, err := f.tooOld(ctx, received.ReceptionDate, true)
		switch {
		case err != nil:
			return nil, err
		case known && (old || !candidate && received.SOPClassUID != ""):
			f.lost.others[id] = true
		default:
			wanted = append(wanted, id)
		}
	}
	return wanted, nil
}
