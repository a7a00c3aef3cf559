package deid

import (
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
		row := j.rules.attributes[j.d.Tag(e)]
		if row.form != "code" || j.d.Container(e) {
			continue
		}
		switch text := j.d.Trimmed(e); j.d.Tag(e) {
		case sr.CodeMeaning:
			j.meaning(e, item, row, c)
		case sr.CodingSchemeDesignator:
			j.codePart(e, item, text, len(text) <= 16 && word(text))
		case sr.CodingSchemeVersion:
			j.codePart(e, item, text, len(text) <= 16 && word(text))
		case sr.CodeValue:
			_, listed := meaningOf(c.Scheme, c.Value)
			j.codePart(e, item, text, listed || len(text) <= 16 && (word(text) || listedScheme(c.Scheme)))
		case sr.LongCodeValue, sr.URNCodeValue:
			j.codePart(e, item, text, len(text) <= 64 && word(text))
		default: // Context Group Version
			row.form = "date"
			j.keep(e, item, row, text)
		}
	}
}

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

// word reports whether a text is one word of printable ASCII. Codes of listed
// schemes may have blanks in them, as in the UCUM annotation {X-Ray sources}.
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
func (j *job) meaning(e, item dataset.Ref, row rule, c sr.Code) {
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
		row.action = clean
		j.apply(e, item, row, text)
	}
}
