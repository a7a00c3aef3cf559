package deid

import (
	"bytes"
	"html"
	"net/url"
	"strings"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/identity"
)

// cut stands where an identifier stood in a text that is kept.
const cut = "***"

// longestText is how long a text may be to be kept: nothing that a dose
// registry asks for is a tenth of it.
const longestText = 64 << 10

// cleaner cuts identifiers out of the texts of one report (PS3.15 E.3.5). It
// remembers what it made of a text, since reports repeat their texts.
type cleaner struct {
	id   *identity.Identity
	made map[written][]byte // nil: the text stays as it is
}

// written is a text in its character set.
type written struct{ charset, text string }

func newCleaner(id *identity.Identity) *cleaner {
	return &cleaner{id: id, made: make(map[written][]byte)}
}

// clean returns the text without what matches an identifier, and whether it
// cut anything. What it keeps is byte-equal, what it writes is ASCII.
func (c *cleaner) clean(text []byte, charset dataset.Charset) (out []byte, changed bool) {
	key := written{charset.Name(), view(text)}
	made, ok := c.made[key]
	if !ok {
		if made = c.cutOut(text, charset); bytes.Equal(made, text) {
			made = nil
		}
		c.made[key] = made
	}
	if made == nil {
		return text, false
	}
	return made, true
}

func (c *cleaner) cutOut(text []byte, charset dataset.Charset) []byte {
	if len(text) > longestText {
		return []byte(cut)
	}
	if dataset.ASCII(text) {
		return c.cutSpans(text, c.id.SpansOf(view(text)), charset)
	}
	runes, ok := charset.Runes(text)
	if !ok {
		// Characters of several bytes with shifts between them cannot be cut
		// one by one: the text stays whole or goes whole. So it does where it
		// cannot be read to the end.
		if decoded, known := charset.DecodeAll(text); !known || c.id.In(decoded) {
			return []byte(cut)
		}
		return text
	}
	return c.cutSpans(text, c.id.Spans(runes), charset)
}

// cutSpans takes stretches out of a text, and what is like a UID.
func (c *cleaner) cutSpans(text []byte, gone []identity.Span, charset dataset.Charset) []byte {
	gone = append(gone, uidLike(text)...)
	out := text
	if len(gone) > 0 {
		out = without(text, gone)
	}
	if bytes.ContainsAny(out, "&%") && c.hidden(charset.Decode(out)) {
		return []byte(cut)
	}
	return out
}

// hidden reports whether a text holds an identifier once the entities of XML
// or the escapes of a URL in it are read.
func (c *cleaner) hidden(text string) bool {
	if strings.ContainsRune(text, '&') {
		if plain := html.UnescapeString(text); plain != text && c.id.In(plain) {
			return true
		}
	}
	if strings.ContainsRune(text, '%') {
		if plain, err := url.PathUnescape(text); err == nil && plain != text && c.id.In(plain) {
			return true
		}
	}
	return false
}

// uidLike finds dotted numbers with five components and more, which are UIDs.
func uidLike(text []byte) []identity.Span {
	var found []identity.Span
	for i := 0; i < len(text); {
		j, dots := i, 0
		for j < len(text) && (text[j] >= '0' && text[j] <= '9' || text[j] == '.') {
			if text[j] == '.' {
				dots++
			}
			j++
		}
		if dots >= 4 && j-i >= 10 {
			found = append(found, identity.Span{Start: i, End: j})
		}
		i = max(j, i+1)
	}
	return found
}

// without replaces stretches of a text, which may overlap.
func without(text []byte, gone []identity.Span) []byte {
	hole := make([]bool, len(text))
	for _, g := range gone {
		for i := g.Start; i < g.End; i++ {
			hole[i] = true
		}
	}
	var out []byte
	for i, b := range text {
		switch {
		case !hole[i]:
			out = append(out, b)
		case i == 0 || !hole[i-1]:
			out = append(out, cut...)
		}
	}
	return out
}
