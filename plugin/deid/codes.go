package deid

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed codes.tsv
var codesTable string

// listed holds the meanings of codes.tsv by scheme and value. All its strings
// are parts of the embedded text.
var listed = sync.OnceValue(func() map[string]map[string]string {
	schemes := make(map[string]map[string]string)
	head := true
	for line := range strings.Lines(codesTable) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		if head {
			head = false
			continue
		}
		scheme, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		value, meaning, _ := strings.Cut(rest, "\t")
		if schemes[scheme] == nil {
			schemes[scheme] = make(map[string]string)
		}
		schemes[scheme][value] = meaning
	}
	for _, old := range []string{"SNM3", "99SDM"} { // earlier names of SRT (PS3.16 Table 8-1)
		schemes[old] = schemes["SRT"]
	}
	return schemes
})

// meaningOf returns what a listed scheme says that a code means. Schemes and
// codes are compared as they are written, with regard to case.
func meaningOf(scheme, value string) (meaning string, ok bool) {
	meaning, ok = listed()[scheme][value]
	return meaning, ok
}

// listedScheme reports whether codes.tsv has codes of the scheme. It need not
// have all of them.
func listedScheme(scheme string) bool { return listed()[scheme] != nil }
