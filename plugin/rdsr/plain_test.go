package rdsr_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/dosegate/dosegate/plugin/rdsr"
)

func TestPlainTextIsOneShortPrintableLine(t *testing.T) {
	for in, want := range map[string]string{
		"CT1":                          "CT1",
		"":                             "",
		"  CT1 \x00":                   "CT1",
		"CT\t1\r\n2\u00A03":            "CT 1 2 3",
		"a\x1b[31mred\x07":             "a[31mred",
		"Röntgen 90°":                  "Röntgen 90°",
		"撮影室":                          "撮影室",
		"\xff\xfe":                     "",
		"left\u202Eright\u200Bzero":    "leftrightzero",
		strings.Repeat("ä", 70):        strings.Repeat("ä", 64),
		strings.Repeat("x", 63) + " y": strings.Repeat("x", 63),
		" \n\t ":                       "",
	} {
		got := rdsr.Plain(in)
		if got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
		if again := rdsr.Plain(got); again != got {
			t.Errorf("%q: %q, then %q", in, got, again)
		}
	}
}

// printable reports whether a text may be logged and shown.
func printable(s string) bool {
	return len([]rune(s)) <= 64 && strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}
