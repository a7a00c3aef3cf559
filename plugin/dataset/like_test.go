package dataset_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
)

// measurements are items that differ in the value that they end with, and one
// after them that is something else.
func measurements(e encoding, values ...string) []byte {
	var items [][]byte
	for _, value := range append(values, "the last one") {
		code := e.sequence(conceptCode, e.text(codeValue, "SH", "113701"), e.text(codeValue, "SH", "113702"))
		items = append(items, bytes.Join([][]byte{e.text(valueType, "CS", "NUM"), code, e.sequence(measured, e.text(numericValue, "DS", value))}, nil))
	}
	return bytes.Join([][]byte{e.text(sopClassUID, "UI", "1.2"), e.sequence(contentSequence, items...)}, nil)
}

const (
	measured     dataset.Tag = 0x0040A300
	numericValue dataset.Tag = 0x0040A30A
)

func TestAnItemIsLikeAnotherIfOnlyItsLastValueIsAnother(t *testing.T) {
	for name, e := range foldingEncodings {
		values := []string{"1.25", "3.75", "3.75", "12.50", "4.50"}
		d := parse(t, e.file(measurements(e, values...)))
		checkIndex(t, d)
		for i, want := range []bool{false, true, !e.open, false, true} { // the third is the second again
			item := find(t, d, contentSequence, i)
			like, last, is := d.Like(item)
			if origin, _ := d.Origin(item); origin != item {
				continue
			}
			if is != (want && !e.open) {
				t.Errorf("%s: item %d is like another: %v", name, i, is)
			}
			if is && (like != find(t, d, contentSequence, 0) || d.Tag(last) != numericValue || d.Text(last) != values[i]) {
				t.Errorf("%s: item %d is like %d and ends with %q", name, i, like, d.Text(last))
			}
		}
		for i, value := range values {
			if got := d.Text(find(t, d, contentSequence, i, measured, 0, numericValue)); got != value {
				t.Errorf("%s: item %d has %q for %q", name, i, got, value)
			}
		}
	}
}

func TestTheLastValueOfAnItemIsItsOwnAndTheRestIsShared(t *testing.T) {
	e := explicitLittle
	d := parse(t, e.file(measurements(e, "1.25", "3.75", "4.50")))
	p := d.Plan()
	p.Replace(find(t, d, contentSequence, 1, measured, 0, numericValue), []byte("9.99"))
	p.Replace(find(t, d, contentSequence, 2, conceptCode, 0, codeValue), []byte("changed"))
	for i, want := range []bool{true, true, false} { // what the items share is the own of the first
		if item := find(t, d, contentSequence, i); p.Changes(item) != want {
			t.Errorf("item %d changes: %v", i, !want)
		}
	}
	again := parse(t, encode(t, d, p))
	for i, want := range []string{"1.25", "9.99", "4.50"} {
		number := again.Text(find(t, again, contentSequence, i, measured, 0, numericValue))
		if code := again.Text(find(t, again, contentSequence, i, conceptCode, 0, codeValue)); number != want || code != "changed" {
			t.Errorf("item %d has %q, %q", i, number, code)
		}
	}
}

// What is like another counts towards the limits as if it had been read.
func TestLikeItemsCountTowardsTheLimits(t *testing.T) {
	e := explicitLittle
	var values []string
	for i := range 100 {
		values = append(values, []string{"1.25", "3.75", "4.50", "5.25"}[i%4])
	}
	file := e.file(measurements(e, values...))
	const elements = 2 + 101*10 // each has an item, three elements, and six below them
	if _, err := dataset.Parse(file, dataset.Limits{Elements: elements}); err != nil {
		t.Errorf("%d elements of as many are refused: %v", elements, err)
	}
	if _, err := dataset.Parse(file, dataset.Limits{Elements: elements - 1}); !errors.Is(err, dataset.ErrLimit) {
		t.Errorf("%d elements of one less: %v", elements, err)
	}
	inner := measurements(e, "1.25")[len(e.text(sopClassUID, "UI", "1.2")):]
	outer := measurements(e, "3.75")[len(e.text(sopClassUID, "UI", "1.2")):]
	deep := e.file(slices.Concat(e.text(sopClassUID, "UI", "1.2"), e.sequence(contentSequence, inner, e.sequence(contentSequence, outer))))
	if _, err := dataset.Parse(deep, dataset.Limits{Depth: 9}); err != nil {
		t.Errorf("nine levels of nine are refused: %v", err)
	}
	if _, err := dataset.Parse(deep, dataset.Limits{Depth: 8}); !errors.Is(err, dataset.ErrLimit) {
		t.Errorf("nine levels of eight: %v", err)
	}
}

// Whether there are items under SQ is told by the value itself.
func TestNoItemIsLikeOneThatEndsWithWhatIsASequenceByName(t *testing.T) {
	e := explicitLittle
	var items [][]byte
	for _, value := range [][]byte{[]byte("no items"), e.head(dataset.Item, "", 0), []byte("no items")} {
		items = append(items, slices.Concat(e.text(valueType, "CS", "TEXT"), e.text(textValue, "UT", "a text to be long"), e.head(conceptCode, "SQ", 8), value))
	}
	d := parse(t, e.file(slices.Concat(e.text(sopClassUID, "UI", "1.2"), e.sequence(contentSequence, items...))))
	checkIndex(t, d)
	for i, want := range []bool{false, true, false} {
		if got := d.Container(find(t, d, contentSequence, i, conceptCode)); got != want {
			t.Errorf("item %d holds a sequence: %v", i, got)
		}
	}
}
