package identity

import (
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// ASCII is split by a way of its own, since nearly all text is that.
func TestASCIIIsSplitLikeAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[A-Ca-c01 ^._\\-]{0,24}`).Draw(t, "text")
		var runes []dataset.Rune
		for i, r := range text {
			runes = append(runes, dataset.Rune{Rune: r, Start: i, End: i + 1})
		}
		want, got := tokens(runes), tokensOf(text)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(words{}, laid{}, token{})); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	})
}
