package deid

import (
	"strings"

	"github.com/dosegate/dosegate/plugin/dataset"
)

// fits reports whether a value, without padding, obeys the grammar of its VR
// (PS3.5 Table 6.2-1). Several values are separated by backslashes. A value
// that does not could carry anything, and does not stay.
func fits(vr dataset.VR, value []byte) bool {
	switch vr {
	case dataset.LT, dataset.ST, dataset.UT:
		return noControls(value, true)
	case dataset.FD, dataset.SL, dataset.UL, dataset.US, dataset.SS, dataset.FL:
		return len(value)%4 == 0 || len(value) == 2
	}
	for _, v := range strings.Split(string(value), `\`) {
		if !fitsOne(vr, strings.Trim(v, " \x00")) {
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
		return len(v) <= 16 && only(v, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _")
	case dataset.DA:
		return validDate(v)
	case dataset.TM:
		return validTime(v)
	case dataset.DT:
		return validDateTime(v)
	case dataset.DS:
		return Number(v)
	case dataset.IS:
		return len(v) <= 12 && only(v[1:], "0123456789") && only(v[:1], "+-0123456789")
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
	s = strings.Trim(s, " \x00")
	if s == "" || len(s) > 40 {
		return false
	}
	mantissa, exponent, scaled := strings.Cut(strings.ReplaceAll(s, "e", "E"), "E")
	if scaled && !integer(exponent) {
		return false
	}
	whole, fraction, _ := strings.Cut(strings.TrimLeft(mantissa[:1], "+-")+mantissa[1:], ".")
	return whole+fraction != "" && only(whole+fraction, digitsOnly)
}

const digitsOnly = "0123456789"

func integer(s string) bool {
	s = strings.TrimPrefix(strings.TrimPrefix(s, "+"), "-")
	return s != "" && len(s) <= 4 && only(s, digitsOnly)
}

func only(s, set string) bool {
	for i := 0; i < len(s); i++ {
		if strings.IndexByte(set, s[i]) < 0 {
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

// matchesForm checks what a row of attributes.tsv asks of a value beyond its
// VR: one of a list, digits, a UID of the standard.
func matchesForm(form, v string) bool {
	switch {
	case form == "" || form == "text" || v == "":
		return true
	case strings.HasPrefix(form, "="):
		for _, allowed := range strings.Split(form[1:], "|") {
			if v == allowed {
				return true
			}
		}
		return false
	case form == "digits":
		return len(v) <= 5 && only(v, digitsOnly)
	case form == "date":
		return len(v) <= 14 && validDateTime(v)
	case form == "standard-uid":
		return standardUID(v)
	case form == "zone":
		return validZone(v)
	case form == "charset":
		return knownCharset(v)
	}
	return true
}

// standardUID reports whether a UID is one that standards hand out, not an
// instance's: below DICOM's own root or HL7's registry of coding schemes,
// without a component long enough to hold a number of the patient's.
func standardUID(v string) bool {
	if !dataset.ValidUID(v) || !strings.HasPrefix(v, "1.2.840.10008.") && !strings.HasPrefix(v, "2.16.840.1.113883.6.") &&
		v != "1.2.840.10008" {
		return false
	}
	for _, component := range strings.Split(v, ".") {
		if len(component) > 6 {
			return false
		}
	}
	return len(v) <= 48
}

func knownCharset(v string) bool {
	for _, term := range strings.Split(v, `\`) {
		term = strings.TrimSpace(term)
		rest, isIR := strings.CutPrefix(term, "ISO_IR ")
		more, is2022 := strings.CutPrefix(term, "ISO 2022 IR ")
		switch {
		case term == "" || term == "GB18030" || term == "GBK":
		case isIR && len(rest) <= 3 && only(rest, digitsOnly), is2022 && len(more) <= 3 && only(more, digitsOnly):
		default:
			return false
		}
	}
	return true
}
