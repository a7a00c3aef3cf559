package deid

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/dosegate/dosegate/plugin/dataset"
)

// look is one reading of a finished object, by a reader of its own: it goes
// through the bytes and knows the two encodings that the rewriter writes,
// explicit and implicit little endian (PS3.5 A.1, A.2). Where the rewriter took
// something for what it is not, this one may see it.
type look struct {
	*search
	raw      []byte // the data set
	implicit bool
	found    []hit
	path     []step                  // to where it is
	clean    *dataset.Memo[struct{}] // containers in which nothing was found

	charset dataset.Charset // of the top level
	late    bool            // it was declared behind texts
	nested  bool            // another one is declared further down
}

// step is a sequence and the number of the item that is looked at.
type step struct {
	tag  dataset.Tag
	item int
}

// hit is a value in which something was found.
type hit struct {
	tag   dataset.Tag
	vr    dataset.VR
	at    int    // where its header begins in the data set
	place string // as in "(0040,A730)[3].(0040,A160)"
	what  string
}

// seen is an element of the finished object.
type seen struct {
	tag           dataset.Tag
	vr            dataset.VR
	at            int // where its header begins
	value, length int // length -1: undefined
}

// coded are the parts of a code, which are looked at together.
type coded struct{ value, scheme, meaning seen }

var errLook = errors.New("the de-identified report does not read as it should")

func (l *look) fault(at int) error { return fmt.Errorf("%w at byte %d", errLook, at) }

// deepestLook is how deep sequences and items are read.
const deepestLook = 256

// cleanMemos are kept for the next looks: they hold no bytes, only where some
// stood.
var cleanMemos = sync.Pool{New: func() any { return new(dataset.Memo[struct{}]) }}

// read goes through all that there is in a file.
func (s *search) read(file []byte) ([]hit, error) {
	body, implicit, err := dataSetOf(file)
	if err != nil {
		return nil, err
	}
	clean := cleanMemos.Get().(*dataset.Memo[struct{}])
	defer cleanMemos.Put(clean)
	*clean = dataset.Memo[struct{}]{}
	l := &look{search: s, raw: body, implicit: implicit, clean: clean}
	if err = l.all(); err == nil && l.late {
		*clean = dataset.Memo[struct{}]{}
		l = &look{search: s, raw: body, implicit: implicit, clean: clean, charset: l.charset}
		err = l.all()
	}
	return l.found, err
}

// all looks at the whole data set.
func (l *look) all() error {
	end, err := l.elements(0, len(l.raw), l.implicit, false, l.charset)
	if err == nil && end != len(l.raw) {
		err = l.fault(end)
	}
	return err
}

// dataSetOf skips preamble and file meta information (PS3.10 7.1).
func dataSetOf(file []byte) (body []byte, implicit bool, err error) {
	l, at := &look{raw: file}, 132
	for len(file) >= at+2 && binary.LittleEndian.Uint16(file[at:]) == 2 {
		e, err := l.head(at, len(file), false)
		if err != nil || e.length < 0 {
			return nil, false, l.fault(at)
		}
		at = e.value + e.length
		if e.tag == dataset.TransferSyntaxUID {
			implicit = string(l.text(e)) == dataset.ImplicitLittleEndian.UID
		}
	}
	return file[min(at, len(file)):], implicit, nil
}

// head reads an element's header (PS3.5 7.1).
func (l *look) head(at, end int, implicit bool) (seen, error) {
	if end-at < 8 {
		return seen{}, l.fault(at)
	}
	b := l.raw[at:end]
	e := seen{tag: dataset.Tag(binary.LittleEndian.Uint16(b))<<16 | dataset.Tag(binary.LittleEndian.Uint16(b[2:])), at: at, value: at + 8}
	length := binary.LittleEndian.Uint32(b[4:])
	switch {
	case e.tag.Group() == 0xFFFE:
	case implicit:
		e.vr = dataset.DictionaryVR(e.tag)
	default:
		e.vr = dataset.VR(b[4])<<8 | dataset.VR(b[5])
		if !fourBytes(e.vr) {
			length = uint32(binary.LittleEndian.Uint16(b[6:]))
			break
		}
		if len(b) < 12 {
			return seen{}, l.fault(at)
		}
		e.value, length = at+12, binary.LittleEndian.Uint32(b[8:])
	}
	if e.length = int(length); length == 0xFFFFFFFF {
		e.length = -1
	} else if e.length > end-e.value {
		return seen{}, l.fault(at)
	}
	return e, nil
}

