package dataset_test

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"runtime"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
)

// allocated is how many bytes f takes from the heap in all.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestNoLengthReachesBeyondItsParent(t *testing.T) {
	for name, e := range map[string]encoding{"explicit": explicitLittle, "implicit": implicitLittle, "big endian": explicitBig} {
		element := e.text(textValue, "UT", "inside")
		long := bytes.Clone(element)
		e.order.AppendUint32(long[:len(long)-6-4], 8) // two bytes more than there are
		item := func(length uint32, body []byte) []byte { return append(e.head(dataset.Item, "", length), body...) }
		sequence := func(length uint32, body []byte) []byte {
			return append(e.head(contentSequence, "SQ", length), body...)
		}
		size := uint32(len(element))
		inner := sequence(size+10, item(size, element))
		within := uint32(len(inner))
		behind := e.text(0x00420010, "ST", "what follows may not be swallowed")
		for what, body := range map[string][]byte{
			"element in the root":  long,
			"element in an item":   append(sequence(size+8, item(size, long)), behind...),
			"item in its sequence": append(sequence(size+8, item(size+2, element)), behind...),
			"sequence in the root": inner,
			"sequence in an item":  append(sequence(within+8, item(within, inner)), behind...),
			"element of 4 GB":      append(e.head(textValue, "UT", 0xFFFFFFFE), "inside"...),
			"item of 4 GB":         sequence(size+8, item(0xFFFFFFFE, element)),
			"open sequence":        sequence(0xFFFFFFFF, item(size, element)),
			"open item":            append(sequence(size+8, item(0xFFFFFFFF, element)), behind...),
		} {
			if d, err := dataset.Parse(e.file(body), dataset.Limits{}); !errors.Is(err, dataset.ErrCut) && !errors.Is(err, dataset.ErrMalformed) {
				t.Errorf("%s: %s: want an error, got %v (%v)", name, what, err, d)
			}
		}
	}
}

// nest puts n sequences into each other: 2n nodes deep.
func nest(e encoding, n int) []byte {
	body := e.text(textValue, "UT", "inmost")
	for range n {
		body = e.sequence(contentSequence, body)
	}
	return body
}

func TestDepthIsLimited(t *testing.T) {
	for name, e := range map[string]encoding{"defined": explicitLittle, "undefined": explicitLittle.opened()} {
		file := e.file(nest(e, 3))
		if _, err := dataset.Parse(file, dataset.Limits{Depth: 7}); err != nil {
			t.Errorf("%s: three items and their element are 7 deep: %v", name, err)
		}
		if _, err := dataset.Parse(file, dataset.Limits{Depth: 6}); !errors.Is(err, dataset.ErrLimit) {
			t.Errorf("%s: want the limit, got %v", name, err)
		}
	}
}

// A megabyte of openings would overflow the stack of a reader that follows
// them all.
func TestEndlessNestingIsRefused(t *testing.T) {
	e := explicitLittle.opened()
	opening := append(e.head(contentSequence, "SQ", 0xFFFFFFFF), e.head(dataset.Item, "", 0xFFFFFFFF)...)
	file := e.file(bytes.Repeat(opening, 1<<20/len(opening)))
	for _, depth := range []int{0, 1 << 30} {
		if _, err := dataset.Parse(file, dataset.Limits{Depth: depth}); !errors.Is(err, dataset.ErrLimit) {
			t.Errorf("want the limit, got %v", err)
		}
	}
}

func TestTheNumberOfElementsIsLimited(t *testing.T) {
	e := implicitLittle
	var body []byte
	for i := range dataset.Tag(1000) {
		body = append(body, e.head(0x00090000+i<<16+0x10, "", 0)...)
	}
	if _, err := dataset.Parse(e.file(body), dataset.Limits{Elements: 1000}); err != nil {
		t.Error(err)
	}
	if _, err := dataset.Parse(e.file(body), dataset.Limits{Elements: 999}); !errors.Is(err, dataset.ErrLimit) {
		t.Errorf("want the limit, got %v", err)
	}
}

func TestTheSizeOfTheFileIsLimited(t *testing.T) {
	file := explicitLittle.file(document(explicitLittle, false))
	if _, err := dataset.Parse(file, dataset.Limits{Bytes: len(file)}); err != nil {
		t.Error(err)
	}
	if _, err := dataset.Parse(file, dataset.Limits{Bytes: len(file) - 1}); !errors.Is(err, dataset.ErrLimit) {
		t.Errorf("want the limit, got %v", err)
	}
}

func deflated(t *testing.T, body []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return asFile(dataset.DeflatedLittleEndian, out.Bytes())
}

func TestADeflateBombIsRefusedAtTheLimit(t *testing.T) {
	e := explicitLittle.opened()
	opening := append(e.head(contentSequence, "SQ", 0xFFFFFFFF), e.head(dataset.Item, "", 0xFFFFFFFF)...)
	for name, body := range map[string][]byte{
		"zeros":    make([]byte, 40<<20),
		"openings": bytes.Repeat(opening, 6<<20/len(opening)),
	} {
		file := deflated(t, body)
		if len(file) > 250<<10 {
			t.Errorf("%s: the bomb has %d bytes, which is none", name, len(file))
		}
		used := allocated(func() {
			if _, err := dataset.Parse(file, dataset.Limits{Inflated: 4 << 20}); !errors.Is(err, dataset.ErrLimit) {
				t.Errorf("%s: want the limit, got %v", name, err)
			}
		})
		if used > 32<<20 {
			t.Errorf("%s: %d bytes allocated under a limit of 4 MB", name, used)
		}
		if _, err := dataset.Parse(file, dataset.Limits{}); !errors.Is(err, dataset.ErrLimit) { // of size, of depth
			t.Errorf("%s: want a default limit, got %v", name, err)
		}
	}
}

func TestADeflatedDataSetMayBeAsLongAsTheLimit(t *testing.T) {
	body := document(explicitLittle, false)
	file := deflated(t, body)
	if _, err := dataset.Parse(file, dataset.Limits{Inflated: len(body)}); err != nil {
		t.Error(err)
	}
	if _, err := dataset.Parse(file, dataset.Limits{Inflated: len(body) - 1}); !errors.Is(err, dataset.ErrLimit) {
		t.Errorf("want the limit, got %v", err)
	}
}

func TestASmallFileWithHugeLengthsAllocatesLittle(t *testing.T) {
	e := explicitLittle
	huge := append(e.head(textValue, "UT", 0xFFFFFFF0), make([]byte, 8)...)
	meta := e.file()
	for at := 132; at+12 < len(meta); at++ {
		if string(meta[at:at+2]) == "OB" {
			meta = bytes.Clone(meta)
			binary.LittleEndian.PutUint32(meta[at+4:], 0xFFFFFFF0)
			break
		}
	}
	for name, file := range map[string][]byte{
		"element":               e.file(huge),
		"item":                  e.file(e.head(contentSequence, "SQ", 0xFFFFFFF0), e.head(dataset.Item, "", 0xFFFFFFF0)),
		"file meta information": meta,
		"pixel data":            e.file(e.head(dataset.PixelData, "OB", 0xFFFFFFFF), e.head(dataset.Item, "", 0xFFFFFFF0)),
	} {
		used := allocated(func() {
			if _, err := dataset.Parse(file, dataset.Limits{}); !errors.Is(err, dataset.ErrCut) {
				t.Errorf("%s: want cut, got %v", name, err)
			}
		})
		if used > 64<<10 {
			t.Errorf("%s: %d bytes allocated for a file of %d", name, used, len(file))
		}
	}
}
