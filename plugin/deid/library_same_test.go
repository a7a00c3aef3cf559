package deid_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/google/go-cmp/cmp"
)

// elementsOf is every element of a file with its value as text, in order.
func elementsOf(t testing.TB, file []byte) (all []string) {
	d := flat(t, file)
	for r := dataset.Ref(1); int(r) < d.Len(); r++ {
		n, text := d.Node(r), ""
		if !d.Container(r) {
			text = d.Charset(n.Parent).Decode(d.Trimmed(r))
		}
		if n.Tag.GroupLength() || n.Tag == 0x00080005 || n.Tag.String() == "(FFFE,E00D)" || n.Tag.String() == "(FFFE,E0DD)" {
			continue
		}
		all = append(all, fmt.Sprintf("%d %v %v %s", n.Depth, n.Tag, n.VR, text))
	}
	return all
}

// The comparison of scripts/bench-deid is none unless both do the same.
func TestTheEditorOverTheLibraryWritesWhatDosegateWrites(t *testing.T) {
	key := newKey(t)
	library, ours := deid.NewLibrary(key), deid.New(deid.Registry)
	for _, name := range []string{"ct-enhanced-sr", "ct-250k", "ct-identities", "ct-names-in-protocol", "rf-identities", "mg"} {
		file, err := os.ReadFile("../../testdata/" + name + ".dcm")
		must(t, err)
		theirs, err := library.Deidentify(file)
		must(t, err)
		result, err := ours.Deidentify(recognise(t, file), deid.Context{Key: key})
		must(t, err)
		if diff := cmp.Diff(elementsOf(t, result.File), elementsOf(t, theirs)); diff != "" {
			t.Errorf("%s: the library's differs:\n%s", name, diff)
		}
	}
}
