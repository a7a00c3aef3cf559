package deid

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// years reads an age string (PS3.5 6.2, AS) as completed years. It forgives
// missing leading zeros.
func years(v string) (n int, ok bool) {
	v = strings.TrimSpace(v)
	if len(v) < 2 || len(v) > 4 || !only(v[:len(v)-1], &digitsOnly) {
		return 0, false
	}
	number, err := strconv.Atoi(v[:len(v)-1])
	if err != nil {
		return 0, false
	}
	return inYears(float64(number), map[byte]string{'D': "d", 'W': "wk", 'M': "mo", 'Y': "a"}[v[len(v)-1]])
}

// inYears converts an age in a unit of UCUM to completed years.
func inYears(number float64, unit string) (n int, ok bool) {
	perYear := map[string]float64{"a": 1, "mo": 12, "wk": 52.1775, "d": 365.2425, "h": 8765.82, "min": 525949.2, "s": 31556952}[unit]
	if perYear == 0 || math.IsNaN(number) || number < 0 || number > 1e10 {
		return 0, false
	}
	return int(number / perYear), true
}

// capped groups the oldest (45 CFR 164.514(b)(2)(i)(C): over 89 is one group).
func capped(n, oldest int) int {
	if n > oldest {
		return oldest + 1
	}
	return n
}

func ageString(n, oldest int) string { return fmt.Sprintf("%03dY", capped(n, oldest)) }
