package web

import (
	"math"
	"slices"
	"time"
)

// shownDays is how many days the overview shows, today among them.
const shownDays = 30

const oneDay = 24 * time.Hour

// today is the first moment of a day in UTC, by which the ledger counts.
func today(now time.Time) time.Time { return now.UTC().Truncate(oneDay) }

// Rhythm is how regularly a station's reports come, as far as the shown days
// tell.
type Rhythm struct {
	UsualGap    int  `json:"usual_gap_days"` // between days with reports, the middle one; 0: too few to tell
	LongestGap  int  `json:"longest_gap_days"`
	UsualCount  int  `json:"usual_count"`  // of reports on a day that has any, the middle one
	Silent      bool `json:"silent"`       // longer than it ever was
	SilentDays  int  `json:"silent_days"`  // whole days since the last with a report
	Jumped      bool `json:"jumped"`       // far more than usual today or yesterday
	JumpedCount int  `json:"jumped_count"` // how many then
}

// fewestActive is on how many days something must have come before its rhythm is
// known; below wellKnown a week without tells nothing yet.
const (
	fewestActive = 3
	wellKnown    = 5
)

// rhythm reads a station's counts of the shown days, the last one today. Last is
// when its last report came, which may be earlier.
func rhythm(counts []int, last, now time.Time) Rhythm {
	var active, amounts, gaps []int
	for day, n := range counts {
		if n == 0 {
			continue
		}
		if len(active) > 0 {
			gaps = append(gaps, day-active[len(active)-1])
		}
		active, amounts = append(active, day), append(amounts, n)
	}
	r := Rhythm{}
	if !last.IsZero() {
		r.SilentDays = max(0, int(today(now).Sub(today(last))/oneDay))
	}
	if len(active) == 0 {
		r.Silent = !last.IsZero()
		return r
	}
	r.UsualCount = middle(amounts)
	if len(active) < fewestActive {
		return r
	}
	r.UsualGap, r.LongestGap = middle(gaps), slices.Max(gaps)
	// A pause over the weekend is usual for whoever pauses at weekends.
	r.Silent = r.SilentDays > r.LongestGap && r.SilentDays > 2*r.UsualGap && (len(active) >= wellKnown || r.SilentDays > 7)
	for _, n := range counts[max(0, len(counts)-2):] {
		if jumps(n, r.UsualCount) {
			r.Jumped, r.JumpedCount = true, max(n, r.JumpedCount)
		}
	}
	return r
}

// jumps reports whether a day has far more reports than usual: a scanner that
// sends its archive, or every report several times.
func jumps(n, usual int) bool { return usual > 0 && n > 3*usual+10 }

func middle(list []int) int {
	sorted := slices.Sorted(slices.Values(list))
	return int(math.Round(float64(sorted[(len(sorted)-1)/2]+sorted[len(sorted)/2]) / 2))
}
