package rdsr

import (
	"strings"
	"unicode"

	"github.com/dosegate/dosegate/plugin/dataset"
)

// Identifiers are what a report calls its own patient, folded to lower-case
// words, to find them again in texts that are about devices.
type Identifiers struct {
	words map[string]bool // parts of names, whole short identifiers
	runs  []string        // identifiers of five characters and more, without separators
}

// The attributes that name the patient and the visit (PS3.3 C.2.2, C.2.3,
// C.7.2.1).
var identifying = []dataset.Tag{
	0x00100010, 0x00100020, 0x00101000, 0x00101001, 0x00101005, 0x00101060, 0x00102154, 0x00080050, 0x00380010,
}

// IdentifiersOf gathers them from the top level of a data set.
func IdentifiersOf(d *dataset.Dataset) Identifiers {
	ids := Identifiers{words: make(map[string]bool)}
	charset := d.Charset(dataset.Root)
	for _, tag := range identifying {
		r, ok := d.Find(dataset.Root, tag)
		if !ok || d.Container(r) {
			continue
		}
		value := charset.Decode(d.Trimmed(r))
		for _, word := range words(value) {
			if len(word) >= 3 {
				ids.words[word] = true
			}
		}
		if run := strings.Join(words(value), ""); len(run) >= 5 {
			ids.runs = append(ids.runs, run)
		}
	}
	return ids
}

// In reports whether a text holds one of the identifiers, as a word or, for
// those of five characters and more, anywhere.
func (ids Identifiers) In(text string) bool {
	parts := words(text)
	for _, word := range parts {
		if ids.words[word] {
			return true
		}
	}
	flat := strings.Join(parts, "")
	for _, run := range ids.runs {
		if strings.Contains(flat, run) {
			return true
		}
	}
	return false
}

// words splits a text at everything that is no letter or digit.
func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}
