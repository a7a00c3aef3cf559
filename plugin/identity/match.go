package identity

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dosegate/dosegate/plugin/dataset"
)

// Span is a stretch of a text's bytes.
type Span struct{ Start, End int }

// inARow is how many words in a row are read as one.
const inARow = 12

// In reports whether a text holds anything of the identity.
func (id *Identity) In(text string) bool {
	return id.wholes[fold(text)] || len(id.spans(tokensOf(text))) > 0
}

// IsWord reports whether a text, or one of its words, is an identifier: what
// is asked of codes, whose digits may hold any number by chance.
func (id *Identity) IsWord(text string) bool {
	whole := fold(text)
	if id.words[whole] || id.wholes[whole] || slices.Contains(id.runs[whole[:min(prefix, len(whole))]], whole) {
		return true
	}
	if strings.ContainsAny(strings.TrimSpace(text), " \t") {
		return id.In(text) // words, and no code
	}
	words := tokensOf(text)
	for _, t := range words {
		if id.words[t.word] && !isNumber(t.word) {
			return true
		}
	}
	return len(id.datesIn(words)) > 0
}

// Spans returns the stretches of a text that hold something of the identity,
// as whole words, in order and apart from each other.
func (id *Identity) Spans(text []dataset.Rune) []Span { return id.spans(tokens(text)) }

func (id *Identity) spans(words []token) []Span {
	if len(words) == 0 {
		return nil
	}
	var found []Span
	raw := make([]string, len(words))
	canon := make([]string, len(words))
	for i, w := range words {
		raw[i], canon[i] = w.word, canonical(w.word)
		if id.compact[w.word] {
			found = append(found, Span{w.start, w.end})
		}
	}
	for _, spelling := range [][]string{raw, canon} {
		l := lay(spelling)
		for i := range words {
			for k := 1; k <= inARow && i+k <= len(words); k++ {
				if id.words[l.flat[l.at[i]:l.at[i+k]]] {
					found = append(found, Span{words[i].start, words[i+k-1].end})
				}
			}
		}
		id.runsIn(l, func(first, last int) { found = append(found, Span{words[first].start, words[last].end}) })
	}
	found = append(found, id.datesIn(words)...)
	if len(found) == 0 && id.wholes[strings.Join(raw, "")] {
		found = []Span{{words[0].start, words[len(words)-1].end}}
	}
	return merged(found)
}

// laid is words set together, with where each begins; at has one entry more.
type laid struct {
	flat string
	at   []int
}

func lay(words []string) laid {
	var b strings.Builder
	at := make([]int, 0, len(words)+1)
	for _, w := range words {
		at = append(at, b.Len())
		b.WriteString(w)
	}
	return laid{b.String(), append(at, b.Len())}
}

// runsIn calls fn for the words in which a run begins and ends.
func (id *Identity) runsIn(l laid, fn func(first, last int)) {
	if len(id.runs) == 0 {
		return
	}
	word := 0
	for i := 0; i+prefix <= len(l.flat); i++ {
		for word+1 < len(l.at) && l.at[word+1] <= i {
			word++
		}
		for _, run := range id.runs[l.flat[i:i+prefix]] {
			if !strings.HasPrefix(l.flat[i:], run) {
				continue
			}
			last, _ := slices.BinarySearch(l.at, i+len(run))
			fn(word, last-1)
		}
	}
}

// datesIn finds the dates that may not be told in three words in a row: in any
// order, with a year of two or four digits, with the month as a word.
func (id *Identity) datesIn(words []token) (found []Span) {
	if len(id.dates) == 0 {
		return nil
	}
	var parts []token // without the endings of ordinals
	for _, w := range words {
		if !slices.Contains([]string{"st", "nd", "rd", "th", "de", "of"}, w.word) {
			parts = append(parts, w)
		}
	}
	for i := 0; i+3 <= len(parts); i++ {
		a, b, c := part(parts[i].word), part(parts[i+1].word), part(parts[i+2].word)
		if a.no || b.no || c.no {
			continue
		}
		for d := range id.dates {
			if d.is(a, b, c) || d.is(b, a, c) || d.is(c, b, a) {
				found = append(found, Span{parts[i].start, parts[i+2].end})
			}
		}
	}
	return found
}

// datePart is a word as a part of a date.
type datePart struct {
	n, month int // the number, or the month that the word names
	no       bool
}

func part(word string) datePart {
	if isNumber(word) && len(word) <= 4 {
		n, _ := strconv.Atoi(word)
		return datePart{n: n}
	}
	if len(word) >= 3 {
		if m := months[word[:3]]; m != 0 {
			return datePart{month: m}
		}
	}
	return datePart{no: true}
}

// is reports whether a day, a month and a year are the date.
func (d date) is(day, month, year datePart) bool {
	m := month.n
	if month.month != 0 {
		m = month.month
	}
	return day.month == 0 && year.month == 0 && day.n == d.day && m == d.month && (year.n == d.year || year.n == d.year%100)
}

var months = map[string]int{"jan": 1, "feb": 2, "fev": 2, "mar": 3, "apr": 4, "avr": 4, "may": 5, "mai": 5, "mag": 5, "jun": 6, "jui": 6,
	"giu": 6, "jul": 7, "lug": 7, "aug": 8, "aou": 8, "ago": 8, "sep": 9, "set": 9, "oct": 10, "okt": 10, "ott": 10, "nov": 11,
	"dec": 12, "dez": 12, "dic": 12}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// merged sorts spans and joins those that touch.
func merged(spans []Span) []Span {
	slices.SortFunc(spans, func(a, b Span) int { return a.Start - b.Start })
	var out []Span
	for _, s := range spans {
		if n := len(out); n > 0 && s.Start <= out[n-1].End {
			out[n-1].End = max(out[n-1].End, s.End)
			continue
		}
		out = append(out, s)
	}
	return out
}
