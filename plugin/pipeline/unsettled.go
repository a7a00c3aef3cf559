package pipeline

import (
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanc"
)

// line is a line of an archive's feed about a new instance that the position has
// not passed.
type line struct {
	orthanc.Change
	before  ledger.Position  // of the line before it, by the feed's numbers
	settled bool             // it is known what it is about
	ignored []ledger.Ignored // counted when the position passes it
}

// unsettled is what was read of an archive's feed beyond the position: it begins
// with a line of which is not known yet whether it is about a dose report. After a
// restart it is read again.
type unsettled struct {
	base, from int64 // the position behind which it begins
	last       ledger.Position
	upTo       int64            // read up to there
	lines      []*line          // about new instances, in the feed's order
	open       map[string]*line // those that are not settled, by Orthanc ID
	series     []string         // new ones that were not asked about, by Orthanc ID
	since      time.Time        // the first open line was read, by the steady clock
	latest     time.Time        // the last line about an instance was read
	saved      float64          // questions that may be asked beside the looks at the feed
	again      bool             // the last question failed, or what came of it
	reread     bool             // it is read a second time
}

const (
	// seriesAtOnce is about how many series one question is.
	seriesAtOnce = 200
	// samples is about how many instances, of those that are in no new series, it is.
	samples = 50
	// mostUnsettled is how many open lines are enough for a question.
	mostUnsettled = 1000
	// longestUnsettled is how long a line stays open where nothing was saved up.
	longestUnsettled = 10 * time.Second
	// savedByLine is what a line about an instance saves up for questions: two in a
	// thousand. A report saves up more, since more may be asked for its sake.
	savedByLine   = 0.002
	savedByReport = 3.0
	mostSaved     = 6.0
	mostOwed      = 5.0
	// savedForSeries is what is left for new series when it is asked for other lines.
	savedForSeries = 3.0
)

// newUnsettled begins at the position. What was saved up before stays.
func newUnsettled(at position, before *unsettled) *unsettled {
	u := &unsettled{base: at.base, from: at.feed, upTo: at.feed, last: ledger.Position{Seq: at.feed, Mark: at.mark},
		open: make(map[string]*line), saved: savedForSeries}
	if before != nil {
		u.saved, u.reread = before.saved, before.reread
	}
	return u
}

// anew is for reading the same lines again.
func (u *unsettled) anew() *unsettled {
	first := u.last
	if len(u.lines) > 0 {
		first = u.lines[0].before
	}
	return &unsettled{base: u.base, from: u.from, upTo: first.Seq, last: first, open: make(map[string]*line), saved: u.saved, reread: true}
}

// add adds a page of the feed. Of two lines about an instance the later one tells.
func (u *unsettled) add(page orthanc.Changes, now time.Time) {
	for _, c := range page.Changes {
		switch {
		case c.NewInstance():
			if earlier := u.open[c.ID]; earlier != nil {
				u.settle(earlier)
			}
			if len(u.open) == 0 {
				u.since = now
			}
			l := &line{Change: c, before: u.last}
			u.lines, u.open[c.ID], u.latest = append(u.lines, l), l, now
			u.earn(savedByLine)
		case c.Type == "NewSeries":
			u.series = append(u.series, c.ID)
		}
		u.last = ledger.Position{Seq: c.Seq, Mark: c.Mark()}
	}
	if page.Last > u.upTo {
		u.upTo = page.Last
	}
	if len(page.Changes) == 0 && u.upTo > u.last.Seq {
		u.last = ledger.Position{Seq: u.upTo} // the lines up to there are gone
	}
}

func (u *unsettled) earn(n float64)  { u.saved = min(u.saved+n, mostSaved) }
func (u *unsettled) spend(n float64) { u.saved = max(u.saved-n, -mostOwed) }

// due says whether it is time to ask about all that is open. A new series may be a
// report's, and is asked about in any case; another instance of a known one, which a
// second report is, waits until nothing more comes, unless questions were saved up.
func (u *unsettled) due(now time.Time, poll time.Duration, rung bool) bool {
	if len(u.open) == 0 {
		return false
	}
	return rung || u.again || u.saved > savedForSeries || len(u.open) >= mostUnsettled ||
		now.Sub(u.latest) >= max(poll, time.Second) || now.Sub(u.since) >= longestUnsettled
}

// question is what to ask about: new series, and if it is about all some of the
// instances, by which the series are found that they came into.
func (u *unsettled) question(all bool) (series, some []string) {
	series = u.series[:min(len(u.series), seriesAtOnce)]
	if !all {
		return series, nil
	}
	step := max(1, (len(u.open)+samples-1)/samples)
	n := 0
	for _, l := range u.lines {
		if l.settled {
			continue
		}
		if n%step == 0 && len(some) < samples {
			some = append(some, l.ID)
		}
		n++
	}
	return series, some
}

func (u *unsettled) settle(l *line) {
	l.settled = true
	if u.open[l.ID] == l {
		delete(u.open, l.ID)
	}
}

// passed is how far the position may move, and how many lines that is.
func (u *unsettled) passed() (page ledger.Page, n int) {
	to := u.last
	for _, l := range u.lines {
		if !l.settled {
			to = l.before
			break
		}
		n++
		page.Ignored = append(page.Ignored, l.ignored...)
	}
	page.Seq, page.Mark = u.base+to.Seq, to.Mark
	return page, n
}

// drop forgets lines that the position has passed.
func (u *unsettled) drop(n int, page ledger.Page) {
	u.lines = u.lines[n:]
	u.from = max(u.from, page.Seq-u.base)
	if len(u.lines) == 0 {
		u.lines, u.reread = nil, false
	}
}
