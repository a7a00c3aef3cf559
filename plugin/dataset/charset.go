package dataset

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// Charset is a Specific Character Set (0008,0005): how characters beyond
// ASCII are to be read (PS3.3 C.12.1.1.2).
type Charset struct {
	single encoding.Encoding // of bytes over 7F outside escapes; nil is UTF-8
}

const escape = 0x1B // begins a code extension of ISO 2022

// singles maps the number of an ISO_IR or ISO 2022 IR defined term to its
// encoding (PS3.3 Tables C.12-2 and C.12-3).
var singles = map[string]encoding.Encoding{
	"6": charmap.ISO8859_1, "100": charmap.ISO8859_1, "101": charmap.ISO8859_2, "109": charmap.ISO8859_3,
	"110": charmap.ISO8859_4, "144": charmap.ISO8859_5, "127": charmap.ISO8859_6, "126": charmap.ISO8859_7,
	"138": charmap.ISO8859_8, "148": charmap.ISO8859_9, "203": charmap.ISO8859_15, "13": japanese.ShiftJIS,
	"166": charmap.Windows874, "149": korean.EUCKR, "58": simplifiedchinese.GBK,
}

// ParseCharset reads the value of (0008,0005). Terms that it does not know
// read as ISO 8859-1, in which every byte is a character.
func ParseCharset(value string) Charset {
	c := Charset{single: charmap.ISO8859_1}
	for i, term := range strings.Split(value, `\`) {
		term = strings.ToUpper(strings.Trim(term, " \x00"))
		switch number := term[strings.LastIndexAny(term, " _")+1:]; {
		case term == "ISO_IR 192":
			return Charset{}
		case term == "GB18030" || term == "GBK":
			return Charset{single: simplifiedchinese.GB18030}
		case strings.HasPrefix(term, "ISO 2022"):
			if known := singles[number]; i == 0 && known != nil {
				c.single = known
			}
		case singles[number] != nil:
			c.single = singles[number]
		}
	}
	return c
}

// Charset returns the character set in force for the elements of an item: the
// one it declares, else that of what encloses it.
func (d *Dataset) Charset(item Ref) Charset {
	for r := item; r >= 0 && len(d.charsets) > 0; r = d.nodes[r].Parent {
		if c, ok := d.charsets[r]; ok {
			return c
		}
	}
	return defaultCharset
}

// defaultCharset is in force where none is declared.
var defaultCharset = ParseCharset("")

// Charsets is how many items declare a character set: the root alone in every
// data set seen.
func (d *Dataset) Charsets() int { return len(d.charsets) }

// readCharsets gathers what the items declare.
func (d *Dataset) readCharsets() {
	for r := range d.nodes {
		if d.nodes[r].Tag != SpecificCharacterSet || d.nodes[r].has(container) {
			continue
		}
		if d.charsets == nil {
			d.charsets = make(map[Ref]Charset)
		}
		d.charsets[d.nodes[r].Parent] = ParseCharset(d.Text(Ref(r)))
	}
}

// Decode reads bytes as text. It never fails: what the character set cannot
// explain is read as UTF-8 where it is that, else as ISO 8859-1, since devices
// declare sets that their bytes contradict.
func (c Charset) Decode(b []byte) string {
	if ascii(b) {
		return string(b)
	}
	if bytes.IndexByte(b, escape) >= 0 {
		return c.decodeEscaped(b)
	}
	if _, single := c.single.(*charmap.Charmap); c.single == nil || single && utf8.Valid(b) {
		return utf8OrLatin(b)
	}
	return decodeOr(c.single, b)
}

func decodeOr(e encoding.Encoding, b []byte) string {
	out, err := e.NewDecoder().Bytes(b)
	if err != nil || bytes.ContainsRune(out, utf8.RuneError) {
		return utf8OrLatin(b)
	}
	return string(out)
}

func utf8OrLatin(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	out, _ := charmap.ISO8859_1.NewDecoder().Bytes(b) // every byte is a character
	return string(out)
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 || c == escape {
			return false
		}
	}
	return true
}

// escapes maps the bytes behind ESC to how what follows is read (PS3.3 Tables
// C.12-3 and C.12-4). Sets that ISO 2022 invokes in the lower half are lifted
// to the upper, where the EUC encodings expect them.
var escapes = []struct {
	code  string
	set   encoding.Encoding
	lift  bool   // two-byte characters in the lower half
	shift string // EUC prefix of each character
}{
	{code: "$(D", set: japanese.EUCJP, lift: true, shift: "\x8f"},
	{code: "$B", set: japanese.EUCJP, lift: true},
	{code: "$)C", set: korean.EUCKR}, {code: "$)A", set: simplifiedchinese.GBK},
	{code: "(B", set: nil}, {code: "(J", set: nil}, {code: ")I", set: japanese.ShiftJIS},
	{code: "-A", set: charmap.ISO8859_1}, {code: "-B", set: charmap.ISO8859_2}, {code: "-C", set: charmap.ISO8859_3},
	{code: "-D", set: charmap.ISO8859_4}, {code: "-L", set: charmap.ISO8859_5}, {code: "-G", set: charmap.ISO8859_6},
	{code: "-F", set: charmap.ISO8859_7}, {code: "-H", set: charmap.ISO8859_8}, {code: "-M", set: charmap.ISO8859_9},
	{code: "-b", set: charmap.ISO8859_15}, {code: "-T", set: charmap.Windows874},
}

// decodeEscaped reads text with ISO 2022 code extensions: each escape sequence
// changes how the bytes up to the next one are read.
func (c Charset) decodeEscaped(b []byte) string {
	var out strings.Builder
	for i, part := range bytes.Split(b, []byte{escape}) {
		if i == 0 {
			out.WriteString(Charset{single: c.single}.Decode(part))
			continue
		}
		out.WriteString(c.decodePart(part))
	}
	return out.String()
}

func (c Charset) decodePart(part []byte) string {
	for _, e := range escapes {
		if !bytes.HasPrefix(part, []byte(e.code)) {
			continue
		}
		text := part[len(e.code):]
		if e.lift {
			return decodeOr(e.set, lifted(text, e.shift))
		}
		if e.set == nil {
			return Charset{single: c.single}.Decode(text)
		}
		return decodeOr(e.set, text)
	}
	return utf8OrLatin(part)
}

// lifted moves two-byte characters from the lower half to the upper, each
// behind its prefix. Control characters end the run and stay.
func lifted(b []byte, prefix string) []byte {
	out := make([]byte, 0, 2*len(b))
	for i := 0; i < len(b); i++ {
		if b[i] <= 0x20 || i+1 == len(b) {
			out = append(out, b[i])
			continue
		}
		out = append(out, prefix...)
		out = append(out, b[i]|0x80, b[i+1]|0x80)
		i++
	}
	return out
}

// Rune is a character of an encoded text and the bytes that it stands in.
type Rune struct {
	Rune       rune
	Start, End int
}

// Runes splits an encoded text into its characters. It is not possible (ok is
// false) where escapes or shifts stand between them.
func (c Charset) Runes(b []byte) (runes []Rune, ok bool) {
	runes = make([]Rune, 0, len(b))
	if bytes.IndexByte(b, escape) >= 0 {
		return nil, false
	}
	set, single := c.single.(*charmap.Charmap)
	if ascii(b) || utf8.Valid(b) && (c.single == nil || single) {
		for i, r := range string(b) {
			runes = append(runes, Rune{r, i, i + utf8.RuneLen(r)})
		}
		return runes, true
	}
	if c.single == nil {
		set, single = charmap.ISO8859_1, true // declared UTF-8, yet it is not
	}
	if !single {
		return nil, false
	}
	for i, x := range b {
		r := set.DecodeByte(x)
		if r == utf8.RuneError {
			return Charset{}.Runes(b) // no text of this set: read as Decode does
		}
		runes = append(runes, Rune{r, i, i + 1})
	}
	return runes, true
}
