package deid

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/identity"
)

// LeakError says that an identifier of the patient was found in the finished
// object, and where. It never holds the identifier.
type LeakError struct {
	Place string // as in "(0040,A730)[3].(0040,A160)"
	What  string // which kind of identifier
}

func (e *LeakError) Error() string { return fmt.Sprintf("%s found at %s", e.What, e.Place) }

// lastLook reads the finished file again and looks in it for what identifies
// the patient of the original. It shares neither tables nor matching with the
// rewriter: what one of them overlooks, the other finds. A text in which it
// finds something goes whole, and it looks again; anything else, or anything
// found then, is a *[LeakError]. It returns the file, and how many texts went.
func lastLook(original *dataset.Dataset, file []byte, p Policy) (safe []byte, replaced int, err error) {
	s := &search{original: original, words: make(map[string]bool), uids: make(map[string]bool, 64), met: make(map[string]string),
		retainUIDs: p.Retain.UIDs}
	s.gather()
	found, err := s.read(file)
	if err != nil || len(found) == 0 {
		return file, 0, err
	}
	if safe, err = takenOut(file, found); err != nil {
		return nil, 0, err
	}
	again, err := s.read(safe)
	if err != nil {
		return nil, 0, err
	}
	if len(again) > 0 {
		return nil, 0, again[0].leak()
	}
	return safe, len(found), nil
}

// takenOut writes the file with other texts in the place of those found.
func takenOut(file []byte, found []hit) ([]byte, error) {
	at := make(map[int]hit)
	for _, h := range found {
		if !isText(h.vr) || h.tag == codeValue {
			return nil, h.leak()
		}
		at[h.at] = h
	}
	d, err := dataset.Parse(file, dataset.Limits{Bytes: len(file) + 1})
	if err == nil {
		d, err = d.Flat()
	}
	if err != nil {
		return nil, fmt.Errorf("read the de-identified report again: %w", err)
	}
	plan := d.Plan()
	for r := dataset.Ref(1); int(r) < d.Len(); r++ {
		if h, is := at[d.Offset(r)]; is && h.tag == d.Tag(r) {
			plan.Replace(r, []byte(replacement))
			delete(at, h.at)
		}
	}
	for _, h := range at {
		return nil, h.leak() // two readers read it in two ways
	}
	mended, err := plan.Encode(bytes.Clone(file[:len(file)-len(d.Raw())]))
	if err != nil {
		return nil, fmt.Errorf("take a text out of the de-identified report: %w", err)
	}
	return mended, nil
}

// codeValue is no text that could be another: without it the code is gone.
const (
	codeValue    dataset.Tag = 0x00080100
	codingScheme dataset.Tag = 0x00080102
	codeMeaning  dataset.Tag = 0x00080104
)

// search is one last look.
type search struct {
	original   *dataset.Dataset
	words      map[string]bool // at least three characters, found as whole words
	pieces     []string        // at least five, found anywhere
	uids       map[string]bool
	met        map[string]string // the kinds of what was added
	initials   [256]bool         // the first bytes of the words
	retainUIDs bool

	flat   []byte // the words of the text that is looked at, set together
	starts []int  // where each begins
}

// lastPatientTag is the highest tag that patientKind knows.
const lastPatientTag dataset.Tag = 0x00402017

// patientKind tells the attributes that identify the patient, the visit and the
// order, wherever they stand in the original; it is "" for others.
func patientKind(t dataset.Tag) string {
	switch t {
	case 0x00100010, 0x00101001, 0x00101005, 0x00101060, 0x00102297:
		return "name"
	case 0x00100020, 0x00101000, 0x00101090, 0x00102154, 0x00080050, 0x00380010, 0x00402016, lastPatientTag:
		return "id"
	case 0x00100030:
		return "date"
	}
	return ""
}

// gather collects the identifiers of the original.
func (s *search) gather() {
	d := s.original
	for r, n := range d.Values() {
		switch {
		case n.VR == dataset.UI:
			for uid := range strings.SplitSeq(view(d.Trimmed(r)), `\`) {
				if u := unpadded(uid); len(u) >= shortestUID && !registered(u) {
					s.uids[u] = true
				}
			}
		case n.VR == dataset.SQ || n.Tag > lastPatientTag:
		default:
			if kind := patientKind(n.Tag); kind != "" {
				for v := range strings.SplitSeq(d.Charset(n.Parent).Decode(d.Trimmed(r)), `\`) {
					s.add(kind, v)
				}
			}
		}
	}
}

// shortestUID is how long a UID has to be to be one device's alone.
const shortestUID = 7

// registered reports whether a UID is one of DICOM itself or of HL7's registry
// of coding schemes.
func registered(uid string) bool {
	return strings.HasPrefix(uid, "1.2.840.10008.") || strings.HasPrefix(uid, "2.16.840.1.113883.6.")
}

// add takes an identifier apart. Those of under three characters are in every
// text; placeholders are nobody's.
func (s *search) add(kind, value string) {
	if s.met[value] == kind {
		return
	}
	s.met[value] = kind
	if strings.Trim(value, "0 -^._") == "" || identity.Placeholder(value) {
		return
	}
	parts := split(value)
	if kind == "name" {
		s.addName(value, parts)
	}
	whole := strings.Join(parts, "")
	if kind == "date" && len(whole) == 8 { // the two other orders that dates are written in
		s.pieces = append(s.pieces, whole[6:]+whole[4:6]+whole[:4], whole[4:]+whole[:4])
	}
	switch n := utf8.RuneCountInString(whole); {
	case n >= 5:
		s.pieces = append(s.pieces, whole)
	case n >= 3:
		s.addWord(whole)
	}
	if digits := strings.TrimLeft(onlyDigits(whole), "0"); kind == "id" && len(digits) >= 5 {
		s.pieces = append(s.pieces, digits)
	}
}

func (s *search) addWord(word string) {
	s.words[word] = true
	s.initials[word[0]] = true
}

// addName adds the parts of a name, its components and family and given name
// together.
func (s *search) addName(value string, parts []string) {
	var components []string
	for component := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == '^' || r == '=' }) {
		components = append(components, strings.Join(split(component), ""))
	}
	if len(components) > 1 {
		parts = append(parts, components[0]+components[1], components[1]+components[0])
	}
	for _, part := range append(parts, components...) {
		if utf8.RuneCountInString(part) >= 3 && !identity.Placeholder(part) {
			s.addWord(part)
		}
	}
}
