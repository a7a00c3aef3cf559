package deid

import (
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/sr"
)

// identity is what names the patient, the persons and the institution of one
// report, folded. It lives only while that report is de-identified.
type identity struct {
	words map[string]bool // found as whole words
	runs  map[string]bool // found anywhere, across separators
}

// kinds of identifying values: how they are taken apart.
type identifier uint8

const (
	aName         identifier = iota + 1 // parts of three letters and more, and the whole in any order
	aNumber                             // an ID: the whole, and its runs of five digits and more
	aDate                               // in the usual spellings
	anInstitution                       // the whole, and its uncommon words
)

// identifying are the attributes that name someone, at any level, whatever is
// done to them (PS3.3 C.2, C.7.1, C.7.2, C.7.3, C.4.10).
var identifying = map[dataset.Tag]identifier{
	0x00100020: aNumber, 0x00101000: aNumber, 0x00101090: aNumber, 0x00101050: aNumber, 0x00102154: aNumber,
	0x00080050: aNumber, 0x00200010: aNumber, 0x00380010: aNumber, 0x00380060: aNumber,
	0x00400009: aNumber, 0x00400253: aNumber, 0x00401001: aNumber, 0x00402016: aNumber, 0x00402017: aNumber,
	0x00080080: anInstitution, 0x00080081: anInstitution, 0x00081040: anInstitution, 0x0040A027: anInstitution,
	0x00101040: anInstitution, 0x00321033: anInstitution, 0x00380300: anInstitution,
	0x00100030: aDate,
	0x00100010: aName, 0x00080090: aName, 0x00081050: aName, 0x0040A123: aName, // and every other PN, by its VR
}

// identifyingConcepts are the content items that name someone though their
// value is text (PS3.16 TID 1002 to 1007, 1020, 1204).
var identifyingConcepts = map[string]identifier{
	"121029": aName, "121008": aName, "121114": aName, "113870": aName, "113850": aName,
	"121036": aName, "121088": aName, "121152": aName, "121435": aName,
	"121030": aNumber, "121022": aNumber, "121020": aNumber, "121021": aNumber, "113871": aNumber, "128774": aNumber,
	"121009": anInstitution, "113873": anInstitution, "121017": anInstitution, "121434": anInstitution,
	"121031": aDate,
}

// identify gathers the identity of a report, at all its levels.
func identify(d *dataset.Dataset) *identity {
	id := &identity{words: make(map[string]bool), runs: make(map[string]bool)}
	for r := dataset.Ref(1); int(r) < d.Len(); r++ {
		n := d.Node(r)
		if n.VR == dataset.SQ || n.Tag == dataset.Item || n.Tag>>8 == codeMacro || d.Container(r) {
			continue
		}
		if kind := identifies(d, n); kind != 0 {
			id.add(kind, d.Charset(n.Parent).Decode(d.Trimmed(r)))
		}
	}
	return id
}

// codeMacro is what the tags (0008,01xx) of codes begin with: two thirds of a
// report's elements, which name nobody by their tag.
const codeMacro = 0x000801

// identifies says how an element names someone, 0 where it does not: by its
// tag, by its VR, or by the concept of the content item whose value it is.
func identifies(d *dataset.Dataset, n *dataset.Node) identifier {
	switch {
	case n.VR == dataset.PN:
		return aName
	case n.Tag == sr.TextValue, n.Tag == sr.Date:
		return identifyingConcepts[sr.CodeAt(d, n.Parent, sr.ConceptNameCodeSequence).Value]
	}
	return identifying[n.Tag]
}

