package identity

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// foldRune gives a letter or digit in lower case and without accents, so that
// one name in two spellings is one name; "" for everything else.
func foldRune(r rune) string {
	if r < 0x80 {
		return plainASCII[r]
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

// plainASCII is what foldRune makes of ASCII.
var plainASCII = func() (folded [0x80]string) {
	const lower, upper, digits = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
	for i := range len(lower) {
		folded[lower[i]], folded[upper[i]] = lower[i:i+1], lower[i:i+1]
	}
	for i := range len(digits) {
		folded[digits[i]] = digits[i : i+1]
	}
	return folded
}()

// plainLetters are letters that Unicode does not decompose.
var plainLetters = map[rune]string{
	'ß': "ss", 'ø': "o", 'đ': "d", 'ð': "d", 'þ': "th", 'ł': "l", 'æ': "ae", 'œ': "oe", 'ı': "i", 'ħ': "h", 'ŋ': "n",
}

// fold gives a text's letters and digits, folded, without what is between.
func fold(s string) string {
	folded := make([]byte, 0, len(s))
	for _, r := range s {
		folded = append(folded, foldRune(r)...)
	}
	return string(folded)
}

// foldWords gives a text's words, folded.
func foldWords(s string) []string {
	w := tokensOf(s)
	words := make([]string, w.len())
	for i := range words {
		words[i] = w.word(i)
	}
	return words
}

// Words gives a text's words as this package compares them.
func Words(s string) []string { return foldWords(s) }

// canonical makes spellings of one word equal: transcribed umlauts, leading
// zeros of numbers.
func canonical(word string) string {
	if isCanonical(word) {
		return word
	}
	var b strings.Builder
	for i := 0; i < len(word); {
		if c := word[i]; c >= '0' && c <= '9' {
			n := i
			for n < len(word) && word[n] >= '0' && word[n] <= '9' {
				n++
			}
			b.WriteString(strings.TrimLeft(word[i:n], "0"))
			i = n
			continue
		}
		b.WriteByte(word[i])
		if i+1 < len(word) && word[i+1] == 'e' && (word[i] == 'a' || word[i] == 'o' || word[i] == 'u') {
			i++
		}
		i++
	}
	return b.String()
}

func isCanonical(word string) bool {
	last := byte(0)
	for i := range len(word) {
		switch c := word[i]; {
		case c == '0' && (last < '0' || last > '9'), c == 'e' && (last == 'a' || last == 'o' || last == 'u'):
			return false
		default:
			last = c
		}
	}
	return true
}

// unspaced reports whether a word is of a script that sets no blanks between
// words, so that a name can stand anywhere in a text.
func unspaced(word string) bool {
	for _, r := range word {
		if r >= unicode.MaxLatin1 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai) {
			return true
		}
	}
	return false
}

// latin transcribes Cyrillic and Greek letters, as names in other reports and
// texts are; it returns "" for a word that has none.
func latin(word string) string {
	if isASCII(word) {
		return ""
	}
	var b strings.Builder
	found := false
	for _, r := range word {
		if t, ok := transcription[r]; ok {
			b.WriteString(t)
			found = true
		} else {
			b.WriteRune(r)
		}
	}
	if !found {
		return ""
	}
	return b.String()
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

var transcription = map[rune]string{
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'д': "d", 'е': "e", 'ж': "zh", 'з': "z", 'и': "i", 'к': "k", 'л': "l", 'м': "m",
	'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ф': "f", 'х': "kh", 'ц': "ts", 'ч': "ch", 'ш': "sh",
	'щ': "shch", 'ы': "y", 'э': "e", 'ю': "yu", 'я': "ya", 'ь': "", 'ъ': "",
	'α': "a", 'β': "v", 'γ': "g", 'δ': "d", 'ε': "e", 'ζ': "z", 'η': "i", 'θ': "th", 'ι': "i", 'κ': "k", 'λ': "l", 'μ': "m",
	'ν': "n", 'ξ': "x", 'ο': "o", 'π': "p", 'ρ': "r", 'σ': "s", 'ς': "s", 'τ': "t", 'υ': "y", 'φ': "f", 'χ': "ch", 'ψ': "ps", 'ω': "o",
}
