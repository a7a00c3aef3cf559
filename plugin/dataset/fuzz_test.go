package dataset_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
)

// fuzzLimits keep one input cheap, so that many are tried.
var fuzzLimits = dataset.Limits{Bytes: 1 << 20, Inflated: 1 << 20, Elements: 1 << 14, Depth: 40}

// seed gives the fuzzer small files of every encoding.
func seed(f *testing.F, add func(file []byte)) {
	f.Helper()
	for _, e := range encodings {
		add(e.file(document(e, false)))
	}
	for _, s := range samples(f) {
		if len(s.file) < 24<<10 {
			add(s.file)
		}
	}
}

func FuzzParse(f *testing.F) {
	seed(f, func(file []byte) { f.Add(file) })
	f.Fuzz(func(t *testing.T, file []byte) {
		d, err := dataset.Parse(file, fuzzLimits)
		if err != nil {
			return
		}
		checkIndex(t, d)
		out, err := d.Plan().Encode(nil)
		if err != nil {
			t.Fatal(err)
		}
		if !d.Syntax.BigEndian && !bytes.Equal(out, d.Raw()) {
			t.Fatal("the copy differs")
		}
		for r := dataset.Root; int(r) < d.Len(); r++ {
			if !d.Container(r) && len(d.Bytes(r)) < 1<<10 {
				d.Charset(d.Node(r).Parent).Decode(d.Trimmed(r))
			}
		}
		if was, is := flatLen(t, d), flatLen(t, reparse(t, d, out)); was != is {
			t.Fatalf("%d nodes, then %d", was, is)
		}
	})
}

// flatLen is how many nodes there are where nothing is folded. How much folds
// depends on the bytes, which another byte order changes.
func flatLen(t *testing.T, d *dataset.Dataset) int {
	t.Helper()
	flat, err := d.Flat()
	if err != nil {
		t.Fatal(err)
	}
	return flat.Len()
}

// checkIndex looks at what every index must be: nodes inside their parents,
// one behind the other, numbered as they stand; and, gone through from the top,
// the same as an index in which nothing is folded.
func checkIndex(t *testing.T, d *dataset.Dataset) {
	t.Helper()
	flat, err := d.Flat()
	if err != nil {
		t.Fatal(err)
	}
	checkNodes(t, d)
	checkNodes(t, flat)
	if got, want := values(d, false), values(flat, false); !slices.Equal(got, want) {
		t.Fatalf("%d values where nothing is folded, %d values folded, or others", len(want), len(got))
	}
}

func checkNodes(t *testing.T, d *dataset.Dataset) {
	t.Helper()
	seen := 1
	for r := dataset.Root; int(r) < d.Len(); r++ {
		origin, shared := d.Origin(r)
		if !d.Container(r) || origin != r {
			if d.After(r) != r+1 || origin != r && !shared {
				t.Fatalf("node %d holds others and is no container", r)
			}
			continue
		}
		at := 0
		for c := range d.Children(r) {
			if d.Node(c).Parent != r || d.Offset(c) < at || d.After(c) <= c || d.After(c) > d.After(r) {
				t.Fatalf("node %d is not where its parent %d says", c, r)
			}
			at = d.Offset(c) + len(d.Bytes(c))
			seen++
		}
	}
	if seen != d.Len() {
		t.Fatalf("%d of %d nodes are reached", seen, d.Len())
	}
}

// reparse reads an encoded plan as the file that it would be sent as.
func reparse(t *testing.T, d *dataset.Dataset, out []byte) *dataset.Dataset {
	t.Helper()
	again, err := dataset.Parse(asFile(d.Syntax.Output(), out), dataset.Limits{Bytes: 4 << 20})
	if err != nil {
		t.Fatalf("what was written cannot be read: %v", err)
	}
	checkIndex(t, again)
	return again
}

// FuzzRewrite removes and replaces nodes by chance and looks for everything
// else in what comes out.
func FuzzRewrite(f *testing.F) {
	seed(f, func(file []byte) {
		f.Add(file, uint64(1))
		f.Add(file, uint64(len(file)))
	})
	f.Fuzz(func(t *testing.T, file []byte, chance uint64) {
		d, err := dataset.Parse(file, fuzzLimits)
		if err != nil {
			return
		}
		p := d.Plan()
		want := byChance(d, p, rand.New(rand.NewPCG(chance, 0)))
		out, err := p.Encode(nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(want) == 0 {
			return // nothing is left to read
		}
		got := values(reparse(t, d, out), d.Syntax.BigEndian)
		if len(got) != len(want) {
			t.Fatalf("%d values, want %d", len(got), len(want))
		}
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("value %d is %+v, want %+v", i, got[i], want[i])
			}
		}
	})
}

// value is what must survive of a node.
type value struct {
	tag   dataset.Tag
	depth int
	bytes string // "" for a container
}

// byChance plans changes and returns the values that must be there after
// them: those of a container wherever it stands. The first element stays: it
// tells a file's encoding.
func byChance(d *dataset.Dataset, p *dataset.Plan, random *rand.Rand) []value {
	replaced := make(map[dataset.Ref]bool)
	for r := dataset.Root + 1; int(r) < d.Len(); r++ {
		fragment := d.Tag(d.Node(r).Parent) == dataset.PixelData
		switch dice := random.IntN(20); {
		case dice == 0 && r != 1 && d.Container(r), dice <= 2 && r != 1 && !fragment:
			p.Remove(r)
		case dice <= 4 && replaceable(d, r):
			p.Replace(r, []byte("replaced"))
			replaced[r] = true
		}
	}
	return gather(d, func(r dataset.Ref) (bytes string, left bool) {
		switch {
		case p.Removed(r):
			return "", false
		case replaced[r]:
			return "replaced", true
		}
		return kept(d, r, d.Syntax.BigEndian), true
	})
}

// gather goes down a data set; value gives what an element is to have, left
// false for what is left out.
func gather(d *dataset.Dataset, valueOf func(dataset.Ref) (bytes string, left bool)) []value {
	var all []value
	var down func(parent dataset.Ref, depth int)
	down = func(parent dataset.Ref, depth int) {
		for r := range d.Children(parent) {
			bytes, left := valueOf(r)
			if !left {
				continue
			}
			if d.Container(r) {
				bytes = ""
			}
			all = append(all, value{d.Tag(r), depth, bytes})
			down(r, depth+1)
		}
	}
	down(dataset.Root, 1)
	return all
}

// replaceable leaves group lengths alone, which Encode corrects, and what is a
// sequence or could be taken for one.
func replaceable(d *dataset.Dataset, r dataset.Ref) bool {
	n := d.Node(r)
	return r != 1 && !d.Container(r) && n.VR.Text() && !n.Tag.GroupLength() && n.Tag != dataset.Item
}

// values are all that a data set holds; big says that its source was big
// endian.
func values(d *dataset.Dataset, big bool) []value {
	return gather(d, func(r dataset.Ref) (string, bool) { return kept(d, r, big), true })
}

// kept is the value as it is to come out: text without its padding. The bytes
// of numbers change places where the input was big endian, and group lengths
// change, so that only their own length is compared.
func kept(d *dataset.Dataset, r dataset.Ref, big bool) string {
	n, b := d.Node(r), d.Bytes(r)
	switch {
	case n.Tag.GroupLength() || big && !n.VR.Text():
		return string(make([]byte, len(b)+len(b)&1))
	case n.VR.Text():
		return d.Text(r)
	}
	return string(b)
}
