package deid

import (
	"bytes"
	"strings"
	"unicode"

	"github.com/dosegate/dosegate/plugin/dataset"
)

// cut stands where an identifier stood in a text that is kept.
const cut = "***"

// cleaner cuts identifiers out of the texts of one report (PS3.15 E.3.5). It
// remembers what it made of a text, since reports repeat their texts.
type cleaner struct {
	id   *identity
	made map[string][]byte // nil: the text stays as it is
}

func newCleaner(id *identity) *cleaner { return &cleaner{id: id, made: make(map[string][]byte)} }

// clean returns the text without what matches an identifier, and whether it
// cut anything. What it keeps is byte-equal, what it writes is ASCII.
func (c *cleaner) clean(text []byte, charset dataset.Charset) (out []byte, changed bool) {
	if made, ok := c.made[string(text)]; ok {
		if made == nil {
			return text, false
		}
		return made, true
	}
	out = c.cutOut(text, charset)
	if bytes.Equal(out, text) {
		c.made[string(text)] = nil
		return text, false
	}
	c.made[string(text)] = out
	return out, true
}

// token is a word of a text and the bytes it stands in.
type token struct {
	folded     string
	start, end int
}

func (c *cleaner) cutOut(text []byte, charset dataset.Charset) []byte {
	runes, ok := charset.Runes(text)
	if !ok {
		// Characters of several bytes with shifts between them cannot be cut
		// one by one: the text stays whole or goes whole.
		if len(c.matches(tokens(wholeRunes(charset.Decode(text))))) > 0 {
			return []byte(cut)
		}
		return text
	}
	var gone []token
	gone = append(gone, c.matches(tokens(runes))...)
	gone = append(gone, uidLike(text)...)
	if len(gone) == 0 {
		return text
	}
	return without(text, gone)
}

// tokens splits text at everything that is no letter or digit. A combining
// accent belongs to its letter.
func tokens(runes []dataset.Rune) []token {
	var all []token
	var folded strings.Builder
	start, end := 0, 0
	flush := func() {
		if folded.Len() > 0 {
			all = append(all, token{folded.String(), start, end})
			folded.Reset()
		}
	}
	for _, r := range runes {
		switch f := foldRune(r.Rune); {
		case f != "":
			if folded.Len() == 0 {
				start = r.Start
			}
			folded.WriteString(f)
			end = r.End
		case unicode.Is(unicode.Mn, r.Rune):
			end = r.End
		default:
			flush()
		}
	}
	flush()
	return all
}

// matches returns the stretches of tokens that hold an identifier.
func (c *cleaner) matches(words []token) []token {
	var gone []token
	var flat strings.Builder
	var at []int // where each token begins in flat
	for _, w := range words {
		if c.id.words[w.folded] {
			gone = append(gone, w)
		}
		at = append(at, flat.Len())
		flat.WriteString(w.folded)
	}
	for run := range c.id.runs {
		for from := 0; ; {
			found := strings.Index(flat.String()[from:], run)
			if found < 0 {
				break
			}
			begin := from + found
			gone = append(gone, covering(words, at, begin, begin+len(run)))
			from = begin + 1
		}
	}
	return gone
}

// covering returns the stretch of whole tokens that flat[begin:end] lies in.
func covering(words []token, at []int, begin, end int) token {
	var t token
	for i, w := range words {
		stop := at[i] + len(w.folded)
		if at[i] <= begin && begin < stop {
			t.start = w.start
		}
		if at[i] < end && end <= stop {
			t.end = w.end
		}
	}
	return t
}

// uidLike finds dotted numbers with five components and more, which are UIDs.
func uidLike(text []byte) []token {
	var found []token
	for i := 0; i < len(text); {
		j, dots := i, 0
		for j < len(text) && (text[j] >= '0' && text[j] <= '9' || text[j] == '.') {
			if text[j] == '.' {
				dots++
			}
			j++
		}
		if dots >= 4 && j-i >= 10 {
			found = append(found, token{start: i, end: j})
		}
		i = max(j, i+1)
	}
	return found
}

// without replaces stretches of a text, which may overlap.
func without(text []byte, gone []token) []byte {
	hole := make([]bool, len(text))
	for _, g := range gone {
		for i := g.start; i < g.end; i++ {
			hole[i] = true
		}
	}
	var out []byte
	for i, b := range text {
		switch {
		case !hole[i]:
			out = append(out, b)
		case i == 0 || !hole[i-1]:
			out = append(out, cut...)
		}
	}
	return out
}

func wholeRunes(s string) []dataset.Rune {
	var runes []dataset.Rune
	for i, r := range s {
		runes = append(runes, dataset.Rune{Rune: r, Start: i, End: i + 1})
	}
	return runes
}
