package deid

import (
	_ "embed"
	"hash/maphash"
	"iter"
	"strings"
	"sync"
)

//go:embed codes.tsv
var codesTable string

// codeIndex finds the rows of codes.tsv. It holds offsets into the embedded
// text and no pointers, which the garbage collector would follow again and
// again.
type codeIndex struct {
	rows    [1 << 16]uint32 // an open hash: where the row begins, 0 for none
	schemes map[string]bool
	seed    maphash.Seed
}

var codeTable = sync.OnceValue(func() *codeIndex {
	x := &codeIndex{schemes: make(map[string]bool), seed: maphash.MakeSeed()}
	for at, row := range codeRows() {
		x.schemes[row.scheme] = true
		i := x.slot(row.value)
		for x.rows[i] != 0 {
			i = (i + 1) % len(x.rows)
		}
		x.rows[i] = uint32(at)
	}
	return x
})

// codeRow is a row of codes.tsv.
type codeRow struct{ scheme, value, meaning string }

// codeRows yields the rows with where they begin in the table.
func codeRows() iter.Seq2[int, codeRow] {
	return func(yield func(int, codeRow) bool) {
		at, head := 0, true
		for line := range strings.Lines(codesTable) {
			from := at
			at += len(line)
			switch {
			case strings.HasPrefix(line, "#"):
			case head:
				head = false
			case !yield(from, rowOf(line)):
				return
			}
		}
	}
}

// rowOf reads the row that a text begins with.
func rowOf(text string) codeRow {
	line, _, _ := strings.Cut(text, "\n")
	scheme, rest, _ := strings.Cut(line, "\t")
	value, meaning, _ := strings.Cut(rest, "\t")
	return codeRow{scheme, value, meaning}
}

// slot is where the search for a code begins, whatever its scheme.
func (x *codeIndex) slot(value string) int {
	return int(maphash.String(x.seed, value) % uint64(len(x.rows)))
}

// is reports whether the row at an offset is of a code, and where its meaning
// begins.
func (x *codeIndex) is(at int, scheme, value string) (meaning int, is bool) {
	middle := at + len(scheme)
	behind := middle + 1 + len(value)
	return behind + 1, behind < len(codesTable) && codesTable[behind] == '\t' && codesTable[middle] == '\t' &&
		codesTable[at:middle] == scheme && codesTable[middle+1:behind] == value &&
		strings.IndexByte(scheme, '\t') < 0 && strings.IndexByte(value, '\t') < 0 // so that they are whole columns
}

// canonicalScheme gives earlier names of SRT that one (PS3.16 Table 8-1).
func canonicalScheme(scheme string) string {
	switch scheme {
	case "SNM3", "99SDM":
		return "SRT"
	}
	return scheme
}

// meaningOf returns what a listed scheme says that a code means. Schemes and
// codes are compared as they are written, with regard to case.
func meaningOf(scheme, value string) (meaning string, ok bool) {
	x, scheme := codeTable(), canonicalScheme(scheme)
	for i := x.slot(value); x.rows[i] != 0; i = (i + 1) % len(x.rows) {
		if behind, is := x.is(int(x.rows[i]), scheme, value); is {
			meaning, _, _ = strings.Cut(codesTable[behind:], "\n")
			return meaning, true
		}
	}
	return "", false
}

// listedScheme reports whether codes.tsv has codes of the scheme. It need not
// have all of them.
func listedScheme(scheme string) bool { return codeTable().schemes[canonicalScheme(scheme)] }