// add takes one value apart; several values stand behind backslashes.
func (id *identity) add(kind identifier, value string) {
	for _, v := range strings.Split(value, `\`) {
		if placeholder(v) {
			continue
		}
		switch kind {
		case aName:
			id.addName(v)
		case aNumber:
			id.addNumber(v)
		case aDate:
			id.addDate(v)
		case anInstitution:
			id.addInstitution(v)
		}
	}
}

// addName takes a person name apart: each component group (alphabetic,
// ideographic, phonetic) has its own parts (PS3.5 6.2.1).
func (id *identity) addName(v string) {
	for _, group := range strings.Split(v, "=") {
		parts := foldWords(group)
		for _, part := range parts {
			if !placeholder(part) {
				id.addPart(part)
			}
		}
		id.addRun(strings.Join(parts, ""))
		slices.Reverse(parts)
		id.addRun(strings.Join(parts, ""))
	}
}

func (id *identity) addPart(part string) {
	switch n := utf8.RuneCountInString(part); {
	case unspaced(part) && n >= 2:
		id.runs[part] = true
	case n >= 3:
		id.words[part] = true
	}
}

func (id *identity) addRun(run string) {
	if utf8.RuneCountInString(run) >= 5 {
		id.runs[run] = true
	}
}

func (id *identity) addNumber(v string) {
	whole := fold(v)
	if len(whole) >= 3 && len(whole) < 5 {
		id.words[whole] = true
	}
	id.addRun(whole)
	for _, digits := range strings.FieldsFunc(whole, func(r rune) bool { return r < '0' || r > '9' }) {
		id.addRun(digits)
		id.addRun(strings.TrimLeft(digits, "0"))
	}
}

// addInstitution takes the name of a place apart. Words that every hospital
// has in its name, and those of medicine itself, say nothing.
func (id *identity) addInstitution(v string) {
	parts := foldWords(v)
	for _, part := range parts {
		if utf8.RuneCountInString(part) >= 4 && !commonWords[part] && !vocabulary()[part] {
			id.words[part] = true
		}
	}
	id.addRun(strings.Join(parts, ""))
}

// addDate adds the usual spellings of a date (YYYYMMDD).
func (id *identity) addDate(v string) {
	t, err := time.Parse("20060102", strings.TrimSpace(v))
	if err != nil {
		id.addRun(fold(v))
		return
	}
	for _, layout := range []string{"20060102", "02012006", "01022006", "060102", "020106", "010206",
		"2Jan2006", "Jan22006", "2January2006", "January22006", "02Jan2006", "Jan022006"} {
		id.runs[strings.ToLower(t.Format(layout))] = true
	}
}

// placeholder reports whether a value stands for none: what devices and
// earlier de-identification write where there is nobody.
func placeholder(v string) bool {
	flat := fold(v)
	if strings.Trim(flat, "0") == "" {
		return true
	}
	switch flat {
	case "unknown", "anonymous", "anonymized", "anonymised", "anon", "removed", "none", "null", "na", "notavailable",
		"xxx", "xxxx", "empty", "noname", "noid", "deidentified", "withheld":
		return true
	}
	return false
}

// vocabulary is the words of the listed meanings of anatomy, procedures and
// devices: a department called Mammography is not told by that word.
var vocabulary = sync.OnceValue(func() map[string]bool {
	words := make(map[string]bool)
	for _, scheme := range []string{"DCM", "SCT"} {
		for _, meaning := range listed()[scheme] {
			for _, word := range foldWords(meaning) {
				words[word] = true
			}
		}
	}
	return words
})

var commonWords = map[string]bool{
	"hospital": true, "clinic": true, "clinical": true, "klinik": true, "klinikum": true, "krankenhaus": true,
	"hopital": true, "hospitalier": true, "centre": true, "center": true, "central": true, "medical": true,
	"medicine": true, "medizin": true, "health": true, "healthcare": true, "university": true, "universitair": true,
	"radiology": true, "radiologie": true, "imaging": true, "department": true, "general": true, "saint": true,
	"street": true, "road": true, "north": true, "south": true, "east": true, "west": true, "county": true,
	"children": true, "institute": true, "service": true, "services": true, "trust": true, "diagnostic": true,
	"head": true, "chest": true, "abdomen": true, "room": true, "unit": true, "ward": true,
}
