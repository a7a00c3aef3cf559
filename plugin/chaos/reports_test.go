package chaos

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/dicomtest"
)

// fate is what must become of a report in the end.
type fate string

const (
	sent    fate = "delivered"
	waits   fate = "held"    // its station is not configured
	ignored fate = "ignored" // no dose report
)

// kind is a file of testdata/, of which each report is a copy with people,
// UIDs and figures of its own.
type kind struct {
	name  string
	share int // of a hundred reports
	fate  fate
}

var kinds = []kind{
	{"ct-identities", 25, sent}, {"ct-small", 25, sent}, {"rf-identities", 20, sent}, {"mg", 8, sent},
	{"dx", 7, waits}, {"enhanced-xray", 4, waits}, {"ct-enhanced-sr", 6, waits},
	{"sc-dose-screen", 3, ignored}, {"private-root", 2, ignored},
}

// The stations of those files that are sent. A CT2 is one of ours only when the
// RDIM passes it on.
const (
	stationsList = `stations:
  - {name: CT1, facility: "100001"}
  - {name: RF Lab 1, facility: "100001"}
  - {name: "25022397"}
  - {name: CT2, aet: RDIM}
`
	conditional = "ct-enhanced-sr" // comes from CT2
)

var senders = []string{"CT1_ROOM", "RF_LAB_1", "RDIM", "PACS"}

// report is one of a run.
type report struct {
	number  int
	kind    string
	fate    fate
	sender  string // its AE title
	twice   bool   // it is sent again after it was acknowledged
	uid     string // SOP Instance UID
	markers []marker
}

// maker makes the reports of a run, the same ones from the same seed.
type maker struct {
	seed   uint64
	files  map[string][]byte
	tokens map[string][]token // by kind
}

// token is an identity in a file of testdata/.
type token struct{ text, kind, path string }

func newMaker(t testing.TB, seed uint64) *maker {
	t.Helper()
	m := &maker{seed: seed, files: make(map[string][]byte), tokens: make(map[string][]token)}
	planted := mustRead(t, "planted.tsv")
	for _, k := range kinds {
		m.files[k.name] = mustRead(t, k.name+".dcm")
		for line := range strings.Lines(string(planted)) {
			// What a device is called may leave, by the profile that is the default.
			if f := strings.Split(strings.TrimSuffix(line, "\n"), "\t"); len(f) == 4 && f[0] == k.name+".dcm" && f[3] != "device" {
				m.tokens[k.name] = append(m.tokens[k.name], token{text: f[2], kind: f[3], path: f[1]})
			}
		}
		slices.SortStableFunc(m.tokens[k.name], func(a, b token) int { return len(b.text) - len(a.text) })
	}
	return m
}

func mustRead(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// make makes a report and its file. What is planted is replaced by as many other
// bytes, so everything around it stays as it is.
func (m *maker) make(number int) (report, []byte) {
	chance := rand.New(rand.NewPCG(m.seed, uint64(number)))
	k := pick(chance)
	r := report{number: number, kind: k.name, fate: k.fate, sender: senders[chance.IntN(len(senders))], twice: chance.IntN(20) == 0}
	if k.name == conditional && r.sender == "RDIM" {
		r.fate = sent
	}
	other := make(map[string]string)
	var pairs []string
	for _, was := range m.tokens[k.name] {
		if _, known := other[was.text]; !known {
			other[was.text] = inventOther(chance, was)
			pairs = append(pairs, was.text, other[was.text])
			r.markers = append(r.markers, marker{number, was.kind, strings.ToLower(other[was.text])})
		}
		if was.path == "00080018" {
			r.uid = other[was.text]
		}
	}
	file := []byte(strings.NewReplacer(pairs...).Replace(string(m.files[k.name])))
	measureAnew(chance, file)
	return r, file
}

func pick(chance *rand.Rand) kind {
	n := chance.IntN(100)
	for _, k := range kinds {
		if n -= k.share; n < 0 {
			return k
		}
	}
	panic("the shares are not a hundred")
}

// inventOther is a text of the same length and look.
func inventOther(chance *rand.Rand, was token) string {
	if was.kind == "birth" {
		return fmt.Sprintf("%04d%02d%02d", 1911+chance.IntN(70), 1+chance.IntN(12), 1+chance.IntN(28))
	}
	text := []byte(was.text)
	for i, c := range text {
		switch {
		case was.kind == "uid" && i < len("2.25."): // the root stays, and a number begins with no 0 (PS3.5 9.1)
		case was.kind == "uid" && i == len("2.25."):
			text[i] = byte('1' + chance.IntN(9))
		case '0' <= c && c <= '9':
			text[i] = byte('0' + chance.IntN(10))
		case 'a' <= c && c <= 'z':
			text[i] = byte('a' + chance.IntN(26))
		case 'A' <= c && c <= 'Z':
			text[i] = byte('A' + chance.IntN(26))
		}
	}
	return string(text)
}

// numericValue begins a Numeric Value (0040,A30A) in explicit little endian.
var numericValue = []byte("\x40\x00\x0a\xa3DS")

// measureAnew gives each report figures of its own, so that one is told from
// another when no name and no UID is left of it. There is no nine in them: an age
// of ninety would leave as another.
func measureAnew(chance *rand.Rand, file []byte) {
	for at := 0; ; {
		next := bytes.Index(file[at:], numericValue)
		if next < 0 {
			return
		}
		at += next + len(numericValue) + 2
		value := file[at : at+int(binary.LittleEndian.Uint16(file[at-2:]))]
		for i, c := range value {
			if '1' <= c && c <= '9' {
				value[i] = byte('1' + chance.IntN(8))
			}
		}
	}
}

func TestReportsAreTheSameFromTheSameSeedAndNoTwoAreAlike(t *testing.T) {
	m, other := newMaker(t, 42), newMaker(t, 42)
	var uids []string
	for n := range 60 {
		r, file := m.make(n)
		again, same := other.make(n)
		if !bytes.Equal(file, same) || fmt.Sprint(r) != fmt.Sprint(again) {
			t.Fatalf("report %d is another the second time", n)
		}
		if !strings.HasPrefix(r.uid, "2.25.") {
			t.Errorf("report %d has the UID %q", n, r.uid)
		}
		uids = append(uids, r.uid)
		all := newMarkers()
		all.add(r.markers...)
		if all.look("its file", file); len(all.leaks()) < len(r.markers) {
			t.Errorf("of %d markers %d are in report %d", len(r.markers), len(all.leaks()), n)
		}
		if before, err := dicomtest.ReadFigures(m.files[r.kind]); err != nil {
			t.Error(err)
		} else if after, err := dicomtest.ReadFigures(file); err != nil || len(before.Events) != len(after.Events) {
			t.Errorf("report %d: %v, %d events, want %d", n, err, len(after.Events), len(before.Events))
		} else if len(before.Numbers) > 0 && fmt.Sprint(before.Numbers) == fmt.Sprint(after.Numbers) {
			t.Errorf("report %d has the figures of its kind", n)
		}
	}
	slices.Sort(uids)
	if distinct := len(slices.Compact(uids)); distinct != 60 {
		t.Errorf("%d UIDs of 60", distinct)
	}
}
