package identity

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dosegate/dosegate/plugin/dataset"
)

// token is where a word of a text stands in its bytes. Words also end between
// letters and digits and inside CamelCase: CTDoe2024 is three.
type token struct{ start, end int }

// laid is words, folded and set together, with where each begins; at has one
// entry more.
type laid struct {
	flat string
	at   []int
}

// len is how many words there are.
func (l laid) len() int { return len(l.at) - 1 }

func (l laid) word(i int) string { return l.flat[l.at[i]:l.at[i+1]] }

// canonical lays the [canonical] spellings of the words; other says that any
// word is spelt otherwise.
func (l laid) canonical() (canon laid, other bool) {
	for i := range l.len() {
		other = other || !isCanonical(l.word(i))
	}
	if !other {
		return l, false
	}
	var flat strings.Builder
	for i := range l.len() {
		canon.at = append(canon.at, flat.Len())
		flat.WriteString(canonical(l.word(i)))
	}
	return laid{flat.String(), append(canon.at, flat.Len())}, true
}

// words are the words of a text.
type words struct {
	laid
	all []token
}

// tokenizer gathers runes into words.
type tokenizer struct {
	all   []token
	flat  []byte
	at    []int
	open  token // the word that is being read
	begun bool
	last  rune // of that word, unfolded
}

// newTokenizer has room for the words of a text of some length.
func newTokenizer(length int) *tokenizer {
	return &tokenizer{all: make([]token, 0, length/6+2), at: make([]int, 0, length/6+3), flat: make([]byte, 0, length)}
}

// tokens are the words of a text that is given as its characters.
func tokens(text []dataset.Rune) words {
	t := newTokenizer(len(text))
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
func tokensOf(s string) words {
	t := newTokenizer(len(s))
	if isASCII(s) {
		t.addASCII(s)
		return t.words()
	}
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

// class is what an ASCII character is to a word.
type class uint8

const (
	separator class = iota
	digit
	lower
	upper
)

var classes = func() (of [utf8.RuneSelf]class) {
	for c := range of {
		switch {
		case '0' <= c && c <= '9':
			of[c] = digit
		case 'a' <= c && c <= 'z':
			of[c] = lower
		case 'A' <= c && c <= 'Z':
			of[c] = upper
		}
	}
	return of
}()

// addASCII is add for a whole text.
func (t *tokenizer) addASCII(s string) {
	last := separator
	for i := range len(s) {
		is := classes[s[i]]
		border := is != last && (is == digit || last == digit || last == lower) || // "Doe2024", "janeDoe"
			is == upper && last == upper && i+1 < len(s) && classes[s[i+1]] == lower // "CTDoe"
		if is == separator || t.begun && border {
			t.finish()
		}
		if last = is; is == separator {
			continue
		}
		if !t.begun {
			t.begun, t.open.start = true, i
			t.at = append(t.at, len(t.flat))
		}
		t.flat = append(t.flat, plainASCII[s[i]]...)
		t.open.end = i + 1
	}
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
func (t *tokenizer) words() words {
	t.finish()
	return words{laid{string(t.flat), append(t.at, len(t.flat))}, t.all}
}
