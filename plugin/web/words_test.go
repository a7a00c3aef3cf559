package web

import (
	"testing"
	"time"
)

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
