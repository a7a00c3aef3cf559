package dataset

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
)

const (
	preambleLength = 128
	magic          = "DICM"
)

// Parse reads a DICOM file (PS3.10 7), or a data set without preamble or
// without file meta information, and indexes its data set. The result refers
// to the bytes of file, which must not change while it is in use.
//
// Errors wrap [ErrNotDICOM], [ErrSyntax], [ErrCut], [ErrMalformed] or
// [ErrLimit].
func Parse(file []byte, lim Limits) (*Dataset, error) {
	lim = lim.withDefaults()
	if len(file) > lim.Bytes {
		return nil, fmt.Errorf("%w: the file has %d bytes, %d are allowed", ErrLimit, len(file), lim.Bytes)
	}
	start, hasMeta := metaStart(file)
	syntax, body := Syntax{}, file
	if hasMeta {
		uid, rest, err := readMeta(file, start)
		if err != nil {
			return nil, err
		}
		body = file[rest:]
		var known bool
		if syntax, known = syntaxOf(uid); !known && uid != "" {
			return nil, ErrSyntax
		}
	}
	if len(body) == 0 {
		if hasMeta {
			return nil, fmt.Errorf("%w: no data set after the file meta information", ErrCut)
		}
		return nil, fmt.Errorf("%w: the file is empty", ErrNotDICOM)
	}
	if syntax.Deflated {
		var err error
		if body, err = inflate(body, lim.Inflated); err != nil {
			return nil, err
		}
	}
	encoding, err := actualEncoding(body, syntax)
	if err != nil {
		return nil, err
	}
	return index(body, encoding, lim, true)
}

// metaStart finds where group 0002 begins: behind preamble and magic, or at
// the first byte of a file whose preamble is missing.
func metaStart(file []byte) (start int, found bool) {
	if len(file) >= preambleLength+len(magic) && string(file[preambleLength:preambleLength+len(magic)]) == magic {
		return preambleLength + len(magic), true
	}
	if len(file) >= 8 && file[0] == 2 && file[1] == 0 && file[3] == 0 && vrAt(file[4:]).letters() {
		return 0, true
	}
	return 0, false
}

// readMeta reads the file meta information (PS3.10 7.1) and returns the
// transfer syntax UID and where the data set begins. The group length counts
// only where it falls on the end of an element: real files omit it or have it
// wrong.
func readMeta(file []byte, start int) (uid string, rest int, err error) {
	at, groupEnd := start, -1
	for at < len(file) && at != groupEnd {
		if len(file)-at < 8 {
			return "", 0, fault(ErrCut, at, "file meta information")
		}
		if binary.LittleEndian.Uint16(file[at:]) != 2 {
			break
		}
		tag := Tag(2)<<16 | Tag(binary.LittleEndian.Uint16(file[at+2:]))
		vr := vrAt(file[at+4:])
		if !vr.letters() {
			return "", 0, fault(ErrMalformed, at, "file meta information without VR")
		}
		head, length := 8, int(binary.LittleEndian.Uint16(file[at+6:]))
		if vr.wide() {
			if len(file)-at < 12 {
				return "", 0, fault(ErrCut, at, "file meta information")
			}
			head, length = 12, int(binary.LittleEndian.Uint32(file[at+8:]))
		}
		if length > len(file)-at-head {
			return "", 0, fault(ErrCut, at, "%s is longer than the file", known(tag))
		}
		if tag.GroupLength() && length == 4 {
			groupEnd = at + head + length + int(binary.LittleEndian.Uint32(file[at+head:]))
		}
		if tag == TransferSyntaxUID {
			uid = strings.TrimRight(string(file[at+head:at+head+length]), " \x00")
		}
		at += head + length
	}
	return uid, at, nil
}

// inflate undoes the deflated transfer syntax (PS3.5 A.5) under a cap, so
// that a small bomb cannot fill the memory.
func inflate(body []byte, limit int) ([]byte, error) {
	out := bytes.NewBuffer(make([]byte, 0, min(limit, 8*len(body))+bytes.MinRead))
	n, err := out.ReadFrom(io.LimitReader(flate.NewReader(bytes.NewReader(body)), int64(limit)+1))
	switch {
	case n > int64(limit):
		return nil, fmt.Errorf("%w: the data set inflates to more than %d bytes", ErrLimit, limit)
	case err == io.ErrUnexpectedEOF:
		return nil, fmt.Errorf("%w: deflated data set", ErrCut)
	case err != nil:
		return nil, fmt.Errorf("%w: deflated data set", ErrMalformed)
	case n == 0:
		return nil, fmt.Errorf("%w: deflated data set is empty", ErrCut)
	}
	return out.Bytes(), nil
}

// actualEncoding looks at the first element to settle the encoding where the
// file meta information is missing, and where it names explicit VR for a data
// set without VRs or the other way round, as some devices do.
func actualEncoding(body []byte, declared Syntax) (Syntax, error) {
	if len(body) < 8 && declared.UID == "" {
		return Syntax{}, ErrNotDICOM
	}
	if len(body) < 8 {
		return Syntax{}, fault(ErrCut, 0, "data set of %d bytes", len(body))
	}
	if declared.UID == "" && binary.BigEndian.Uint16(body) == 8 && vrAt(body[4:]).letters() {
		return ExplicitBigEndian, nil
	}
	tag := tagAt(body, 0)
	explicit := vrAt(body[4:]).letters() && (vrAt(body[4:]) == DictionaryVR(tag) || tag.GroupLength())
	switch {
	case declared.UID == "" && tag.Group() != 8:
		return Syntax{}, ErrNotDICOM
	case declared.UID == "" && explicit, declared.Implicit && explicit:
		return ExplicitLittleEndian, nil
	case declared.UID == "":
		return ImplicitLittleEndian, nil
	case !declared.Implicit && !declared.BigEndian && !vrAt(body[4:]).letters():
		return ImplicitLittleEndian, nil
	}
	return declared, nil
}

func vrAt(b []byte) VR { return VR(b[0])<<8 | VR(b[1]) }
