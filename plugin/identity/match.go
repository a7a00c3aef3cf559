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
	words := tokensOf(text)
	return id.wholes[words.flat] || len(id.spans(words)) > 0
}

// IsWord reports whether a text, or one of its words, is an identifier: what
// is asked of codes, whose digits may hold any number by chance.
func (id *Identity) IsWord(text string) bool {
	words := tokensOf(text)
	whole := words.flat
	if id.words[whole] || id.wholes[whole] || slices.Contains(id.runs[whole[:min(prefix, len(whole))]], whole) {
		return true
	}
	if strings.ContainsAny(strings.TrimSpace(text), " \t") {
		return len(id.spans(words)) > 0 // words, and no code
	}
	for i := range words.all {
		if word := words.word(i); id.words[word] && !isNumber(word) {
			return true
		}
	}
	return len(id.datesIn(words)) > 0
}

// Spans returns the stretches of a text that hold something of the identity,
// as whole words, in order and apart from each other.
func (id *Identity) Spans(text []dataset.Rune) []Span { return id.spans(tokens(text)) }

// SpansOf is [Identity.Spans] of a string.
func (id *Identity) SpansOf(text string) []Span { return id.spans(tokensOf(text)) }

func (id *Identity) spans(words words) []Span {
	if len(words.all) == 0 {
		return nil
	}
	var found []Span
	between := func(first, last int) { found = append(found, Span{words.all[first].start, words.all[last].end}) }
	for i := range words.all {
		if id.compact[words.word(i)] {
			between(i, i)
		}
	}
	id.find(words.laid, between)
	if canon, other := words.canonical(); other {
		id.find(canon, between)
	}
	found = append(found, id.datesIn(words)...)
	if len(found) == 0 && id.wholes[words.flat] {
		between(0, len(words.all)-1)
	}
	return merged(found)
}

// find calls fn for the first and the last of the words, in a row, that are a
// word of the identity, or in which a run begins and ends.
func (id *Identity) find(l laid, fn func(first, last int)) {
	for i := range l.len() {
		if at := l.at[i]; at == len(l.flat) || !id.firsts[l.flat[at]] {
			continue
		}
		for k := i + 1; k <= min(i+inARow, l.len()) && l.at[k]-l.at[i] <= id.longest; k++ {
			if id.words[l.flat[l.at[i]:l.at[k]]] {
				fn(i, k-1)
			}
		}
	}
	if len(id.runs) == 0 {
		return
	}
	word := 0
	for i := 0; i+prefix <= len(l.flat); i++ {
		for word+1 < len(l.at) && l.at[word+1] <= i {
			word++
		}
		if !id.firsts[l.flat[i]] {
			continue
		}
		for _, run := range id.runs[l.flat[i:i+prefix]] {
			if strings.HasPrefix(l.flat[i:], run) {
				last, _ := slices.BinarySearch(l.at, i+len(run))
				fn(word, last-1)
			}
		}
	}
}

// datesIn finds the dates that may not be told in three words in a row: in any
// order, with a year of two or four digits, with the month as a word.
func (id *Identity) datesIn(words words) (found []Span) {
	if len(id.dates) == 0 {
		return nil
	}
	var last [3]datePart // a day, a month and a year, in any order
	var starts [3]int
	for i, token := range words.all {
		word := words.word(i)
		switch word {
		case "st", "nd", "rd", "th", "de", "of": // endings of ordinals, and what stands between
			continue
		}
		last, starts = [3]datePart{last[1], last[2], part(word)}, [3]int{starts[1], starts[2], token.start}
		a, b, c := last[0], last[1], last[2]
		if !a.is || !b.is || !c.is {
			continue
		}
		for d := range id.dates {
			if d.is(a, b, c) || d.is(b, a, c) || d.is(c, b, a) {
				found = append(found, Span{starts[0], token.end})
			}
		}
	}
	return found
}

// datePart is a word as a part of a date.
type datePart struct {
	n, month int // the number, or the month that the word names
	is       bool
}

func part(word string) datePart {
	if isNumber(word) && len(word) <= 4 {
		n, _ := strconv.Atoi(word)
		return datePart{n: n, is: true}
	}
	if len(word) >= 3 {
		if m := months[word[:3]]; m != 0 {
			return datePart{month: m, is: true}
		}
	}
	return datePart{}
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

func isNumber(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

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
