package web

import (
	"testing"
	"time"
)

// days makes counts of thirty days from a pattern that repeats, with the last
// days given.
func days(pattern []int, last ...int) []int {
	counts := make([]int, shownDays)
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
		"working days, on a Tuesday":  {days(week, 9, 0, 0, 0, 0), ago(4), true, 1},
		"once a week":                 {days(weekly), ago(1), false, 7},
		"once a week, eight days ago": {days(weekly, 5, 0, 0, 0, 0, 0, 0, 0, 0), ago(8), false, 7},
		"once a week, 15 days ago":    {days(weekly, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), ago(15), true, 7},
		"new, two days":               {days([]int{0}, 4, 2), now, false, 0},
		"new, then a pause":           {days([]int{0}, 3, 4, 2, 0, 0, 0), ago(3), false, 1},
		"long ago":                    {days([]int{0}), ago(90), true, 0},
		"never":                       {days([]int{0}), time.Time{}, false, 0},
	} {
		r := rhythm(c.counts, c.last, now)
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
		if r := rhythm(c.counts, now, now); r.JumpedCount != c.jumped || r.Jumped != (c.jumped > 0) {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestTimesAreToldWithTheirZoneAndNumbersInWords(t *testing.T) {
	at := time.Date(2026, 7, 1, 10, 0, 0, 0, time.UTC)
	if got := string(clock(&at)); got != `<time datetime="2026-07-01T10:00:00Z">`+at.Local().Format("2006-01-02 15:04 MST")+`</time>` {
		t.Error(got)
	}
	for got, want := range map[string]string{plural(1, "report"): "1 report", plural(0, "day"): "0 days", plural(12345, "entry"): "12\u202f345 entries",
		thousands(-1234567): "-1\u202f234\u202f567", sentence("ünlucky"): "Ünlucky.", shortName(""): "(no name)", byWords("person:olga"): "olga"} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	soon, past := time.Now().Add(90*time.Minute), time.Now().Add(-time.Second)
	if left(nil) != "never expires" || left(&soon) != "in 1 hour" || left(&past) != "due now" {
		t.Errorf("%q %q %q", left(nil), left(&soon), left(&past))
	}
}
