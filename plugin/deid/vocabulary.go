package deid

import (
	"sync"

	"github.com/dosegate/dosegate/plugin/identity"
)

// vocabulary is the words of the listed meanings of anatomy, procedures and
// devices: a department called Mammography is not told by that word.
var vocabulary = sync.OnceValue(func() map[string]bool {
	words := make(map[string]bool)
	for _, scheme := range []string{"DCM", "SCT"} {
		for _, meaning := range listed()[scheme] {
			for _, word := range identity.Words(meaning) {
				words[word] = true
			}
		}
	}
	return words
})
