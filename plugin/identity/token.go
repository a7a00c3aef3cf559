package identity

import (
	"unicode"
	"unicode/utf8"

	"github.com/dosegate/dosegate/plugin/dataset"
)

// token is a word of a text and the bytes it stands in. Words also end between
// letters and digits and inside CamelCase: CTDoe2024 is three.
type token struct {
	word       string // folded
	start, end int
}

// tokenizer gathers runes into words. It sets the folded words together, with
// where each begins.
type tokenizer struct {
	all   []token
	flat  []byte
	at    []int
	open  token // the word that is being read
	begun bool
	last  rune // of that word, unfolded
}

// tokens are the words of a text that is given as its characters.
func tokens(text []dataset.Rune) []token {
	var t tokenizer
	for i, r := range text {
		next := rune(0)
		if i+1 < len(text) {
			next = text[i+1].Rune
		}
		t.add(r, next)
	}
	return t.words()
}

// tokensOf are the words of a string.
func tokensOf(s string) []token {
	var t tokenizer
	for at := 0; at < len(s); {
		r, size := utf8.DecodeRuneInString(s[at:])
		next := rune(0)
		if at+size < len(s) {
			next, _ = utf8.DecodeRuneInString(s[at+size:])
		}
		t.add(dataset.Rune{Rune: r, Start: at, End: at + size}, next)
		at += size
	}
	return t.words()
}

func (t *tokenizer) add(r dataset.Rune, next rune) {
	folded := foldRune(r.Rune)
	switch {
	case folded == "" && (unicode.Is(unicode.Mn, r.Rune) || unicode.Is(unicode.Cf, r.Rune)):
		// An accent belongs to its letter, and what has no width hides nothing.
		if t.begun {
			t.open.end = r.End
		}
		return
	case folded == "":
		t.finish()
		return
	case t.begun && t.border(r.Rune, next):
		t.finish()
	}
	if !t.begun {
		t.begun, t.open.start = true, r.Start
		t.at = append(t.at, len(t.flat))
	}
	t.flat = append(t.flat, folded...)
	t.open.end, t.last = r.End, r.Rune
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

func (t *tokenizer) finish() {
	if t.begun {
		t.all, t.begun = append(t.all, t.open), false
	}
}

// words ends the text.
func (t *tokenizer) words() []token {
	t.finish()
	flat, at := string(t.flat), append(t.at, len(t.flat))
	for i := range t.all {
		t.all[i].word = flat[at[i]:at[i+1]]
	}
	return t.all
}
