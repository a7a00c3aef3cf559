package rdsr

import (
	"strings"
	"unicode"
)

// plainLength is how much of a text from outside is ever shown or matched.
const plainLength = 64

// Plain makes a text from outside fit to be matched, logged and shown: one
// line, printable, at most 64 characters, single blanks.
func Plain(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsPrint(r) && r != unicode.ReplacementChar:
			return r
		}
		return -1
	}, s)
	runes := []rune(strings.Join(strings.Fields(s), " "))
	if len(runes) > plainLength {
		runes = runes[:plainLength]
	}
	return strings.TrimSpace(string(runes))
}
