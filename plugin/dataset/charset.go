package dataset

import (
	"bytes"
	"iter"
	"regexp"
	"slices"
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
	name   string            // as declared
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
	c := Charset{name: value, single: charmap.ISO8859_1}
	for i, term := range strings.Split(value, `\`) {
		term, _ = canonicalTerm(term)
		switch number := term[strings.LastIndexByte(term, ' ')+1:]; {
		case term == "ISO_IR 192":
			return Charset{name: value}
		case term == "GB18030" || term == "GBK":
			return Charset{name: value, single: simplifiedchinese.GB18030}
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

// Name is the value of (0008,0005) that the set was read from.
func (c Charset) Name() string { return c.name }

// CanonicalCharset writes a value of (0008,0005) as the standard does, ok false
// where a term of it is none that is known.
func CanonicalCharset(value string) (canonical string, ok bool) {
	var terms []string
	for term := range strings.SplitSeq(value, `\`) {
		term, known := canonicalTerm(term)
		if !known {
			return "", false
		}
		terms = append(terms, term)
	}
	return strings.Join(terms, `\`), true
}

var isoTerm = regexp.MustCompile(`^ISO[ _-]*(2022[ _-]*)?IR[ _-]*([0-9]{1,3})$`)

// canonicalTerm forgives how devices spell the defined terms of PS3.3
// C.12.1.1.2.
func canonicalTerm(term string) (canonical string, known bool) {
	term = strings.ToUpper(strings.Trim(term, " \x00"))
	switch term {
	case "", "GB18030", "GBK":
		return term, true
	case "UTF-8", "UTF8", "UTF_8":
		return "ISO_IR 192", true
	}
	m := isoTerm.FindStringSubmatch(term)
	switch {
	case m == nil:
		return term, false
	case m[1] != "":
		return "ISO 2022 IR " + m[2], true
	}
	return "ISO_IR " + m[2], true
}

// Charset returns the character set in force for the elements of an item: the
// one it declares, else that of what encloses it.
func (d *Dataset) Charset(item Ref) Charset {
	for r := item; r > Root && len(d.inner) > 0; r = d.nodes[r].Parent {
		if c, ok := d.inner[r]; ok {
			return c
		}
	}
	return d.charset
}

// defaultCharset is in force where none is declared.
var defaultCharset = ParseCharset("")

// readCharsets reads what the items declare, in the order of their bytes.
func (d *Dataset) readCharsets(declared []Ref) {
	d.charset = defaultCharset
	for _, r := range declared {
		item, charset := d.nodes[r].Parent, ParseCharset(d.Text(r))
		switch {
		case item == Root:
			d.charset = charset
		case d.inner == nil:
			d.inner = map[Ref]Charset{item: charset}
		default:
			d.inner[item] = charset
		}
	}
}

// Decode reads bytes as text. It never fails: what the character set cannot
// explain is read as UTF-8 where it is that, else as ISO 8859-1, since devices
// declare sets that their bytes contradict, and mix two.
func (c Charset) Decode(b []byte) string {
	text, _ := c.DecodeAll(b)
	return text
}

// DecodeAll is [Charset.Decode] and says whether every escape in the text is
// one that the standard knows.
func (c Charset) DecodeAll(b []byte) (text string, known bool) {
	switch {
	case ASCII(b):
		return string(b), true
	case bytes.IndexByte(b, escape) >= 0:
		return c.decodeEscaped(b)
	}
	if set, single := c.bytewise(); single {
		return decodeMixed(b, set), true
	}
	return decodeOr(c.single, b), true
}

// bytewise returns the set in which a byte is a character, ISO 8859-1 for
// UTF-8; single is false for sets of several bytes a character.
func (c Charset) bytewise() (set *charmap.Charmap, single bool) {
	if c.single == nil {
		return charmap.ISO8859_1, true
	}
	set, single = c.single.(*charmap.Charmap)
	return set, single
}

func decodeOr(e encoding.Encoding, b []byte) string {
	out, err := e.NewDecoder().Bytes(b)
	if err != nil || bytes.ContainsRune(out, utf8.RuneError) {
		return decodeMixed(b, charmap.ISO8859_1)
	}
	return string(out)
}

// mixed splits bytes into characters: where some are a character in UTF-8,
// that, elsewhere the set's.
func mixed(b []byte, set *charmap.Charmap) iter.Seq[Rune] {
	return func(yield func(Rune) bool) {
		for i := 0; i < len(b); {
			r, size := utf8.DecodeRune(b[i:])
			if r == utf8.RuneError {
				size = 1
				if r = set.DecodeByte(b[i]); r == utf8.RuneError {
					r = rune(b[i])
				}
			}
			if !yield(Rune{r, i, i + size}) {
				return
			}
			i += size
		}
	}
}

// decodeMixed reads what mixed splits.
func decodeMixed(b []byte, set *charmap.Charmap) string {
	text := make([]byte, 0, len(b)+len(b)/8)
	for r := range mixed(b, set) {
		text = utf8.AppendRune(text, r.Rune)
	}
	return string(text)
}

// ASCII reports whether encoded text is that in every character set: without
// escapes.
func ASCII(b []byte) bool {
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
func (c Charset) decodeEscaped(b []byte) (text string, known bool) {
	var out strings.Builder
	known = true
	for i, part := range bytes.Split(b, []byte{escape}) {
		if i == 0 {
			out.WriteString(c.Decode(part))
			continue
		}
		decoded, ok := c.decodePart(part)
		out.WriteString(decoded)
		known = known && ok
	}
	return out.String(), known
}

func (c Charset) decodePart(part []byte) (text string, known bool) {
	for _, e := range escapes {
		if !bytes.HasPrefix(part, []byte(e.code)) {
			continue
		}
		text := part[len(e.code):]
		switch {
		case e.lift:
			return decodeOr(e.set, lifted(text, e.shift)), true
		case e.set == nil:
			return c.Decode(text), true
		}
		return decodeOr(e.set, text), true
	}
	return decodeMixed(part, charmap.ISO8859_1), false
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
	set, single := c.bytewise()
	switch {
	case bytes.IndexByte(b, escape) >= 0:
		return nil, false
	case ASCII(b):
		set = charmap.ISO8859_1
	case !single:
		return nil, false
	}
	return slices.AppendSeq(make([]Rune, 0, len(b)), mixed(b, set)), true
}
