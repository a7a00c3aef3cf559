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
