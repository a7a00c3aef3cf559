package chaos

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
)

// marker is a piece of an identity that was planted in one report. None may be
// in anything that leaves, whatever its case.
type marker struct {
	report int
	kind   string // as in planted.tsv
	text   string // in lower case, of eight bytes at least
}

// markers finds planted identities, however many there are, in one pass: by the
// eight bytes that one ends with.
type markers struct {
	byEnd   map[uint64][]marker
	sieve   [1 << 16]uint64 // a bit for what may be in byEnd
	longest int

	mu    sync.Mutex
	found []string // sentences, without the text itself
}

const endBytes = 8

func newMarkers() *markers { return &markers{byEnd: make(map[uint64][]marker)} }

func (m *markers) add(all ...marker) {
	for _, one := range all {
		end := binary.LittleEndian.Uint64([]byte(one.text[len(one.text)-endBytes:]))
		m.byEnd[end] = append(m.byEnd[end], one)
		word, bit := place(end)
		m.sieve[word] |= bit
		m.longest = max(m.longest, len(one.text))
	}
}

// place is where a key is in the sieve.
func place(end uint64) (word, bit uint64) {
	hash := end * 0x9e3779b97f4a7c15 >> (64 - 22)
	return hash >> 6, 1 << (hash & 63)
}

// at looks for markers that end before text[end].
func (m *markers) at(text []byte, end int, where string) {
	if end < endBytes {
		return
	}
	key := binary.LittleEndian.Uint64(text[end-endBytes:])
	if word, bit := place(key); m.sieve[word]&bit == 0 {
		return
	}
	for _, one := range m.byEnd[key] {
		from := end - len(one.text)
		if from < 0 || string(text[from:end]) != one.text || one.partOfNumber(text, from, end) {
			continue
		}
		m.mu.Lock()
		m.found = append(m.found, fmt.Sprintf("%s of report %d in %s", one.kind, one.report, where))
		m.mu.Unlock()
	}
}

// partOfNumber reports whether a date is only some digits of a longer number: in
// a million UIDs there is every date.
func (one marker) partOfNumber(text []byte, from, end int) bool {
	digit := func(i int) bool { return i >= 0 && i < len(text) && '0' <= text[i] && text[i] <= '9' }
	return strings.Trim(one.text, "0123456789") == "" && (digit(from-1) || digit(end))
}

// stream looks for markers in what is written to it, in whatever pieces.
type stream struct {
	*markers
	where string
	tail  []byte // what a marker may have begun in
}

var _ io.WriteCloser = (*stream)(nil)

func (m *markers) stream(where string) *stream { return &stream{markers: m, where: where} }

// Write looks at all but the last byte, since what follows a marker counts.
func (s *stream) Write(p []byte) (int, error) {
	text := append(s.tail, bytes.ToLower(p)...)
	for end := len(s.tail); end < len(text); end++ {
		s.at(text, end, s.where)
	}
	s.tail = append([]byte(nil), text[max(0, len(text)-s.longest-1):]...)
	return len(p), nil
}

// Close looks at the end.
func (s *stream) Close() error {
	s.at(s.tail, len(s.tail), s.where)
	s.tail = nil
	return nil
}

// look looks through some bytes.
func (m *markers) look(where string, text []byte) {
	s := m.stream(where)
	s.Write(text)
	s.Close()
}

func (m *markers) lookAtFile(t testing.TB, path string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Error(err)
		return
	}
	defer f.Close()
	s := m.stream(path)
	if _, err := io.Copy(s, f); err != nil {
		t.Error(err)
	}
	s.Close()
}

// leaks are what was found so far.
func (m *markers) leaks() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string(nil), m.found...)
}

func TestMarkersAreFoundInWhateverPiecesTheyCome(t *testing.T) {
	text := []byte("POST /studies?Patient=WQXALPHA HTTP/1.1\r\n\r\nid zz-93813 born 19440213, not 219440213 nor 194402130")
	for cut := range len(text) {
		m := newMarkers()
		m.add(marker{1, "patient", "wqxalpha"}, marker{2, "id", "zz-93813"}, marker{3, "birth", "19440213"},
			marker{4, "patient", "wqxalphb"})
		s := m.stream("a request")
		for _, part := range [][]byte{text[:cut], text[cut:]} {
			if _, err := s.Write(part); err != nil {
				t.Fatal(err)
			}
		}
		s.Close()
		want := []string{"patient of report 1 in a request", "id of report 2 in a request", "birth of report 3 in a request"}
		if got := m.leaks(); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("cut at %d: found %v, want %v", cut, got, want)
		}
	}
}

func TestAMarkerAtTheVeryEndIsFound(t *testing.T) {
	m := newMarkers()
	m.add(marker{7, "birth", "19440213"})
	m.look("a file", []byte("19440213"))
	if len(m.leaks()) != 1 {
		t.Errorf("found %v", m.leaks())
	}
}
