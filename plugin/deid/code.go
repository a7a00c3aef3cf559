package deid

import (
	"regexp"
	"strings"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/sr"
)

// code treats the attributes of the Code Sequence Macro in an item (PS3.3
// 8.8). Codes are a channel for free text: the value has to look like a code,
// and the meaning is the one that the scheme lists, else cleaned.
func (j *job) code(item dataset.Ref) {
	c := sr.CodeOf(j.d, item)
	for e := range j.d.Children(item) {
		row, _ := j.rules.attributes.get(j.d.Tag(e))
		if row.form.name != "code" || j.d.Container(e) {
			continue
		}
		switch text := j.d.Trimmed(e); j.d.Tag(e) {
		case sr.CodeMeaning:
			j.meaning(e, item, row, c)
		case sr.CodingSchemeDesignator:
			// Sites name schemes after their systems, with blanks.
			j.codePart(e, item, text, len(text) <= 16)
		case sr.CodingSchemeVersion:
			j.codePart(e, item, text, len(text) <= 16 && word(text))
		case sr.CodeValue:
			j.codePart(e, item, text, len(text) <= 16 && looksLikeCode(c))
		case sr.LongCodeValue, sr.URNCodeValue:
			j.codePart(e, item, text, len(text) <= 64 && word(text))
		default: // Context Group Version
			j.keep(e, item, &groupVersion, text)
		}
	}
}

// groupVersion is the rule of Context Group Version (0008,0106).
var groupVersion = rule{action: keep, vr: dataset.DT, typ: "3", form: form{name: "date"}}

// codePart keeps a value, scheme or version that looks like one and holds no
// identifier.
func (j *job) codePart(e, item dataset.Ref, text []byte, looksLikeOne bool) {
	_, dirty := j.cleaner.clean(text, j.d.Charset(item))
	if dirty || !looksLikeOne || !noControls(text, false) {
		j.replace(e, []byte(replacement), &j.counts.Replaced)
		return
	}
	j.counts.Kept++
}

// codeForms is what the codes of a listed scheme look like: a value in its name
// that does not is no code of it. UCUM is a grammar and not a list, and devices
// write it loosely; a unit changed would be a figure changed.
var codeForms = map[string]*regexp.Regexp{
	"DCM":    regexp.MustCompile(`^([0-9]{4,6}|[A-Z0-9_]{1,8})$`),
	"SCT":    regexp.MustCompile(`^[0-9]{6,16}$`),
	"SRT":    regexp.MustCompile(`^[A-Z][0-9A-Z]?-[0-9A-Z]{4,6}$`),
	"SNM3":   regexp.MustCompile(`^[A-Z][0-9A-Z]?-[0-9A-Z]{4,6}$`),
	"99SDM":  regexp.MustCompile(`^[A-Z][0-9A-Z]?-[0-9A-Z]{4,6}$`),
	"LN":     regexp.MustCompile(`^[0-9]{1,6}-[0-9]$`),
	"FMA":    regexp.MustCompile(`^[0-9]{1,7}$`),
	"NCIt":   regexp.MustCompile(`^C[0-9]{1,7}$`),
	"UMLS":   regexp.MustCompile(`^C[0-9]{7}$`),
	"RADLEX": regexp.MustCompile(`^RID[0-9]{1,6}$`),
	"UCUM":   regexp.MustCompile(`^[ -~]{1,16}$`),
}

// otherCode is what a code of any other scheme looks like: one word of
// printable ASCII, or digits with blanks between.
var otherCode = regexp.MustCompile(`^([!-\[\]-~]{1,16}|[0-9 ]{1,16})$`)

func looksLikeCode(c sr.Code) bool {
	if _, ok := meaningOf(c.Scheme, c.Value); ok || c.Value == "" {
		return true
	}
	if form := codeForms[c.Scheme]; form != nil {
		return form.MatchString(c.Value)
	}
	return otherCode.MatchString(c.Value)
}

// word reports whether a text is one word of printable ASCII.
func word(text []byte) bool {
	for _, c := range text {
		if c <= ' ' || c >= 0x7F || c == '\\' {
			return false
		}
	}
	return true
}

// meaning gives a listed code its listed meaning, unless the report's own
// differs in case alone; the meaning of others is cleaned.
func (j *job) meaning(e, item dataset.Ref, row *rule, c sr.Code) {
	text := j.d.Trimmed(e)
	listed, ok := meaningOf(c.Scheme, c.Value)
	switch {
	case ok && strings.EqualFold(listed, string(text)):
		j.counts.Kept++
	case ok:
		j.replace(e, []byte(listed), &j.counts.Replaced)
	case len(text) == 0:
		j.counts.Kept++
	default:
		j.keep(e, item, row, text)
	}
}
