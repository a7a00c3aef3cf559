package pipeline

import (
	"time"

	"github.com/dosegate/dosegate/plugin/orthanc"
)

// period is a part of an archive that a backfill goes through at once.
type period struct {
	name    string // no other has it
	month   string // as a person reads it
	dates   orthanc.StudyDates
	undated bool // what has no date; the dates are none then
}

// open says whether a period has one bound alone. A date that is blank or no date may
// be in it.
func (p period) open() bool { return !p.undated && (p.dates.From.IsZero() || p.dates.To.IsZero()) }

// firstMonth is before the first dose report: older studies have a wrong date.
var firstMonth = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

const undatedMonth = "before 2000 or without a date"

// periods are the months within the bounds, and without bounds what is older, younger
// and without a date.
func (b *backfill) periods() (all []period) {
	from, to := b.Studies.From, b.Studies.To
	if from.IsZero() {
		from = firstMonth
		// An Orthanc may take an empty date, but not one that is missing, for an old one.
		all = append(all, period{name: "oldest", month: undatedMonth, dates: orthanc.StudyDates{To: from.AddDate(0, 0, -1)}})
	}
	if to.IsZero() {
		to = b.Now()
	}
	to = time.Date(to.Year(), to.Month(), to.Day(), 0, 0, 0, 0, time.UTC)
	for from = time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, time.UTC); !from.After(to); {
		next := time.Date(from.Year(), from.Month()+1, 1, 0, 0, 0, 0, time.UTC)
		last := next.AddDate(0, 0, -1)
		if last.After(to) {
			last = to
		}
		month := from.Format("2006-01")
		all = append(all, period{name: month, month: month, dates: orthanc.StudyDates{From: from, To: last}})
		from = next
	}
	if b.Studies.To.IsZero() {
		all = append(all, period{name: "future", month: "in the future", dates: orthanc.StudyDates{From: to.AddDate(0, 0, 1)}})
	}
	if b.Studies == (orthanc.StudyDates{}) {
		all = append(all, period{name: "undated", month: undatedMonth, undated: true})
	}
	return all
}