// fourBytes reports whether a VR has its length in four bytes (PS3.5 7.1.2).
func fourBytes(vr dataset.VR) bool {
	switch vr {
	case dataset.AE, dataset.AS, dataset.AT, dataset.CS, dataset.DA, dataset.DS, dataset.DT, dataset.FL, dataset.FD, dataset.IS, dataset.LO,
		dataset.LT, dataset.PN, dataset.SH, dataset.SL, dataset.SS, dataset.ST, dataset.TM, dataset.UI, dataset.UL, dataset.US:
		return false
	}
	return true
}

// elements looks at the elements from one offset to another or, where open, to
// the item delimitation, and returns where they end.
func (l *look) elements(at, end int, implicit, open bool, charset dataset.Charset) (int, error) {
	var code coded
	texts := false
	for open || at < end {
		e, err := l.head(at, end, implicit)
		if err != nil {
			return 0, err
		}
		if open && e.tag == dataset.ItemDelimitation {
			at = e.value
			break
		}
		if e.tag.Group() == 0xFFFE {
			return 0, l.fault(at)
		}
		if e.tag.Private() {
			l.hit(e, "a private attribute")
		}
		if l.isSequence(e, implicit) {
			if at, err = l.sequence(e, end, implicit || e.vr == dataset.UN, charset); err != nil {
				return 0, err
			}
			texts = true
			continue
		}
		if e.length < 0 {
			return 0, l.fault(at)
		}
		at = e.value + e.length
		switch part := code.part(e); {
		case part != nil && *part == (seen{}): // a second one is looked at like any text
			*part = e
		case e.tag == dataset.SpecificCharacterSet:
			charset = l.declares(e, texts)
		default:
			texts = true
			l.element(e, charset)
		}
	}
	if code != (coded{}) {
		l.code(code, charset)
	}
	return at, nil
}

// declares reads a Specific Character Set. In an item it holds for what follows;
// at the top level for everything.
func (l *look) declares(e seen, behindTexts bool) dataset.Charset {
	charset := dataset.ParseCharset(string(l.text(e)))
	if len(l.path) > 0 {
		l.nested = true
		return charset
	}
	l.late = behindTexts && charset.Name() != l.charset.Name()
	l.charset = charset
	return charset
}

// isSequence reports whether an element holds items, also where it is called UN.
func (l *look) isSequence(e seen, implicit bool) bool {
	switch {
	case e.vr == dataset.SQ, e.length < 0:
		return true
	case e.vr == dataset.UN && e.length >= 8 && (implicit || dataset.DictionaryVR(e.tag) == dataset.SQ):
		return binary.LittleEndian.Uint32(l.raw[e.value:]) == 0xE000FFFE
	}
	return false
}

// sequence looks at the items of a sequence.
func (l *look) sequence(e seen, end int, implicit bool, charset dataset.Charset) (int, error) {
	if len(l.path) == deepestLook {
		return 0, l.fault(e.at)
	}
	known := l.memory(e, end, implicit)
	if _, stop, is := known.Again(l.raw, e.at, end); is {
		return stop, nil
	}
	before := len(l.found)
	l.path = append(l.path, step{tag: e.tag})
	at, open := e.value, e.length < 0
	if !open {
		end = e.value + e.length
	}
	for open || at < end {
		item, err := l.head(at, end, implicit)
		if err != nil {
			return 0, err
		}
		if open && item.tag == dataset.SequenceDelimiter {
			at = item.value
			break
		}
		if item.tag != dataset.Item {
			return 0, l.fault(at)
		}
		l.path[len(l.path)-1].item++
		only := at == e.value && item.length >= 0 && item.value+item.length == end // it repeats where its sequence does
		if at, err = l.item(item, end, implicit, only, charset); err != nil {
			return 0, err
		}
	}
	l.path = l.path[:len(l.path)-1]
	if len(l.found) == before {
		known.Note(e.at, at, struct{}{})
	}
	return at, nil
}

// item looks at one item of a sequence.
func (l *look) item(e seen, end int, implicit, only bool, charset dataset.Charset) (int, error) {
	var known dataset.Lookup[struct{}]
	if !only {
		known = l.memory(e, end, implicit)
	}
	if _, stop, is := known.Again(l.raw, e.at, end); is {
		return stop, nil
	}
	before := len(l.found)
	if e.length >= 0 {
		end = e.value + e.length
	}
	at, err := l.elements(e.value, end, implicit, e.length < 0, charset)
	if err == nil && len(l.found) == before {
		known.Note(e.at, at, struct{}{})
	}
	return at, err
}

// memory is where it is remembered that nothing was found in a container. The
// same bytes mean the same throughout, but for another character set or other
// encoding further down.
func (l *look) memory(e seen, end int, implicit bool) dataset.Lookup[struct{}] {
	if l.nested || implicit != l.implicit {
		return dataset.Lookup[struct{}]{}
	}
	length := -1
	if e.length >= 0 {
		length = e.value - e.at + e.length
	}
	return l.clean.At(l.raw, e.at, length, end)
}
