package identity

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Identity is what names the persons and the place of one report, folded. It
// is to live only as long as that report is worked on.
type Identity struct {
	words   map[string]bool     // found as whole words, or as several in a row
	runs    map[string][]string // found anywhere, across separators; by their first bytes
	wholes  map[string]bool     // too short for either: found as a whole text
	dates   map[date]bool
	compact map[string]bool // dates of six digits, found as one word
	common  func(word string) bool
	met     map[named]bool // what was added

	firsts  [256]bool // the first bytes of words and runs
	longest int       // in bytes, of the words
}

type date struct{ year, month, day int }

// New starts empty. common says which words of a place's name are no name:
// nil for none.
func New(common func(word string) bool) *Identity {
	if common == nil {
		common = func(string) bool { return false }
	}
	return &Identity{words: make(map[string]bool, usualWords), runs: make(map[string][]string, usualWords/2), wholes: make(map[string]bool),
		dates: make(map[date]bool), compact: make(map[string]bool), common: common, met: make(map[named]bool, usualWords/2)}
}

// usualWords is about how many words the persons and the place of a report give.
const usualWords = 56

const (
	shortestWord = 3 // of a name's parts
	shortestRun  = 5 // of what is found inside other words
	prefix       = 4 // bytes that a run is found by
)

func (id *Identity) addWord(w string) {
	switch n := utf8.RuneCountInString(w); {
	case n >= shortestWord:
		id.setWord(w)
		if c := canonical(w); utf8.RuneCountInString(c) > shortestWord || !isNumber(c) && len(c) == shortestWord {
			id.setWord(c) // a number of three digits is in every text
		}
	case n > 0:
		id.wholes[w] = true
	}
}

func (id *Identity) setWord(w string) {
	id.words[w] = true
	id.firsts[w[0]] = true
	id.longest = max(id.longest, len(w))
}

func (id *Identity) addRun(r string) {
	for _, run := range []string{r, canonical(r)} {
		if (utf8.RuneCountInString(run) >= shortestRun || unspaced(run) && utf8.RuneCountInString(run) >= 2) && len(run) >= prefix {
			if same := id.runs[run[:prefix]]; !slices.Contains(same, run) {
				id.runs[run[:prefix]] = append(same, run)
				id.firsts[run[0]] = true
			}
		}
	}
}

// AddPerson takes a person name apart: each component group (alphabetic,
// ideographic, phonetic) has its own components (PS3.5 6.2.1).
func (id *Identity) AddPerson(name string) {
	for group := range strings.SplitSeq(name, "=") {
		var components []string // without separators
		for component := range strings.SplitSeq(group, "^") {
			parts := foldWords(component)
			whole := strings.Join(parts, "")
			if placeholder(whole) {
				continue
			}
			components = append(components, whole)
			for _, part := range parts {
				if !placeholder(part) {
					id.addPart(part)
				}
			}
			id.addPart(whole)
		}
		id.addTogether(components)
	}
}

func (id *Identity) addPart(part string) {
	id.addWord(part)
	if t := latin(part); t != "" {
		id.addWord(t)
	}
	if unspaced(part) {
		id.addRun(part)
	}
}

// addTogether adds the ways in which the components are written as one word:
// family and given name in both orders, with an initial, all together.
func (id *Identity) addTogether(components []string) {
	if len(components) < 2 {
		return
	}
	family, given := components[0], components[1]
	_, size := utf8.DecodeRuneInString(given)
	for _, w := range []string{family + given, given + family, given[:size] + family, family + given[:size]} {
		if utf8.RuneCountInString(w) > shortestWord || unspaced(w) {
			id.addWord(w)
		}
		if w == family+given || w == given+family {
			id.addRun(w)
		}
	}
	if len(components) > 2 {
		id.addRun(strings.Join(components, ""))
		for _, more := range components[2:] {
			id.addWord(given + more)
		}
	}
}

// AddNumber takes an identifier of a patient, a visit or an order.
func (id *Identity) AddNumber(number string) {
	whole := fold(number)
	if placeholder(whole) {
		return
	}
	id.wholes[whole] = true
	id.addWord(whole)
	id.addRun(whole)
	for digits := range strings.FieldsFuncSeq(whole, func(r rune) bool { return r < '0' || r > '9' }) {
		id.addRun(digits)
		if trimmed := strings.TrimLeft(digits, "0"); len(trimmed) >= 4 {
			id.addWord(trimmed)
		}
	}
}

// AddPlace takes the name or address of an institution.
func (id *Identity) AddPlace(name string) {
	parts := foldWords(name)
	whole := strings.Join(parts, "")
	if placeholder(whole) {
		return
	}
	for _, part := range parts {
		if utf8.RuneCountInString(part) >= 4 && !commonWords[part] && !id.common(part) {
			id.addWord(part)
		}
	}
	if utf8.RuneCountInString(whole) >= shortestWord && !commonWords[whole] && !id.common(whole) {
		id.addWord(whole)
		id.addRun(whole)
	}
}

// AddDate takes a date (YYYYMMDD) that is not to be told.
func (id *Identity) AddDate(value string) {
	value = strings.TrimSpace(value)
	if len(value) > 8 {
		value = value[:8]
	}
	t, err := time.Parse("20060102", value)
	if err != nil {
		id.addRun(fold(value))
		return
	}
	id.dates[date{t.Year(), int(t.Month()), t.Day()}] = true
	for _, layout := range []string{"20060102", "02012006", "01022006"} {
		id.addRun(t.Format(layout))
	}
	for _, layout := range []string{"060102", "020106", "010206"} {
		id.compact[t.Format(layout)] = true
	}
}

// Told reports whether a date (YYYYMMDD) is one that was added.
func (id *Identity) Told(value string) bool {
	t, err := time.Parse("20060102", value)
	return err == nil && id.dates[date{t.Year(), int(t.Month()), t.Day()}]
}

// Placeholder reports whether a value stands for none: what devices and
// earlier de-identification write where there is nobody.
func Placeholder(v string) bool { return placeholder(fold(v)) }

func placeholder(flat string) bool {
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

var commonWords = map[string]bool{
	"hospital": true, "clinic": true, "clinical": true, "klinik": true, "klinikum": true, "krankenhaus": true,
	"hopital": true, "hospitalier": true, "centre": true, "center": true, "central": true, "medical": true,
	"medicine": true, "medizin": true, "health": true, "healthcare": true, "university": true, "universitair": true,
	"radiology": true, "radiologie": true, "imaging": true, "department": true, "general": true, "saint": true,
	"street": true, "road": true, "north": true, "south": true, "east": true, "west": true, "county": true,
	"children": true, "institute": true, "service": true, "services": true, "trust": true, "diagnostic": true,
	"head": true, "chest": true, "abdomen": true, "room": true, "unit": true, "ward": true,
}
