package rdsr_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/dosegate/dosegate/plugin/dataset"
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

// identifiersOf reads them from a data set with the given values.
func identifiersOf(t *testing.T, values map[dataset.Tag]string) rdsr.Identifiers {
	t.Helper()
	file := dataset.AppendFileHeader(nil, rdsr.XRayRadiationDoseSR, "2.25.18", dataset.ImplicitLittleEndian)
	file = append(file, element(0x00080016, rdsr.XRayRadiationDoseSR)...)
	for tag, value := range values {
		file = append(file, element(tag, value)...)
	}
	d, err := dataset.Parse(file, dataset.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return rdsr.IdentifiersOf(d)
}

func TestIdentifiersAreFoundInTextsAboutDevices(t *testing.T) {
	ids := identifiersOf(t, map[dataset.Tag]string{
		0x00100010: "NOBODY^No Name^de la", // Patient's Name
		0x00100020: "PID-00 4711",          // Patient ID
		0x00080050: "ACC77",                // Accession Number
		0x00380010: "42",                   // Admission ID
	})
	for text, want := range map[string]bool{
		"CT1":            false,
		"nobody":         true,
		"CT of Nobody":   true,
		"NOBODY^No":      true,
		"Anobody":        false, // another word; names are words
		"No Name Nobody": true,
		"PID-004711":     true,
		"pid 00 4711":    true,
		"xPID004711x":    true, // a long identifier, anywhere
		"4711":           true, // a part of three characters and more
		"47110":          false,
		"CT00":           false,
		"ACC77":          true,
		"TORUSACC77":     true,
		"ACC 77":         true,
		"room 42":        false, // too short to tell anything
		"de la Torre":    false,
		"":               false,
		"SN-64001-ZZ":    false,
	} {
		if got := ids.In(text); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}

func TestIdentifiersBeyondASCIIAreFoundInEveryCase(t *testing.T) {
	ids := identifiersOf(t, map[dataset.Tag]string{0x00100010: "M\xDCLLER^J\xD6RG"})
	for _, text := range []string{"Müller", "MÜLLER CT", "Jörg"} {
		if !ids.In(text) {
			t.Errorf("%q is not found", text)
		}
	}
}

func TestWithoutIdentifiersNothingIsFound(t *testing.T) {
	ids := identifiersOf(t, map[dataset.Tag]string{0x00100010: "", 0x00100020: " - "})
	for _, text := range []string{"", "CT1", "-", "NONE"} {
		if ids.In(text) {
			t.Errorf("%q is found", text)
		}
	}
}
