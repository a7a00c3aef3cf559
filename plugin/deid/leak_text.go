package deid

import (
	"strings"
	"unicode"

	"github.com/dosegate/dosegate/plugin/dataset"
	"golang.org/x/text/unicode/norm"
)

// uid looks for a UID of the original among those of a value.
func (s *search) uid(value string) string {
	for uid := range strings.SplitSeq(value, `\`) {
		if s.uids[strings.Trim(uid, " \x00")] && !s.retainUIDs {
			return "a UID of the original"
		}
	}
	return ""
}

// text looks for every identifier in one text.
func (s *search) text(value []byte, n *dataset.Node) string {
	text := s.finished.Charset(n.Parent).Decode(value)
	words := split(text)
	for i, word := range words {
		for k := i; ; word += words[k] {
			if s.words[word] {
				return "an identifier of the patient"
			}
			if k++; k == len(words) || k > i+3 {
				break
			}
		}
	}
	flat := strings.Join(words, "")
	for _, piece := range s.pieces {
		if strings.Contains(flat, piece) {
			return "an identifier of the patient"
		}
	}
	for _, word := range strings.Fields(text) {
		if s.uids[strings.Trim(word, `.,;:()[]<>"'`)] && !s.retainUIDs {
			return "a UID of the original"
		}
	}
	return ""
}

// pseudonym is the Patient ID, which this run has made.
func (s *search) pseudonym(n *dataset.Node) bool {
	return n.Tag == patientID && n.Parent == dataset.Root
}

// listedMeaning reports whether the value is a Code Meaning word for word as
// the standard lists it: a patient may be called Head.
func (s *search) listedMeaning(n *dataset.Node, r dataset.Ref) bool {
	if n.Tag != 0x00080104 && n.Tag != 0x00080100 && n.Tag != 0x00080102 {
		return false
	}
	if n.Tag == 0x00080102 {
		return listedScheme(s.finished.Text(r))
	}
	value, scheme := s.finished.TextOf(n.Parent, 0x00080100), s.finished.TextOf(n.Parent, 0x00080102)
	meaning, ok := meaningOf(scheme, value)
	return ok && (n.Tag == 0x00080100 || strings.EqualFold(meaning, s.finished.Text(r)))
}

// templateNumber reports whether the value is the number of a template or of a
// context group: an ID of five digits may be the same.
func (s *search) templateNumber(n *dataset.Node, value []byte) bool {
	return (n.Tag == 0x0040DB00 || n.Tag == 0x0008010F) && len(value) <= 5 && onlyDigits(string(value)) == string(value)
}

// split gives the words of a text in lower case, without accents.
func split(text string) []string {
	plain := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(text))
	return strings.FieldsFunc(plain, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
