package deid

// LastLook is the last look, for tests from outside.
var LastLook = lastLook

// LooksLikeALeak asks the last look about one text, where the original has one
// identifier.
func LooksLikeALeak(kind, identifier, text string) string {
	s := &search{words: make(map[string]bool), uids: make(map[string]bool), met: make(map[string]string)}
	s.add(kind, identifier)
	return s.inText(text)
}
