// Package rhythm tells how regularly a station's reports come, so that one that
// falls silent is noticed: by its own rhythm, since a portable X-ray unit is used
// once a week and a CT never rests.
package rhythm

import (
	"math"
	"slices"
	"time"
)

// Days is how many days a rhythm is told from, today among them.
const Days = 30

const oneDay = 24 * time.Hour

// Today is the first moment of a day in UTC, by which the ledger counts.
func Today(now time.Time) time.Time { return now.UTC().Truncate(oneDay) }

// First is the first moment of the days that a rhythm is told from.
func First(now time.Time) time.Time { return Today(now).Add(-(Days - 1) * oneDay) }

// Day is the place of a day among those, false where it is none of them.
func Day(day, now time.Time) (place int, ok bool) {
	since := day.Sub(First(now))
	return int(since / oneDay), since >= 0 && since < Days*oneDay
}

// Rhythm is how regularly a station's reports come, as far as those days tell.
type Rhythm struct {
	UsualGap    int  `json:"usual_gap_days"` // between days with reports, the middle one; 0: too few to tell
	LongestGap  int  `json:"longest_gap_days"`
	UsualCount  int  `json:"usual_count"`  // of reports on a day that has any, the middle one
	Silent      bool `json:"silent"`       // longer than it ever was; weekends do not count for who rests then
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

// Of reads a station's counts of the days, the last one today. Last is when its
// last report came, which may be earlier.
func Of(counts []int, last, now time.Time) Rhythm {
	var active, amounts []int
	for day, n := range counts {
		if n > 0 {
			active, amounts = append(active, day), append(amounts, n)
		}
	}
	r := Rhythm{}
	if !last.IsZero() {
		r.SilentDays = max(0, int(Today(now).Sub(Today(last))/oneDay))
	}
	if len(active) == 0 {
		r.Silent = !last.IsZero()
		return r
	}
	r.UsualCount = middle(amounts)
	if len(active) < fewestActive {
		return r
	}
	all := gaps(active, func(int) bool { return true })
	r.UsualGap, r.LongestGap = middle(all), slices.Max(all)
	r.Silent = silent(active, r.SilentDays, len(counts), now)
	for _, n := range counts[max(0, len(counts)-2):] {
		if Jumps(n, r.UsualCount) {
			r.Jumped, r.JumpedCount = true, max(n, r.JumpedCount)
		}
	}
	return r
}

// silent reports whether it is longer without a report than it ever was. For who
// rests at weekends only the other days count: a pause from Friday to Monday is one
// of one day, and who was last heard on Tuesday is missed on Friday already.
func silent(active []int, silentDays, days int, now time.Time) bool {
	weekend := func(day int) bool {
		at := Today(now).AddDate(0, 0, day-(days-1)).Weekday()
		return at == time.Saturday || at == time.Sunday
	}
	counts := func(int) bool { return true }
	if len(active) >= wellKnown && active[len(active)-1]-active[0] >= 10 && !slices.ContainsFunc(active, weekend) {
		counts = func(day int) bool { return !weekend(day) }
	}
	known := gaps(active, counts)
	without := gaps([]int{days - 1 - silentDays, days - 1}, counts)[0]
	return without > slices.Max(known) && without > 2*middle(known) && (len(active) >= wellKnown || silentDays > 7)
}

// gaps are how many of the days that count lie between each two that are active,
// the second one among them.
func gaps(active []int, counts func(day int) bool) (all []int) {
	for i := 1; i < len(active); i++ {
		n := 0
		for day := active[i-1] + 1; day <= active[i]; day++ {
			if counts(day) {
				n++
			}
		}
		all = append(all, n)
	}
	return all
}

// Jumps reports whether a day has far more reports than usual: a scanner that
// sends its archive, or every report several times.
func Jumps(n, usual int) bool { return usual > 0 && n > 3*usual+10 }

func middle(list []int) int {
	sorted := slices.Sorted(slices.Values(list))
	return int(math.Round(float64(sorted[(len(sorted)-1)/2]+sorted[len(sorted)/2]) / 2))
}
