package deid

import (
	"slices"
	"strings"
	"sync"

	"github.com/dosegate/dosegate/plugin/identity"
)

// vocabulary is the words of the listed meanings of anatomy, procedures and
// devices, sorted, one behind the other: see codeIndex.
type vocabulary struct {
	text  string
	words []uint32 // where each begins; one entry more
}

var terms = sync.OnceValue(func() *vocabulary {
	var all []string
	for _, row := range codeRows() {
		if row.scheme == "DCM" || row.scheme == "SCT" {
			all = append(all, identity.Words(row.meaning)...)
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	v := &vocabulary{text: strings.Join(all, "")}
	at := 0
	for _, word := range append(all, "") {
		v.words = append(v.words, uint32(at))
		at += len(word)
	}
	return v
})

// isTerm reports whether a word is one of the vocabulary: a department called
// Mammography is not told by that word.
func isTerm(word string) bool {
	v := terms()
	low, high := 0, len(v.words)-1
	for low < high {
		middle := (low + high) / 2
		switch strings.Compare(v.text[v.words[middle]:v.words[middle+1]], word) {
		case 0:
			return true
		case -1:
			low = middle + 1
		default:
			high = middle
		}
	}
	return false
}
