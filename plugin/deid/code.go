package deid

import (
	"regexp"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/sr"
)

// code treats the attributes of the Code Sequence Macro in an item (PS3.3
// 8.8). Codes are a channel for free text: the value has to look like a code,
// and the meaning is the one that the scheme lists, else cleaned.
func (j *job) code(item dataset.Ref) {
	c := sr.CodeOf(j.d, item)
	meaning, listed := meaningOf(c.Scheme, c.Value)
	for e := range j.d.Children(item) {
		row, _ := j.rules.attributes.get(j.d.Tag(e))
		if row.form.name != "code" || j.d.Container(e) {
			continue
		}
		switch text := j.d.Trimmed(e); j.d.Tag(e) {
		case sr.CodeMeaning:
			j.meaning(e, item, row, meaning, listed)
		case sr.CodingSchemeDesignator:
			j.codePart(e, item, text, listed || listedScheme(c.Scheme), true)
		case sr.CodeValue, sr.LongCodeValue, sr.URNCodeValue:
			if view(text) != c.Value {
				j.remove(e) // a second value (PS3.3 8.8 has one), for which no list vouches
				continue
			}
			j.codePart(e, item, text, listed, listed || looksLikeCode(c))
		case sr.CodingSchemeVersion:
			j.codePart(e, item, text, false, word(text))
		default: // Context Group Version
			j.keep(e, item, &groupVersion, text)
		}
	}
}

// groupVersion is the rule of Context Group Version (0008,0106).
var groupVersion = rule{action: keep, vr: dataset.DT, typ: "3", form: form{name: "date"}}

// longestCodePart is how long a code, a scheme or a version may be.
const longestCodePart = 64

// codePart keeps what the listed schemes have, whatever the patient is called
// or numbered: a code changed would be a figure changed. Others have to look
// like one, and not to be an identifier.
func (j *job) codePart(e, item dataset.Ref, text []byte, listed, looksLikeOne bool) {
	keeps := listed || looksLikeOne && len(text) <= longestCodePart && noControls(text, false) &&
		!j.cleaner.id.IsWord(j.d.Charset(item).Decode(text))
	if !keeps {
		j.replace(e, []byte(replacement), &j.counts.Replaced)
		return
	}
	j.counts.Kept++
}

// codeForms is what the codes of a listed scheme look like: a value in its name
// that does not is no code of it. UCUM is a grammar and not a list, and devices
// write it loosely; other schemes are the devices' and sites' own.
var codeForms = map[string]*regexp.Regexp{
	"DCM":    regexp.MustCompile(`^([0-9]{4,6}|[A-Z0-9_]{1,8})$`),
	"SCT":    regexp.MustCompile(`^[0-9]{6,16}$`),
	"SRT":    regexp.MustCompile(`^[A-Z][0-9A-Z]?-[0-9A-Z]{4,6}$`),
	"SNM3":   regexp.MustCompile(`^[A-Z][0-9A-Z]?-[0-9A-Z]{4,6}$`),
	"99SDM":  regexp.MustCompile(`^[A-Z][0-9A-Z]?-[0-9A-Z]{4,6}$`),
	"LN":     regexp.MustCompile(`^(L[AP])?[0-9]{1,6}-[0-9]$`),
	"FMA":    regexp.MustCompile(`^[0-9]{1,7}$`),
	"NCIt":   regexp.MustCompile(`^C[0-9]{1,7}$`),
	"UMLS":   regexp.MustCompile(`^C[0-9]{7}$`),
	"RADLEX": regexp.MustCompile(`^RID[0-9]{1,6}$`),
}

func looksLikeCode(c sr.Code) bool {
	form := codeForms[c.Scheme]
	return form == nil || c.Value == "" || form.MatchString(c.Value)
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
func (j *job) meaning(e, item dataset.Ref, row *rule, meaning string, listed bool) {
	text := j.d.Trimmed(e)
	switch {
	case listed && sameWords(meaning, view(text)):
		j.counts.Kept++
	case listed:
		j.replace(e, []byte(meaning), &j.counts.Replaced)
	case len(text) == 0:
		j.counts.Kept++
	default:
		j.keep(e, item, row, text)
	}
}
