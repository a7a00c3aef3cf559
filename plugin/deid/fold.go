package deid

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// foldRune gives a letter or digit in lower case and without accents, so that
// one name in two spellings is one name; "" for everything else.
func foldRune(r rune) string {
	if r < 0x80 {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return string(r)
		case r >= 'A' && r <= 'Z':
			return string(r + 'a' - 'A')
		}
		return ""
	}
	if plain, ok := plainLetters[unicode.ToLower(r)]; ok {
		return plain
	}
	var b strings.Builder
	for _, part := range norm.NFKD.String(string(r)) {
		if unicode.IsLetter(part) || unicode.IsDigit(part) {
			b.WriteRune(unicode.ToLower(part))
		}
	}
	return b.String()
}

// plainLetters are letters that Unicode does not decompose.
var plainLetters = map[rune]string{
	'ß': "ss", 'ø': "o", 'đ': "d", 'ð': "d", 'þ': "th", 'ł': "l", 'æ': "ae", 'œ': "oe", 'ı': "i", 'ħ': "h", 'ŋ': "n",
}

// fold gives a text's letters and digits, folded, without what is between.
func fold(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteString(foldRune(r))
	}
	return b.String()
}

// foldWords gives a text's words, folded.
func foldWords(s string) []string {
	var words []string
	var word strings.Builder
	for _, r := range s + " " {
		if f := foldRune(r); f != "" {
			word.WriteString(f)
		} else if word.Len() > 0 && !unicode.Is(unicode.Mn, r) {
			words = append(words, word.String())
			word.Reset()
		}
	}
	return words
}

// unspaced reports whether a word is of a script that sets no blanks between
// words, so that a name can stand anywhere in a text.
func unspaced(word string) bool {
	for _, r := range word {
		if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai) {
			return true
		}
	}
	return false
}
