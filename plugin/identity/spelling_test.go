package identity_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/identity"
	"pgregory.net/rapid"
)

// runes are a text's characters with the bytes that they stand in.
func runes(text string) (all []dataset.Rune) {
	for i, r := range text {
		all = append(all, dataset.Rune{Rune: r, Start: i, End: i + len(string(r))})
	}
	return all
}

// names are words that no text around them has.
var names = rapid.StringMatching(`Q[a-z]{5,9}`)

func TestANameIsFoundInAnyCaseOrderAndPunctuationAndNothingElseIsCut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		family, given := names.Draw(t, "family"), names.Draw(t, "given")
		id := known(func(id *identity.Identity) { id.AddPerson(family + "^" + given) })
		name := rapid.SampledFrom([]string{family, given, family + given, given + family, family + " " + given, given + ", " + family,
			family + "_" + given, given[:1] + family}).Draw(t, "spelling")
		switch rapid.IntRange(0, 2).Draw(t, "case") {
		case 1:
			name = strings.ToUpper(name)
		case 2:
			name = strings.ToLower(name)
		}
		before, after := "CT 120 kV <", "> 5 mm"
		text := before + name + after
		spans := id.Spans(runes(text))
		covered := map[int]bool{}
		for _, s := range spans {
			for i := s.Start; i < s.End; i++ {
				covered[i] = true
			}
		}
		for i, r := range text {
			inside := i >= len(before) && i < len(before)+len(name)
			if inside && unicode.IsLetter(r) && !covered[i] {
				t.Fatalf("%q of %s^%s stays in %q: %v", r, family, given, text, spans)
			}
			if !inside && covered[i] {
				t.Fatalf("%q is cut out of %q: %v", r, text, spans)
			}
		}
	})
}

func TestSpansStandInOrderInsideTheTextWhateverItIs(t *testing.T) {
	id := known(func(id *identity.Identity) {
		id.AddPerson("Müller-Lüdenscheidt^Ännchen=山田^太郎")
		id.AddNumber("AB-1234567")
		id.AddDate("19610305")
		id.AddPlace("Nowhere General")
	})
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text") + rapid.SampledFrom([]string{"", "muller", "1234567", "5.3.61", "山田"}).Draw(t, "known") + rapid.String().Draw(t, "more")
		last := -1
		for _, s := range id.Spans(runes(text)) {
			if s.Start <= last || s.End <= s.Start || s.End > len(text) {
				t.Fatalf("the span %v of %q", s, text)
			}
			last = s.End
		}
	})
}

func TestANumberIsFoundWhateverStandsBetweenItsDigits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.StringMatching(`[1-9][0-9]{6,11}`).Draw(t, "number")
		id := known(func(id *identity.Identity) { id.AddNumber(number) })
		cut := rapid.IntRange(1, len(number)-1).Draw(t, "cut")
		between := rapid.SampledFrom([]string{"", " ", "-", "/", ".", " - ", "\u00a0"}).Draw(t, "between")
		text := rapid.SampledFrom([]string{"CT ", "x", "00", "#"}).Draw(t, "before") + number[:cut] + between + number[cut:] +
			rapid.SampledFrom([]string{"", "y", "/3", " kV"}).Draw(t, "after")
		if !id.In(text) {
			t.Fatalf("%s is not found in %q", number, text)
		}
	})
}

func TestADateIsFoundInAnyOrderAndWithAnySeparator(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		day := rapid.IntRange(1, 28).Draw(t, "day")
		month := rapid.IntRange(1, 12).Draw(t, "month")
		year := rapid.IntRange(1911, 2026).Draw(t, "year")
		two := func(n int) string { return string([]byte{byte('0' + n/10), byte('0' + n%10)}) }
		y := two(year/100) + two(year%100)
		id := known(func(id *identity.Identity) { id.AddDate(y + two(month) + two(day)) })
		parts := rapid.SampledFrom([][]string{{two(day), two(month), y}, {two(month), two(day), y}, {y, two(month), two(day)}}).Draw(t, "order")
		text := "geb. " + strings.Join(parts, rapid.SampledFrom([]string{"", ".", "-", "/", " ", ". "}).Draw(t, "separator")) + " CT"
		if !id.In(text) {
			t.Fatalf("%d-%d-%d is not found in %q", year, month, day, text)
		}
	})
}
