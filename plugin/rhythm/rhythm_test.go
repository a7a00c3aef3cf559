package rhythm

import (
	"testing"
	"time"
)

// days makes counts of thirty days from a pattern that repeats, with the last
// days given.
func days(pattern []int, last ...int) []int {
	counts := make([]int, Days)
	for i := range counts {
		counts[i] = pattern[i%len(pattern)]
	}
	copy(counts[len(counts)-len(last):], last)
	return counts
}

func TestAStationIsSilentWhenItIsLongerThanItEverWas(t *testing.T) {
	now := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	ago := func(d int) time.Time { return now.Add(-time.Duration(d) * oneDay) }
	daily, weekly, week := []int{20}, []int{5, 0, 0, 0, 0, 0, 0}, []int{9, 9, 9, 9, 9, 0, 0}
	for name, c := range map[string]struct {
		counts []int
		last   time.Time
		silent bool
		gap    int
	}{
		"every day":                   {days(daily), now, false, 1},
		"not yet today":               {days(daily, 0), ago(1), false, 1},
		"one day without":             {days(daily, 0, 0), ago(2), false, 1},
		"two days without":            {days(daily, 0, 0, 0), ago(3), true, 1},
		"working days, on a Monday":   {days(week, 9, 0, 0, 0), ago(3), false, 1},
		"working days, on a Tuesday":  {days(week, 9, 0, 0, 0, 0), ago(4), false, 1}, // Monday may be a holiday
		"once a week":                 {days(weekly), ago(1), false, 7},
		"once a week, eight days ago": {days(weekly, 5, 0, 0, 0, 0, 0, 0, 0, 0), ago(8), false, 7},
		"once a week, 15 days ago":    {days(weekly, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), ago(15), true, 7},
		"new, two days":               {days([]int{0}, 4, 2), now, false, 0},
		"new, then a pause":           {days([]int{0}, 3, 4, 2, 0, 0, 0), ago(3), false, 1},
		"long ago":                    {days([]int{0}), ago(90), true, 0},
		"never":                       {days([]int{0}), time.Time{}, false, 0},
	} {
		r := Of(c.counts, c.last, now)
		if r.Silent != c.silent || r.UsualGap != c.gap {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestAJumpIsFarMoreThanUsualJustNow(t *testing.T) {
	now := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		counts []int
		jumped int
	}{
		"as usual":         {days([]int{20}), 0},
		"twice as many":    {days([]int{20}, 40, 12), 0},
		"ten times":        {days([]int{20}, 200, 3), 200},
		"today":            {days([]int{20}, 20, 90), 90},
		"a week ago":       {days([]int{20}, 200, 20, 20, 20, 20, 20, 20), 0},
		"few of a few":     {days([]int{1}, 9, 2), 0},
		"a first delivery": {days([]int{0}, 0, 500), 0},
	} {
		if r := Of(c.counts, now, now); r.JumpedCount != c.jumped || r.Jumped != (c.jumped > 0) {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// Who rests at weekends is missed as soon on a Friday as who never rests is on any
// day, and not missed after a holiday.
func TestWeekendsAreKnown(t *testing.T) {
	tuesday := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	working := func(now time.Time, silentDays int) ([]int, time.Time) {
		counts, last := make([]int, Days), now.AddDate(0, 0, -silentDays)
		for i := range counts {
			if day := First(now).AddDate(0, 0, i); !day.After(last) && day.Weekday() != time.Saturday && day.Weekday() != time.Sunday {
				counts[i] = 9
			}
		}
		return counts, last
	}
	for name, c := range map[string]struct {
		now    time.Time
		days   int // since the last report
		silent bool
	}{
		"Monday, heard on Friday":                   {tuesday.AddDate(0, 0, -1), 3, false},
		"Tuesday after a holiday, heard on Friday":  {tuesday, 4, false},
		"Wednesday, heard on Friday":                {tuesday.AddDate(0, 0, 1), 5, true},
		"Thursday, heard on Tuesday":                {tuesday.AddDate(0, 0, 2), 2, false},
		"Friday, heard on Tuesday":                  {tuesday.AddDate(0, 0, 3), 3, true},
		"Sunday, heard on Thursday, the day before": {tuesday.AddDate(0, 0, 5), 3, false},
	} {
		counts, last := working(c.now, c.days)
		if r := Of(counts, last, c.now); r.Silent != c.silent || r.SilentDays != c.days {
			t.Errorf("%s: %+v", name, r)
		}
	}
}
