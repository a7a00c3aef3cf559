package deid

import (
	"bytes"
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
	s := &search{original: original, finished: finished, uids: make(map[string]bool), retainUIDs: p.Retain.UIDs}
	s.gather()
	return s.elements(dataset.Root, "")
}

// search is one last look.
type search struct {
	original, finished *dataset.Dataset
	words              []string // at least three characters, found as whole words
	pieces             []string // at least five, found anywhere
	uids               map[string]bool
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
		if d.Container(r) {
			continue
		}
		switch kind := patientTags[d.Tag(r)]; {
		case kind != "":
			for _, v := range strings.Split(d.Charset(d.Node(r).Parent).Decode(d.Trimmed(r)), `\`) {
				s.add(kind, v)
			}
		case d.Node(r).VR == dataset.UI:
			for _, uid := range bytes.Split(d.Trimmed(r), []byte(`\`)) {
				if u := string(bytes.Trim(uid, " \x00")); len(u) > 6 && !registered(u) {
					s.uids[u] = true
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

// elements looks through an item of the finished object.
func (s *search) elements(item dataset.Ref, path string) error {
	for e := range s.finished.Children(item) {
		tag := s.finished.Tag(e)
		place := path + tag.String()
		if tag.Private() {
			return &LeakError{Place: place, What: "a private attribute"}
		}
		if !s.finished.Container(e) {
			if what := s.value(e, item); what != "" {
				return &LeakError{Place: place, What: what}
			}
			continue
		}
		n := 0
		for below := range s.finished.Children(e) {
			n++
			if err := s.elements(below, fmt.Sprintf("%s[%d].", place, n)); err != nil {
				return err
			}
		}
	}
	return nil
}

// value looks at one value of the finished object.
func (s *search) value(e, item dataset.Ref) (what string) {
	value := s.finished.Trimmed(e)
	if len(value) == 0 {
		return ""
	}
	switch s.finished.Node(e).VR {
	case dataset.DS, dataset.IS, dataset.FD, dataset.FL, dataset.SL, dataset.SS, dataset.UL, dataset.US,
		dataset.DA, dataset.TM, dataset.DT, dataset.AS:
		return "" // numbers, and dates as the policy has them
	case dataset.UI:
		return s.uid(value)
	case dataset.PN:
		if string(value) != replacement {
			return "a person's name"
		}
		return ""
	}
	if s.pseudonym(e) || s.listedMeaning(e, item) || s.templateNumber(e, value) {
		return ""
	}
	return s.text(s.finished.Charset(item).Decode(value))
}

func (s *search) uid(value []byte) string {
	for _, uid := range strings.Split(string(value), `\`) {
		if s.uids[strings.Trim(uid, " \x00")] && !s.retainUIDs {
			return "a UID of the original"
		}
	}
	return ""
}

// text looks for every identifier in one decoded text.
func (s *search) text(text string) string {
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
	return ""
}

// pseudonym is the Patient ID, which this run has made.
func (s *search) pseudonym(e dataset.Ref) bool {
	return s.finished.Tag(e) == patientID && s.finished.Node(e).Parent == dataset.Root
}

// listedMeaning reports whether the value is a Code Meaning word for word as
// the standard lists it: a patient may be called Head.
func (s *search) listedMeaning(e, item dataset.Ref) bool {
	if s.finished.Tag(e) != 0x00080104 && s.finished.Tag(e) != 0x00080100 {
		return false
	}
	value, scheme := s.finished.TextOf(item, 0x00080100), s.finished.TextOf(item, 0x00080102)
	meaning, ok := meaningOf(scheme, value)
	return ok && (s.finished.Tag(e) == 0x00080100 || strings.EqualFold(meaning, s.finished.Text(e)))
}

// templateNumber reports whether the value is the number of a template or of a
// context group: an ID of five digits may be the same.
func (s *search) templateNumber(e dataset.Ref, value []byte) bool {
	tag := s.finished.Tag(e)
	return (tag == 0x0040DB00 || tag == 0x0008010F) && len(value) <= 5 && onlyDigits(string(value)) == string(value)
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
