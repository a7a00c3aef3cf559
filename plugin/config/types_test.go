package config_test

import (
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/config"
)

func TestDurationsAreReadAndWrittenInDays(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"14d": 14 * 24 * time.Hour, "12h": 12 * time.Hour, "30m": 30 * time.Minute, "10s": 10 * time.Second,
		"1d12h": 36 * time.Hour, "0s": 0,
	} {
		var d config.Duration
		must(t, d.UnmarshalText([]byte(text)))
		if time.Duration(d) != want || d.String() != text {
			t.Errorf("%s is read as %s, written as %s", text, time.Duration(d), d)
		}
	}
	for _, text := range []string{"", "14", "d", "-1d", "1.5h", "1w", "10ms", "1d ", "40000d", "9223372036854775807s"} {
		if err := new(config.Duration).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

func TestDeliveredIsKeptOrTimed(t *testing.T) {
	for _, text := range []string{"keep", "30d"} {
		var r config.Retention
		must(t, r.UnmarshalText([]byte(text)))
		if r.String() != text {
			t.Errorf("%s is written as %s", text, r)
		}
	}
}

func TestADelayIsOneTimeSpanOrTwo(t *testing.T) {
	for text, want := range map[string]config.Delay{
		"0s": {}, "1d": {From: day, To: day}, "1d..7d": {From: day, To: 7 * day}, "0s..1d12h": {To: day * 3 / 2},
	} {
		var d config.Delay
		must(t, d.UnmarshalText([]byte(text)))
		if d != want || d.String() != text {
			t.Errorf("%s is read as %v, written as %s", text, d, d)
		}
	}
	for _, text := range []string{"", "1d..", "..7d", "1d-7d", "1..7d", "7d..1d", "1d..2d..3d", "1d...7d"} {
		if err := new(config.Delay).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

const day = config.Duration(24 * time.Hour)

func TestSinceMayBeADate(t *testing.T) {
	var s config.Since
	must(t, s.UnmarshalText([]byte("2026-01-31")))
	if at, ok := s.Date(); !ok || !at.Equal(time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("%s, %v", at, ok)
	}
	must(t, s.UnmarshalText([]byte("all")))
	if _, ok := s.Date(); ok {
		t.Error("all is a date")
	}
}
