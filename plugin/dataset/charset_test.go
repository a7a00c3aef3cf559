package dataset_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
)

// The names are the examples of PS3.5 annexes H to K.
func TestTextIsDecodedByItsCharacterSet(t *testing.T) {
	for _, c := range []struct{ name, charset, text, want string }{
		{"default", "", "Doe^Jane", "Doe^Jane"},
		{"latin 1", "ISO_IR 100", "M\xFCller 90\xB0", "Müller 90°"},
		{"latin 1, blanks around", " ISO_IR 100 \x00", "M\xFCller", "Müller"},
		{"latin 2", "ISO_IR 101", "\xA3\xF3d\xBC", "Łódź"},
		{"cyrillic", "ISO_IR 144", "\xBB\xEE\xDA\xE1\xD5\xDC\xD1\xE3\xE0\xD3", "Люксембург"},
		{"greek", "ISO_IR 126", "\xC4\xE9\xEF\xED\xF5\xF3\xE9\xEF\xF2", "Διονυσιος"},
		{"hebrew", "ISO_IR 138", "\xF9\xF8\xE5\xEF^\xE3\xE1\xE5\xF8\xE4", "שרון^דבורה"},
		{"arabic", "ISO_IR 127", "\xE2\xC8\xC7\xE6\xEA^\xE4\xE6\xD2\xC7\xD1", "قباني^لنزار"},
		{"thai", "ISO_IR 166", "\xB9\xD2\xC1", "นาม"},
		{"utf-8", "ISO_IR 192", "Wang^XiaoDong=王^小東", "Wang^XiaoDong=王^小東"},
		{"gb18030", "GB18030", "Wang^XiaoDong=\xCD\xF5^\xD0\xA1\xB6\xAB", "Wang^XiaoDong=王^小东"},
		{"gb18030, four bytes", "GB18030", "\x81\x39\xEE\x39", "㐀"},
		{"katakana", "ISO_IR 13", "\xD4\xCF\xC0\xDE^\xC0\xDB\xB3", "ﾔﾏﾀﾞ^ﾀﾛｳ"},
		{"kanji", `\ISO 2022 IR 87`, "Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B",
			"Yamada^Tarou=山田^太郎=やまだ^たろう"},
		{"katakana and kanji", `ISO 2022 IR 13\ISO 2022 IR 87`, "\xD4\xCF\xC0\xDE^\xC0\xDB\xB3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J",
			"ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎"},
		{"supplementary kanji", `\ISO 2022 IR 87\ISO 2022 IR 159`, "\x1b$(D\x22\x2f\x1b(B", "˘"},
		{"hangul", `\ISO 2022 IR 149`, "Hong^Gildong=\x1b$)C\xFB\xF3^\x1b$)C\xD1\xCE\xD4\xD7=\x1b$)C\xC8\xAB^\x1b$)C\xB1\xE6\xB5\xBF",
			"Hong^Gildong=洪^吉洞=홍^길동"},
		{"simplified chinese", `\ISO 2022 IR 58`, "Zhang^XiaoDong=\x1b$)A\xD5\xC5^\x1b$)A\xD0\xA1\xB6\xAB", "Zhang^XiaoDong=张^小东"},
		{"latin and cyrillic", `ISO 2022 IR 100\ISO 2022 IR 144`, "M\xFCller \x1b-L\xBB\xEE", "Müller Лю"},
	} {
		if got := dataset.ParseCharset(c.charset).Decode([]byte(c.text)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// Devices declare one set and write another. Whatever they write must come
// out as characters, so that names in it can be found.
func TestBytesThatContradictTheCharacterSetAreReadAllTheSame(t *testing.T) {
	for _, c := range []struct{ name, charset, text, want string }{
		{"none declared", "", "90\xB0", "90°"},
		{"utf-8 under none", "", "90\xC2\xB0", "90°"},
		{"utf-8 under latin 1", "ISO_IR 100", "M\xC3\xBCller", "Müller"},
		{"latin 1 under utf-8", "ISO_IR 192", "M\xFCller", "Müller"},
		{"latin 1 under kanji", "ISO 2022 IR 87", "90\xB0", "90°"},
		{"latin 1 under kanji, second", `\ISO 2022 IR 87`, "90\xB0", "90°"},
		{"latin 1 under gb18030", "GB18030", "90\xB0", "90°"},
		{"unknown set", "ISO_IR 4711", "M\xFCller", "Müller"},
		{"escape under latin 1", "ISO_IR 100", "\x1b$B;3ED\x1b(B", "山田"},
		{"unknown escape", `\ISO 2022 IR 87`, "Doe\x1b%GJane", "Doe%GJane"},
		{"escape at the end", `\ISO 2022 IR 87`, "Doe\x1b", "Doe"},
		{"half a kanji", `\ISO 2022 IR 87`, "\x1b$B;3E", "山E"},
	} {
		if got := dataset.ParseCharset(c.charset).Decode([]byte(c.text)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestDecodedTextIsAlwaysUTF8(t *testing.T) {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	for _, set := range charsets {
		for _, text := range [][]byte{every, bytes.Repeat([]byte{0xFE, 0xFF, 0x1B, '$', 'B', 0x7F}, 3)} {
			if got := dataset.ParseCharset(set).Decode(text); !isUTF8(got) {
				t.Errorf("%q: %q", set, got)
			}
		}
	}
}

var charsets = []string{"", "ISO_IR 6", "ISO_IR 13", "ISO_IR 100", "ISO_IR 144", "ISO_IR 166", "ISO_IR 192", "GB18030", "GBK",
	`ISO 2022 IR 13\ISO 2022 IR 87`, `\ISO 2022 IR 149`, `ISO 2022 IR 58`, "nonsense", `\\`}

func isUTF8(s string) bool { return strings.ToValidUTF8(s, "?") == s }

// Cleaning takes characters out of the bytes, so their places must be right.
func TestRunesSayWhereEachCharacterStands(t *testing.T) {
	for _, set := range charsets {
		c := dataset.ParseCharset(set)
		for _, text := range []string{"", "Doe^Jane", "90\xB0 M\xFCller", "90° Müller", "\xFF\xFE\x80", "王^小東", "\x1b$B;3ED\x1b(B"} {
			runes, ok := c.Runes([]byte(text))
			if !ok {
				continue
			}
			var joined strings.Builder
			at := 0
			for _, r := range runes {
				if r.Start != at || r.End <= r.Start {
					t.Errorf("%q %q: a character from %d to %d, want from %d", set, text, r.Start, r.End, at)
				}
				joined.WriteRune(r.Rune)
				at = r.End
			}
			if at != len(text) || joined.String() != c.Decode([]byte(text)) {
				t.Errorf("%q %q: %q up to %d, want %q", set, text, joined.String(), at, c.Decode([]byte(text)))
			}
		}
	}
}

func TestRunesAreRefusedWhereEscapesStandBetween(t *testing.T) {
	for _, c := range []struct{ set, text string }{
		{`\ISO 2022 IR 87`, "\x1b$B;3ED\x1b(B"}, {"", "\x1b"}, {"GB18030", "\xCD\xF5"}, {"ISO_IR 13", "\xD4"},
	} {
		if runes, ok := dataset.ParseCharset(c.set).Runes([]byte(c.text)); ok {
			t.Errorf("%q: %v", c.text, runes)
		}
	}
}

// PS3.5 6.1.2.3: an item may have a character set of its own.
func TestAnItemsOwnCharacterSetIsInForceInsideIt(t *testing.T) {
	e := explicitLittle
	own := bytes.Join([][]byte{e.text(dataset.SpecificCharacterSet, "CS", "ISO_IR 144"), e.sequence(conceptCode, e.text(textValue, "UT", "\xBB\xEE"))}, nil)
	d := parse(t, e.file(e.text(dataset.SpecificCharacterSet, "CS", "ISO_IR 100"), e.text(patientName, "PN", "\xBB\xEE"),
		e.sequence(contentSequence, own, e.text(textValue, "UT", "\xBB\xEE"))))
	for _, c := range []struct {
		item dataset.Ref
		want string
	}{
		{dataset.Root, "»î"},
		{find(t, d, contentSequence, 0), "Лю"},
		{find(t, d, contentSequence, 0, conceptCode, 0), "Лю"},
		{find(t, d, contentSequence, 1), "»î"},
	} {
		if got := d.Charset(c.item).Decode([]byte("\xBB\xEE")); got != c.want {
			t.Errorf("item %d: %q, want %q", c.item, got, c.want)
		}
	}
}
