package dataset_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
)

// repeating is a content tree in which one code stands three times, and the
// item around it twice.
func repeating(e encoding) []byte {
	code := e.sequence(conceptCode, e.text(0x00080100, "SH", "113701"), e.text(0x00080100, "SH", "113702"))
	item := bytes.Join([][]byte{e.text(valueType, "CS", "CODE"), code}, nil)
	other := bytes.Join([][]byte{e.text(valueType, "CS", "TEXT"), code}, nil)
	return bytes.Join([][]byte{e.text(sopClassUID, "UI", "1.2"), e.sequence(contentSequence, item, other, item)}, nil)
}

var foldingEncodings = map[string]encoding{
	"explicit": explicitLittle, "explicit, undefined": explicitLittle.opened(), "implicit": implicitLittle,
	"implicit, undefined": implicitLittle.opened(), "big endian": explicitBig, "big endian, undefined": explicitBig.opened(),
}

func TestWhatRepeatsIsIndexedOnceAndReadWhereverItStands(t *testing.T) {
	for name, e := range foldingEncodings {
		d := parse(t, e.file(repeating(e)))
		checkIndex(t, d)
		flat, err := d.Flat()
		if err != nil {
			t.Fatal(err)
		}
		if d.Len() >= flat.Len() {
			t.Errorf("%s: %d nodes, %d where nothing is folded", name, d.Len(), flat.Len())
		}
		for i := range 3 {
			if got := d.Text(find(t, d, contentSequence, i, conceptCode, 1, codeValue)); got != "113702" {
				t.Errorf("%s: item %d has the code %q", name, i, got)
			}
		}
	}
}

func TestAChangeInsideIsMadeWhereverTheSameStandsAndOneOfItselfThereAlone(t *testing.T) {
	for name, e := range foldingEncodings {
		d := parse(t, e.file(repeating(e)))
		if _, shared := d.Origin(find(t, d, contentSequence, 0, conceptCode)); !shared {
			t.Fatalf("%s: the code is not folded", name)
		}
		p := d.Plan()
		p.Replace(find(t, d, contentSequence, 0, conceptCode, 1, codeValue), []byte("113703"))
		p.Add(find(t, d, contentSequence, 1, conceptCode, 0), codeMeaning, dataset.LO, []byte("Meaning"))
		p.Remove(find(t, d, contentSequence, 2))
		again := parse(t, encode(t, d, p))
		items := slices.Collect(again.Children(find(t, again, contentSequence)))
		if len(items) != 2 {
			t.Fatalf("%s: %d items are left of three, of which one was removed", name, len(items))
		}
		for i := range items {
			code := find(t, again, contentSequence, i, conceptCode, 1, codeValue)
			meaning := find(t, again, contentSequence, i, conceptCode, 0, codeMeaning)
			if again.Text(code) != "113703" || again.Text(meaning) != "Meaning" {
				t.Errorf("%s: item %d has %q and %q", name, i, again.Text(code), again.Text(meaning))
			}
		}
	}
}

// The origin may be left out with all that it holds; the others stay, changed.
func TestTheFirstOfManyCanGo(t *testing.T) {
	for name, e := range foldingEncodings {
		d := parse(t, e.file(repeating(e)))
		p := d.Plan()
		p.Remove(find(t, d, contentSequence, 0))
		p.Replace(find(t, d, contentSequence, 2, conceptCode, 0, codeValue), []byte("changed"))
		again := parse(t, encode(t, d, p))
		for i := range 2 {
			if got := again.Text(find(t, again, contentSequence, i, conceptCode, 0, codeValue)); got != "changed" {
				t.Errorf("%s: item %d has %q", name, i, got)
			}
		}
	}
}

func TestBytesThatCouldMeanSomethingElseAreNotFolded(t *testing.T) {
	e := explicitLittle
	code := func(e encoding) []byte { return e.sequence(conceptCode, e.text(0x00080100, "SH", "1137")) }
	japanese := e.text(dataset.SpecificCharacterSet, "CS", "ISO_IR 13")
	items := func(first []byte) []byte {
		return e.file(bytes.Join([][]byte{e.text(sopClassUID, "UI", "1.2"), e.sequence(contentSequence, first, code(e), code(e))}, nil))
	}
	for name, file := range map[string][]byte{
		"a character set further down": items(bytes.Join([][]byte{japanese, code(e)}, nil)),
		"items under UN":               items(code(e.hidden())),
	} {
		d := parse(t, file)
		for r := dataset.Root; int(r) < d.Len(); r++ {
			if _, shared := d.Origin(r); shared {
				t.Errorf("%s: node %d is folded", name, r)
			}
		}
	}
}

// A few bytes cannot stand for more elements than the limit allows.
func TestFoldedElementsCountTowardsTheLimit(t *testing.T) {
	e := explicitLittle
	code := e.sequence(conceptCode, e.text(0x00080100, "SH", "1137"))
	file := e.file(bytes.Join([][]byte{e.text(sopClassUID, "UI", "1.2"), e.sequence(contentSequence, slices.Repeat([][]byte{code}, 100)...)}, nil))
	if _, err := dataset.Parse(file, dataset.Limits{Elements: 402}); err != nil {
		t.Errorf("402 elements of 402 are refused: %v", err)
	}
	if _, err := dataset.Parse(file, dataset.Limits{Elements: 401}); !errors.Is(err, dataset.ErrLimit) {
		t.Errorf("402 elements of 401: %v", err)
	}
}

func TestNoBytesFoldOntoThoseOfAnotherPlace(t *testing.T) {
	e := explicitLittle
	inner := e.text(0x00080100, "SH", strings.Repeat("x", 16))
	d := parse(t, e.file(bytes.Join([][]byte{e.text(sopClassUID, "UI", "1.2"), e.sequence(0x00081115, inner), e.sequence(contentSequence, inner)}, nil)))
	if _, shared := d.Origin(find(t, d, contentSequence, 0)); shared {
		t.Error("an item of the content tree is one with an item of another sequence")
	}
}

// A container that stood there before is not read again where it is as deep as
// anything may be.
func TestWhatIsFoldedCountsTowardsTheLimitOfDepth(t *testing.T) {
	e := explicitLittle
	code := e.sequence(conceptCode, e.text(0x00080100, "SH", "1137"), e.text(0x00080100, "SH", "1138"))
	deep := e.sequence(contentSequence, e.sequence(contentSequence, code)) // the code, its items and their elements end in level 9
	file := e.file(bytes.Join([][]byte{e.text(sopClassUID, "UI", "1.2"), e.sequence(contentSequence, code, deep)}, nil))
	d, err := dataset.Parse(file, dataset.Limits{Depth: 9})
	if err != nil {
		t.Fatalf("nine levels of nine are refused: %v", err)
	}
	if _, shared := d.Origin(find(t, d, contentSequence, 1, contentSequence, 0, contentSequence, 0, conceptCode)); !shared {
		t.Error("the deeper code is not folded onto the other")
	}
	if _, err := dataset.Parse(file, dataset.Limits{Depth: 8}); !errors.Is(err, dataset.ErrLimit) {
		t.Errorf("nine levels of eight: %v", err)
	}
}
