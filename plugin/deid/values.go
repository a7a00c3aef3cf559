package deid

import (
	"encoding/binary"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/rdsr"
	"github.com/dosegate/dosegate/plugin/sr"
)

// replacement is the dummy text of action D.
const replacement = "REMOVED"

// year leaves of a date the year; a time of day or a zone says nothing without
// its day.
func (j *job) year(e dataset.Ref, row *rule, value []byte) {
	switch {
	case len(value) == 0:
		j.counts.Kept++
	case row.vr == dataset.DA && validDate(view(value)):
		j.replace(e, []byte(string(value[:4])+"0101"), &j.counts.Replaced)
	case row.vr == dataset.DT && validDateTime(view(value)):
		j.replace(e, []byte(string(value[:4])), &j.counts.Replaced)
	default:
		j.unfit(e, row, value)
	}
}

// keep leaves a value that fits its VR and its row; text is cleaned first.
func (j *job) keep(e, item dataset.Ref, row *rule, value []byte) {
	if !fits(row.vr, value) || !row.form.matches(view(value)) || !j.encodedAs(e, row.vr) || j.tells(item, row, view(value)) {
		j.unfit(e, row, value)
		return
	}
	if isText(row.vr) {
		if out, changed := j.cleaner.clean(value, j.d.Charset(item)); changed {
			j.replace(e, out, &j.counts.Cleaned)
			return
		}
	}
	j.counts.Kept++
}

// tells reports whether a number, a date or a UID of the standard is one of the
// patient's: a series numbered by the patient ID, a calibration on the day of
// birth.
func (j *job) tells(item dataset.Ref, row *rule, value string) bool {
	switch row.vr {
	case dataset.IS:
		return len(value) >= 5 && j.cleaner.id.In(value)
	case dataset.DA, dataset.DT:
		return len(value) >= 8 && j.cleaner.id.Told(value[:8]) && !strings.HasPrefix(value, j.d.TextOf(dataset.Root, studyDate))
	case dataset.UI:
		rest := strings.TrimPrefix(value, "1.2.840.10008.")
		return row.form.name == "standard-uid" && j.cleaner.id.In(strings.ReplaceAll(rest, ".", ""))
	case dataset.CS:
		// No template and no context group has six digits, but devices write the
		// code of a concept there. An ID of that length may stand in them anywhere.
		return row.form.name == "digits" && rdsr.DoseTemplate(value) == "" &&
			(j.cleaner.id.IsWord(value) || len(value) == 6 && j.cleaner.id.In(value))
	case dataset.FD:
		return !j.agrees(item, value)
	}
	return false
}

// agrees reports whether the bytes of a Floating Point Value are the number
// that the Numeric Value beside it is (PS3.3 C.18.1).
func (j *job) agrees(item dataset.Ref, value string) bool {
	numeric, ok := number(j.d.TextOf(item, sr.NumericValue))
	if !ok || len(value) != 8 {
		return false
	}
	bits := binary.LittleEndian.Uint64([]byte(value))
	if j.d.Syntax.BigEndian {
		bits = binary.BigEndian.Uint64([]byte(value))
	}
	exact := math.Float64frombits(bits)
	return math.Abs(exact-numeric) <= 1e-6*math.Max(math.Abs(exact), math.Abs(numeric))
}

// charset writes a Specific Character Set as the standard spells it, since what
// is kept in it is kept as bytes.
func (j *job) charset(e dataset.Ref, value string) {
	switch canonical, ok := dataset.CanonicalCharset(value); {
	case !ok:
		j.remove(e)
	case canonical != value:
		j.replace(e, []byte(canonical), &j.counts.Replaced)
	default:
		j.counts.Kept++
	}
}

// isText reports whether a VR holds free text (PS3.5 6.2).
func isText(vr dataset.VR) bool {
	switch vr {
	case dataset.LO, dataset.LT, dataset.SH, dataset.ST, dataset.UC, dataset.UT:
		return true
	}
	return false
}

// encodedAs refuses binary values under another VR: their bytes would be read
// as something else.
func (j *job) encodedAs(e dataset.Ref, vr dataset.VR) bool {
	return vr.Text() || j.d.Node(e).VR == vr
}

// unfit treats a value that breaks its grammar: the weakest action that keeps
// the IOD valid.
func (j *job) unfit(e dataset.Ref, row *rule, value []byte) {
	switch row.typ {
	case "1":
		j.dummy(e, row, value)
	case "2":
		j.empty(e)
	default:
		j.remove(e)
	}
}

// dummy replaces a value by one of the same VR that says nothing.
func (j *job) dummy(e dataset.Ref, row *rule, value []byte) {
	switch row.vr {
	case dataset.UI:
		j.newUID(e, row, value)
	case dataset.DA:
		j.replace(e, []byte("19000101"), &j.counts.Replaced)
	case dataset.TM:
		j.replace(e, []byte("000000"), &j.counts.Replaced)
	case dataset.DT:
		j.replace(e, []byte("19000101000000"), &j.counts.Replaced)
	case dataset.DS:
		j.remove(e) // no figure is better than one that nobody measured
	case dataset.IS:
		j.replace(e, []byte("0"), &j.counts.Replaced)
	case dataset.CS:
		first := ""
		if len(row.form.allowed) > 0 {
			first = row.form.allowed[0]
		}
		j.replace(e, []byte(first), &j.counts.Replaced)
	default:
		j.replace(e, []byte(replacement), &j.counts.Replaced)
	}
}

// newUID replaces UIDs by derived ones; a value that is none is derived from
// all the same, so that nothing of it stays.
func (j *job) newUID(e dataset.Ref, row *rule, value []byte) {
	if len(value) == 0 {
		j.counts.Kept++
		return
	}
	uid, rest, more := strings.Cut(view(value), `\`)
	made := j.derive.uidValue(unpadded(uid))
	for more {
		uid, rest, more = strings.Cut(rest, `\`)
		made = slices.Concat(made, []byte{'\\'}, j.derive.uidValue(unpadded(uid)))
	}
	j.replace(e, made, &j.counts.Replaced)
}

// age keeps a whole number of years, grouped above the oldest.
func (j *job) age(e dataset.Ref, row *rule, value string) {
	n, ok := years(value)
	if row.action == remove || !ok {
		j.remove(e)
		return
	}
	if out := ageString(n, j.policy.OldestAge); out != value {
		j.replace(e, []byte(out), &j.counts.Replaced)
		return
	}
	j.counts.Kept++
}

// number reads a decimal string that [Number] accepts.
func number(s string) (float64, bool) {
	if !Number(s) {
		return 0, false
	}
	v, err := strconv.ParseFloat(unpadded(s), 64)
	return v, err == nil
}
