package deid

import (
	"strings"
	"time"
)

// validDate accepts DA, also in the old form with dots (PS3.5 6.2).
func validDate(v string) bool {
	_, err := time.Parse("20060102", strings.ReplaceAll(v, ".", ""))
	return err == nil && (len(v) == 8 || len(v) == 10)
}

// validTime accepts TM, cut where the standard allows it, with a fraction of
// up to six digits, also in the old form with colons.
func validTime(v string) bool {
	whole, fraction, _ := strings.Cut(v, ".")
	whole = strings.ReplaceAll(whole, ":", "")
	if n := len(whole); n != 2 && n != 4 && n != 6 || !only(whole, &digitsOnly) || len(fraction) > 6 || !only(fraction, &digitsOnly) {
		return false
	}
	limits := []string{"23", "59", "60"}
	for i := 0; i*2 < len(whole); i++ {
		if whole[i*2:i*2+2] > limits[i] {
			return false
		}
	}
	return true
}

// validDateTime accepts DT: a year at least, up to a fraction and a zone.
func validDateTime(v string) bool {
	day, rest, zone := splitDateTime(v)
	if zone != "" && !validZone(zone) || rest != "" && !validTime(rest) {
		return false
	}
	switch len(day) {
	case 4:
		return only(day, &digitsOnly)
	case 6:
		_, err := time.Parse("200601", day)
		return err == nil
	case 8:
		return validDate(day)
	}
	return false
}

// splitDateTime splits DT into the date, the time and the offset from UTC.
func splitDateTime(v string) (day, clock, zone string) {
	if i := strings.LastIndexAny(v, "+-"); i > 0 {
		v, zone = v[:i], v[i:]
	}
	if len(v) > 8 {
		return v[:8], v[8:], zone
	}
	return v, "", zone
}

func validZone(v string) bool {
	return len(v) == 5 && (v[0] == '+' || v[0] == '-') && only(v[1:], &digitsOnly) && v[1:3] <= "14" && v[3:] <= "59"
}

// moved returns a DA, TM or DT value that many days earlier, ok false where it
// is none. The time of day, its precision and the zone stay.
func moved(v string, days int) (out string, ok bool) {
	switch {
	case v == "":
		return "", true
	case validDate(v):
		t, err := time.Parse("20060102", strings.ReplaceAll(v, ".", ""))
		return t.AddDate(0, 0, -days).Format("20060102"), err == nil
	case validDateTime(v):
		day, clock, zone := splitDateTime(v)
		t, err := time.Parse("20060102", day)
		return t.AddDate(0, 0, -days).Format("20060102") + clock + zone, err == nil // a DT without a day cannot be moved
	}
	return "", false
}
