package deid

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dosegate/dosegate/plugin/dataset"
	"golang.org/x/text/unicode/norm"
)

// LeakError says that an identifier of the patient was found in the finished
// object, and where. It never holds the identifier.
type LeakError struct {
	Place string // as in "(0040,A730)[3].(0040,A160)"
	What  string // which kind of identifier
}

func (e *LeakError) Error() string { return fmt.Sprintf("%s found at %s", e.What, e.Place) }

// lookForLeaks reads the finished file again and looks in it for what
// identifies the patient of the original. It shares neither tables nor
// matching with the rewriter: what one of them overlooks, the other finds.
func lookForLeaks(original *dataset.Dataset, file []byte, p Policy) error {
	finished, err := dataset.Parse(file, dataset.Limits{Bytes: len(file) + 1})
	if err != nil {
		return fmt.Errorf("read the de-identified report again: %w", err)
	}
	s := &search{original: original, finished: finished, uids: make(map[string]bool), clean: make(map[string]bool),
		retainUIDs: p.Retain.UIDs}
	s.gather()
	return s.look()
}

// search is one last look.
type search struct {
	original, finished *dataset.Dataset
	words              []string // at least three characters, found as whole words
	pieces             []string // at least five, found anywhere
	uids               map[string]bool
	clean              map[string]bool // texts and codes in which nothing was found
	retainUIDs         bool
}

// patientTags are the attributes that identify the patient, the visit and the
// order, wherever they stand in the original.
var patientTags = map[dataset.Tag]string{
	0x00100010: "name", 0x00101001: "name", 0x00101005: "name", 0x00101060: "name", 0x00102297: "name",
	0x00100020: "id", 0x00101000: "id", 0x00101090: "id", 0x00102154: "id", 0x00080050: "id", 0x00380010: "id",
	0x00402016: "id", 0x00402017: "id", 0x00100030: "date",
}

// gather collects the identifiers of the original.
func (s *search) gather() {
	d := s.original
	for r := dataset.Ref(1); int(r) < d.Len(); r++ {
		n := d.Node(r)
		switch {
		case n.VR == dataset.UI:
			for uid := range strings.SplitSeq(view(d.Trimmed(r)), `\`) {
				if u := strings.Trim(uid, " \x00"); len(u) > 6 && !registered(u) {
					s.uids[u] = true
				}
			}
		case n.VR == dataset.SQ || n.Tag == dataset.Item || n.Tag.Group() > 0x0040 || d.Container(r):
		default:
			if kind := patientTags[n.Tag]; kind != "" {
				for v := range strings.SplitSeq(d.Charset(n.Parent).Decode(d.Trimmed(r)), `\`) {
					s.add(kind, v)
				}
			}
		}
	}
}

// registered reports whether a UID is one of DICOM itself or of HL7's registry
// of coding schemes.
func registered(uid string) bool {
	return strings.HasPrefix(uid, "1.2.840.10008.") || strings.HasPrefix(uid, "2.16.840.1.113883.6.")
}

// add takes an identifier apart. Those of under three characters are in every
// text; placeholders are nobody's.
func (s *search) add(kind, value string) {
	if strings.Trim(value, "0 -^._") == "" || placeholder(value) {
		return
	}
	parts := split(value)
	for _, part := range parts {
		if n := utf8.RuneCountInString(part); n >= 3 && (kind == "name" || n < 5 && len(parts) == 1) && !placeholder(part) {
			s.words = append(s.words, part)
		}
	}
	whole := strings.Join(parts, "")
	if utf8.RuneCountInString(whole) >= 5 {
		s.pieces = append(s.pieces, whole)
	}
	if kind == "id" {
		if digits := strings.TrimLeft(onlyDigits(whole), "0"); len(digits) >= 5 {
			s.pieces = append(s.pieces, digits)
		}
	}
}

// look goes through every element of the finished object.
func (s *search) look() error {
	d := s.finished
	for r := dataset.Ref(1); int(r) < d.Len(); {
		n := d.Node(r)
		what, next := "", r+1
		switch {
		case n.Tag.Private():
			what = "a private attribute"
		case n.VR == dataset.SQ:
			// Codes repeat by the thousand: what was clean is clean again.
			if encoded := view(d.Bytes(r)); len(encoded) <= longestCode && d.Charsets() <= 1 {
				if s.clean[encoded] {
					next = d.After(r)
					break
				}
				if what = s.within(r); what == "" {
					s.clean[encoded] = true
					next = d.After(r)
				}
			}
		case !d.Container(r):
			what = s.value(r, n)
		}
		if what != "" {
			return &LeakError{Place: s.place(r), What: what}
		}
		r = next
	}
	return nil
}

// within looks at everything inside a short sequence.
func (s *search) within(sequence dataset.Ref) string {
	for r := sequence + 1; r < s.finished.After(sequence); r++ {
		n := s.finished.Node(r)
		if n.Tag.Private() {
			return "a private attribute"
		}
		if s.finished.Container(r) {
			continue
		}
		if what := s.value(r, n); what != "" {
			return what
		}
	}
	return ""
}

// place words where an element stands.
func (s *search) place(r dataset.Ref) string {
	n := s.finished.Node(r)
	if n.Parent < 0 {
		return ""
	}
	if n.Tag != dataset.Item {
		return strings.TrimPrefix(s.place(n.Parent)+"."+n.Tag.String(), ".")
	}
	number := 0
	for item := range s.finished.Children(n.Parent) {
		if number++; item == r {
			break
		}
	}
	return fmt.Sprintf("%s[%d]", s.place(n.Parent), number)
}

// value looks at one value of the finished object.
func (s *search) value(r dataset.Ref, n *dataset.Node) (what string) {
	value := s.finished.Trimmed(r)
	if len(value) == 0 {
		return ""
	}
	switch n.VR {
	case dataset.DS, dataset.IS, dataset.FD, dataset.FL, dataset.SL, dataset.SS, dataset.UL, dataset.US,
		dataset.DA, dataset.TM, dataset.DT, dataset.AS:
		return "" // numbers, and dates as the policy has them
	case dataset.UI:
		return s.uid(view(value))
	case dataset.PN:
		if string(value) != replacement {
			return "a person's name"
		}
		return ""
	}
	if s.pseudonym(n) || s.listedMeaning(n, r) || s.templateNumber(n, value) {
		return ""
	}
	return s.text(value, n)
}

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
	if s.clean[view(value)] {
		return ""
	}
	text := s.finished.Charset(n.Parent).Decode(value)
	words := split(text)
	for _, word := range words {
		for _, w := range s.words {
			if word == w {
				return "an identifier of the patient"
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
	if s.finished.Charsets() <= 1 {
		s.clean[view(value)] = true
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
	if n.Tag != 0x00080104 && n.Tag != 0x00080100 {
		return false
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
