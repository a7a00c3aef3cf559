package deid

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dosegate/dosegate/plugin/dataset"
	"golang.org/x/text/unicode/norm"
)

// text is an element's value without padding.
func (l *look) text(e *seen) []byte {
	b := l.raw[e.value : e.value+e.length]
	for len(b) > 0 && (b[0] == ' ' || b[0] == 0) {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == 0) {
		b = b[:len(b)-1]
	}
	return b
}

// hit notes what was found.
func (l *look) hit(e *seen, what string) {
	var place strings.Builder
	for _, s := range l.path {
		fmt.Fprintf(&place, "%v[%d].", s.tag, s.item)
	}
	l.found = append(l.found, hit{tag: e.tag, vr: e.vr, at: e.at, place: place.String() + e.tag.String(), what: what})
}

func (h *hit) leak() *LeakError { return &LeakError{Place: h.place, What: h.what} }

// closedList reports whether the standard lists the values of an attribute.
func closedList(t dataset.Tag) bool {
	switch t {
	case 0x00080005, 0x00080060, 0x00080105, 0x0040A010, 0x0040A040, 0x0040A050,
		0x0040A491, 0x0040A493, 0x0040A496, 0x00120062, 0x00280303, 0x00100040, 0x00100200:
		return true
	}
	return false
}

// saysNothing reports whether an element holds a number, a date as the policy
// has it, or a defined term; a patient may be called so.
func saysNothing(tag dataset.Tag, vr dataset.VR) bool {
	switch vr {
	case dataset.DS, dataset.IS, dataset.FD, dataset.FL, dataset.SL, dataset.SS, dataset.UL, dataset.US,
		dataset.DA, dataset.TM, dataset.DT, dataset.AS:
		return true
	case dataset.CS:
		return closedList(tag)
	}
	return false
}

// element looks at one value.
func (l *look) element(e *seen, charset dataset.Charset) {
	if saysNothing(e.tag, e.vr) {
		return
	}
	value := l.text(e)
	if len(value) == 0 || l.pseudonym(e) || templateNumber(e, value) {
		return
	}
	what := ""
	switch e.vr {
	case dataset.UI:
		what = l.uid(view(value))
	case dataset.PN:
		if string(value) != replacement {
			what = "a person's name"
		}
	default:
		what = l.inText(charset.Decode(value))
	}
	if what != "" {
		l.hit(e, what)
	}
}

// pseudonym is the Patient ID, which this run has made.
func (l *look) pseudonym(e *seen) bool { return e.tag == patientID && len(l.path) == 0 }

// templateNumber reports whether the value is the number of a template or of a
// context group: an ID of five digits may be the same.
func templateNumber(e *seen, value []byte) bool {
	return (e.tag == 0x0040DB00 || e.tag == 0x0008010F) && len(value) <= 5 && onlyDigits(string(value)) == string(value)
}

// any reports whether there is a part of a code.
func (c *coded) any() bool { return c.value.tag|c.scheme.tag|c.meaning.tag != 0 }

// part is where an element belongs in a code, nil for one that does not.
func (c *coded) part(e *seen) *seen {
	if e.tag>>8 != codeValue>>8 || !isText(e.vr) {
		return nil
	}
	switch e.tag {
	case codeValue:
		return &c.value
	case codingScheme:
		return &c.scheme
	case codeMeaning:
		return &c.meaning
	}
	return nil
}

// code looks at the parts of a code. What the standard lists word for word is
// nobody's: a patient may be called Head.
func (l *look) code(c *coded, charset dataset.Charset) {
	value, scheme, text := view(l.text(&c.value)), view(l.text(&c.scheme)), view(l.text(&c.meaning))
	meaning, listed := meaningOf(scheme, value)
	l.codePart(&c.value, listed, charset)
	l.codePart(&c.scheme, listed || listedScheme(scheme), charset)
	l.codePart(&c.meaning, listed && sameWords(meaning, text), charset)
}

func (l *look) codePart(e *seen, listed bool, charset dataset.Charset) {
	if listed || e.length == 0 {
		return
	}
	if what := l.inText(charset.Decode(l.text(e))); what != "" {
		l.hit(e, what)
	}
}

// sameWords reports whether two texts differ in case alone.
func sameWords(a, b string) bool { return a == b || strings.EqualFold(a, b) }

// uid looks for a UID of the original among those of a value.
func (s *search) uid(value string) string {
	for more := !s.retainUIDs; more; {
		var uid string
		if uid, value, more = strings.Cut(value, `\`); s.uids[unpadded(uid)] {
			return "a UID of the original"
		}
	}
	return ""
}

// inText looks for every identifier in one text.
func (s *search) inText(text string) string {
	s.lay(text)
	for i := range s.starts {
		if s.anyWord(i) {
			return "an identifier of the patient"
		}
	}
	for _, piece := range s.pieces {
		if strings.Contains(view(s.flat), piece) {
			return "an identifier of the patient"
		}
	}
	for word := range strings.FieldsSeq(text) {
		if len(word) >= shortestUID && s.uids[strings.Trim(word, `.,;:()[]<>"'`)] && !s.retainUIDs {
			return "a UID of the original"
		}
	}
	return ""
}

// anyWord looks for words of the patient's in the words of a text from one on.
func (s *search) anyWord(from int) bool {
	if !s.initials[s.flat[s.starts[from]]] {
		return false
	}
	for k := from + 1; k <= min(from+4, len(s.starts)); k++ {
		end := len(s.flat)
		if k < len(s.starts) {
			end = s.starts[k]
		}
		if s.words[view(s.flat[s.starts[from]:end])] {
			return true
		}
	}
	return false
}

// lay splits a text and sets its words together.
func (s *search) lay(text string) {
	s.flat, s.starts = words(s.flat[:0], s.starts[:0], text)
}

// words appends the words of a text in lower case, without accents, and where
// each begins.
func words(flat []byte, starts []int, text string) ([]byte, []int) {
	inWord := false
	letter := func() {
		if !inWord {
			starts = append(starts, len(flat))
		}
		inWord = true
	}
	for _, r := range text {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			letter()
			flat = append(flat, byte(r))
		case 'A' <= r && r <= 'Z':
			letter()
			flat = append(flat, byte(r)+'a'-'A')
		case r < utf8.RuneSelf:
			inWord = false
		default:
			for _, part := range norm.NFKD.String(string(r)) {
				switch {
				case unicode.Is(unicode.Mn, part): // an accent
				case unicode.IsLetter(part), unicode.IsNumber(part):
					letter()
					flat = utf8.AppendRune(flat, unicode.ToLower(part))
				default:
					inWord = false
				}
			}
		}
	}
	return flat, starts
}

// split gives the words of a text in lower case, without accents.
func split(text string) []string {
	flat, starts := words(nil, nil, text)
	all := make([]string, len(starts))
	for i, start := range starts {
		end := len(flat)
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		all[i] = string(flat[start:end])
	}
	return all
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
