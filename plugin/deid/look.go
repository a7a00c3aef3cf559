package deid

import (
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
	path     []step // to where it is
	clean    *harmless
	tail     stretch // the value of the last element that was skipped

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

// coded are the parts of a code, which are looked at together.
type coded struct{ value, scheme, meaning seen }

// deepestLook is how deep sequences and items are read.
const deepestLook = 256

// harmless remembers containers in which nothing was found, and items that end with
// a value that is not searched. It holds no bytes, only where some stood.
type harmless struct {
	whole dataset.Memo[struct{}]
	heads dataset.Heads[struct{}]
}

func (h *harmless) forget() {
	h.whole.Forget()
	h.heads.Forget()
}

// lookRooms are kept for the next looks.
var lookRooms = sync.Pool{New: func() any { return new(harmless) }}

// read goes through all that there is in a file.
func (s *search) read(file []byte) ([]hit, error) {
	body, implicit, err := dataSetOf(file)
	if err != nil {
		return nil, err
	}
	known := lookRooms.Get().(*harmless)
	defer lookRooms.Put(known)
	known.forget()
	l := &look{search: s, raw: body, implicit: implicit, clean: known}
	if err = l.all(); err == nil && l.late {
		known.forget()
		l = &look{search: s, raw: body, implicit: implicit, clean: known, charset: l.charset}
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

// elements looks at the elements from one offset to another or, where open, to
// the item delimitation, and returns where they end.
func (l *look) elements(at, end int, implicit, open bool, charset dataset.Charset) (int, error) {
	var code coded
	texts := false
	for at = l.silent(at, end, implicit); open || at < end; at = l.silent(at, end, implicit) {
		var e seen
		err := l.head(&e, at, end, implicit)
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
			l.hit(&e, "a private attribute")
		}
		if l.isSequence(&e, implicit) {
			if at, err = l.sequence(&e, end, implicit || e.vr == dataset.UN, charset); err != nil {
				return 0, err
			}
			texts = true
			continue
		}
		if e.length < 0 {
			return 0, l.fault(at)
		}
		at = e.value + e.length
		switch part := code.part(&e); {
		case part != nil && part.tag == 0: // a second one is looked at like any text
			*part = e
		case e.tag == dataset.SpecificCharacterSet:
			charset = l.declares(&e, texts)
		default:
			texts = true
			l.element(&e, charset)
		}
	}
	if code.any() {
		l.code(&code, charset)
	}
	return at, nil
}

// declares reads a Specific Character Set. In an item it holds for what follows;
// at the top level for everything.
func (l *look) declares(e *seen, behindTexts bool) dataset.Charset {
	charset := dataset.ParseCharset(string(l.text(e)))
	if len(l.path) > 0 {
		l.nested = true
		return charset
	}
	l.late = behindTexts && charset.Name() != l.charset.Name()
	l.charset = charset
	return charset
}

// sequence looks at the items of a sequence.
func (l *look) sequence(e *seen, end int, implicit bool, charset dataset.Charset) (int, error) {
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
		var item seen
		err := l.head(&item, at, end, implicit)
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
		if at, err = l.item(&item, end, implicit, only, charset); err != nil {
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
func (l *look) item(e *seen, end int, implicit, only bool, charset dataset.Charset) (int, error) {
	var known dataset.Lookup[struct{}]
	var head dataset.HeadLookup[struct{}]
	if !only {
		known = l.memory(e, end, implicit)
	}
	if _, stop, is := known.Again(l.raw, e.at, end); is {
		return stop, nil
	}
	before := len(l.found)
	if e.length >= 0 {
		if end = e.value + e.length; !only && l.alike(implicit) {
			head = l.clean.heads.At(l.raw, e.at, end-e.at)
		}
		if _, is := head.Again(l.raw, e.at); is {
			return end, nil
		}
	}
	at, err := l.elements(e.value, end, implicit, e.length < 0, charset)
	if err == nil && len(l.found) == before {
		known.Note(e.at, at, struct{}{})
		if l.tail.to == at {
			head.Note(e.at, l.tail.from, struct{}{})
		}
	}
	return at, err
}

// alike reports whether bytes mean here what they mean elsewhere. They do
// throughout, but for another character set or other encoding further down.
func (l *look) alike(implicit bool) bool { return !l.nested && implicit == l.implicit }

// memory is where it is remembered that nothing was found in a container.
func (l *look) memory(e *seen, end int, implicit bool) dataset.Lookup[struct{}] {
	if !l.alike(implicit) {
		return dataset.Lookup[struct{}]{}
	}
	length := -1
	if e.length >= 0 {
		length = e.value - e.at + e.length
	}
	return l.clean.whole.At(l.raw, e.at, length, end)
}
