package deid

import (
	"regexp"
	"slices"
	"strings"
	"unsafe"

	"github.com/dosegate/dosegate/plugin/dataset"
)

// fits reports whether a value, without padding, obeys the grammar of its VR
// (PS3.5 Table 6.2-1). Several values are separated by backslashes. A value
// that does not could carry anything, and does not stay.
func fits(vr dataset.VR, value []byte) bool {
	switch vr {
	case dataset.LT, dataset.ST, dataset.UT:
		return noControls(value, true)
	case dataset.FD:
		return len(value) == 8
	}
	for rest, more := view(value), true; more; {
		var v string
		v, rest, more = strings.Cut(rest, `\`)
		if !fitsOne(vr, unpadded(v)) {
			return false
		}
	}
	return true
}

func fitsOne(vr dataset.VR, v string) bool {
	if v == "" {
		return true
	}
	switch vr {
	case dataset.AS:
		_, ok := years(v)
		return ok
	case dataset.CS:
		return len(v) <= 16 && only(v, &codeString)
	case dataset.DA:
		return validDate(v)
	case dataset.TM:
		return validTime(v)
	case dataset.DT:
		return validDateTime(v)
	case dataset.DS:
		return Number(v)
	case dataset.IS:
		return len(v) <= 12 && only(unsigned(v), &digitsOnly)
	case dataset.UI:
		return dataset.ValidUID(v)
	case dataset.SH:
		return len(v) <= 64 && noControls([]byte(v), false)
	case dataset.LO:
		return len(v) <= 256 && noControls([]byte(v), false)
	case dataset.AE:
		return len(v) <= 16 && noControls([]byte(v), false)
	}
	return false
}

// Number reports whether s is a decimal string (PS3.5 6.2, DS) that stands for
// one finite number. Devices write more than the 16 characters allowed.
func Number(s string) bool {
	s = unpadded(s)
	if len(s) > 40 {
		return false
	}
	whole, s := digits(unsigned(s))
	fraction := 0
	if s != "" && s[0] == '.' {
		fraction, s = digits(s[1:])
	}
	if whole+fraction == 0 {
		return false
	}
	if s != "" && (s[0] == 'E' || s[0] == 'e') {
		exponent, rest := digits(unsigned(s[1:]))
		return exponent > 0 && exponent <= 4 && rest == ""
	}
	return s == ""
}

// unpadded drops what fills a value up (PS3.5 6.2), and blanks before it.
func unpadded(s string) string {
	for s != "" && (s[0] == ' ' || s[0] == 0) {
		s = s[1:]
	}
	for s != "" && (s[len(s)-1] == ' ' || s[len(s)-1] == 0) {
		s = s[:len(s)-1]
	}
	return s
}

// unsigned drops one sign.
func unsigned(s string) string {
	if s != "" && (s[0] == '+' || s[0] == '-') {
		return s[1:]
	}
	return s
}

// digits counts the digits that s begins with, and gives what follows.
func digits(s string) (n int, rest string) {
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n, s[n:]
}

// view is a string over bytes that do not change while it is used.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// bytesOf is a set of bytes.
type bytesOf [256]bool

func setOf(members string) (set bytesOf) {
	for i := range len(members) {
		set[members[i]] = true
	}
	return set
}

var (
	digitsOnly = setOf("0123456789")
	codeString = setOf("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _")
)

func only(s string, set *bytesOf) bool {
	for i := range len(s) {
		if !set[s[i]] {
			return false
		}
	}
	return true
}

// noControls allows the escape of ISO 2022 and, where lines are allowed, their
// ends.
func noControls(b []byte, lines bool) bool {
	for _, c := range b {
		switch {
		case c >= 0x20 && c != 0x7F, c == 0x1B:
		case lines && (c == '\t' || c == '\n' || c == '\f' || c == '\r'):
		default:
			return false
		}
	}
	return true
}

// form is what a row of attributes.tsv asks of a value beyond its VR.
type form struct {
	name    string   // as in the table
	allowed []string // the values, where the table lists them
}

func parseForm(cell string) form {
	if list, ok := strings.CutPrefix(cell, "="); ok {
		return form{name: "=", allowed: strings.Split(list, "|")}
	}
	return form{name: cell}
}

// lists reports whether the table lists the values, and this one among them.
func (f *form) lists(value []byte) bool {
	for _, term := range f.allowed {
		if string(value) == term {
			return true
		}
	}
	return false
}

// matches checks a value, which may be empty.
func (f *form) matches(v string) bool {
	switch f.name {
	case "=":
		return v == "" || slices.Contains(f.allowed, v)
	case "digits":
		return len(v) <= 6 && only(v, &digitsOnly)
	case "date":
		return v == "" || len(v) <= 14 && validDateTime(v)
	case "standard-uid":
		return v == "" || standardUID(v)
	case "zone":
		return v == "" || validZone(v)
	}
	return true
}

// standardUIDs are the ranges of UIDs that standards hand out: SOP classes,
// context groups and coding schemes of DICOM, and HL7's registry. Their
// components are too short to hold a number of the patient's.
var standardUIDs = regexp.MustCompile(`^(1\.2\.840\.10008\.[1-5](\.[0-9]{1,3}){1,9}|1\.2\.840\.10008\.[267]\.[0-9]{1,4}|` +
	`1\.2\.840\.10008\.(2\.16|6\.1|7\.1)\.[0-9]{1,4}|2\.16\.840\.1\.113883\.6\.[0-9]{1,4})$`)

func standardUID(v string) bool { return standardUIDs.MatchString(v) }
