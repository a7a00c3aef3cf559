package identity

import (
	"strings"
	"unicode"

	"github.com/dosegate/dosegate/plugin/dataset"
)

// token is a word of a text and the bytes it stands in. Words also end between
// letters and digits and inside CamelCase: CTDoe2024 is three.
type token struct {
	raw        string // folded
	canon      string // canonical
	start, end int
}

// tokenizer gathers runes into words.
type tokenizer struct {
	all        []token
	word       strings.Builder
	start, end int
	last       rune // of the word, unfolded
}

func tokens(runes []dataset.Rune) []token {
	var t tokenizer
	for i, r := range runes {
		next := rune(0)
		if i+1 < len(runes) {
			next = runes[i+1].Rune
		}
		t.add(r, next)
	}
	t.flush()
	return t.all
}

func (t *tokenizer) add(r dataset.Rune, next rune) {
	folded := foldRune(r.Rune)
	switch {
	case folded == "" && (unicode.Is(unicode.Mn, r.Rune) || unicode.Is(unicode.Cf, r.Rune)):
		// An accent belongs to its letter, and what has no width hides nothing.
		if t.word.Len() > 0 {
			t.end = r.End
		}
		return
	case folded == "":
		t.flush()
		return
	case t.word.Len() > 0 && t.border(r.Rune, next):
		t.flush()
	}
	if t.word.Len() == 0 {
		t.start = r.Start
	}
	t.word.WriteString(folded)
	t.end, t.last = r.End, r.Rune
}

// border reports whether a new word begins with r.
func (t *tokenizer) border(r, next rune) bool {
	switch {
	case unicode.IsDigit(t.last) != unicode.IsDigit(r):
		return true
	case unicode.IsLower(t.last) && unicode.IsUpper(r):
		return true
	}
	return unicode.IsUpper(t.last) && unicode.IsUpper(r) && unicode.IsLower(next)
}

func (t *tokenizer) flush() {
	if t.word.Len() == 0 {
		return
	}
	word := t.word.String()
	t.all = append(t.all, token{word, canonical(word), t.start, t.end})
	t.word.Reset()
}
