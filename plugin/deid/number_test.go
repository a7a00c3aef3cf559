package deid_test

import (
	"bytes"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/sr"
)

// Of items that differ in their number alone the first are treated each, and the
// others like them, unless what stands there is no number.
func TestWhatIsNoNumberGoesAmongManyThatAre(t *testing.T) {
	doc := read(t, "ct-250k")
	d, tried := doc.Dataset, 0
	for r := dataset.Ref(1); int(r) < d.Len(); r++ {
		_, last, is := d.Like(r)
		if !is || d.Tag(last) != sr.NumericValue || len(d.Bytes(last)) < 4 {
			continue
		}
		if tried++; tried%7 != 0 {
			continue
		}
		file := bytes.Clone(d.Raw())
		at := bytes.Index(file[d.Offset(last):], d.Bytes(last)) + d.Offset(last)
		copy(file[at:], "Doe ")
		out, err := deid.New(deid.Registry).Deidentify(recognise(t, append(dataset.AppendFileHeader(nil, doc.SOPClassUID, "2.25.1", d.Syntax.Output()), file...)),
			deid.Context{Key: newKey(t)})
		must(t, err)
		if out.Counts.NumbersDropped != 1 || bytes.Contains(out.File, []byte("Doe ")) {
			t.Errorf("the item at %d: %d are dropped of one", d.Offset(r), out.Counts.NumbersDropped)
		}
	}
	if tried < 50 {
		t.Errorf("only %d items are like others", tried)
	}
}

// The same counts as where nothing is like anything else.
func TestLikeItemsAreCountedAsIfEachWasTreated(t *testing.T) {
	doc := read(t, "ct-250k")
	flat, err := doc.Dataset.Flat()
	must(t, err)
	key := newKey(t)
	folded, err := deid.New(deid.Registry).Deidentify(doc, deid.Context{Key: key})
	must(t, err)
	each := *doc
	each.Dataset, each.Tree = flat, sr.Read(flat)
	plain, err := deid.New(deid.Registry).Deidentify(&each, deid.Context{Key: key})
	must(t, err)
	if folded.Counts != plain.Counts || !bytes.Equal(folded.File, plain.File) {
		t.Errorf("%+v, each by itself %+v", folded.Counts, plain.Counts)
	}
}
