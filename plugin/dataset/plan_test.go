package dataset_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
)

// encodings are all that a plan must work in.
var encodings = map[string]encoding{
	"explicit":                explicitLittle,
	"explicit, undefined":     explicitLittle.opened(),
	"explicit, UN":            explicitLittle.hidden(),
	"implicit":                implicitLittle,
	"implicit, undefined":     implicitLittle.opened(),
	"big endian":              explicitBig,
	"big endian, undefined":   explicitBig.opened(),
	"big endian, UN implicit": explicitBig.hidden(),
}

// document is a data set with all that a plan can touch; changed is the same
// after [change], written by hand.
func document(e encoding, changed bool) []byte {
	in := e.within()
	pick := func(before, after []byte) []byte {
		if changed {
			return after
		}
		return before
	}
	code := func(value string, extra ...[]byte) []byte {
		return bytes.Join(append([][]byte{in.text(0x00080100, "SH", value), in.text(0x00080102, "SH", "DCM")}, extra...), nil)
	}
	nested := in.sequence // within UN the sequences are implicit already
	first := bytes.Join([][]byte{in.text(valueType, "CS", "TEXT"),
		pick(in.text(textValue, "UT", "words that go"), nil), nested(conceptCode, code("113701"))}, nil)
	last := bytes.Join([][]byte{in.text(valueType, "CS", "CODE"),
		in.text(textValue, "UT", string(pick([]byte("said"), []byte("other words")))),
		nested(conceptCode, code("113702"), code("113703", pick(nil, in.text(0x00080104, "LO", "Meaning"))))}, nil)
	items := [][]byte{first, last}
	if !changed {
		items = [][]byte{first, in.text(valueType, "CS", "NUM"), last}
	}
	return bytes.Join([][]byte{
		e.group(groupLength8, e.text(sopClassUID, "UI", "1.2.840.10008.5.1.4.1.1.88.67"),
			e.text(studyDescription, "LO", string(pick([]byte("Thorax"), []byte("Thorax and more"))))),
		e.group(groupLength10, pick(e.text(patientName, "PN", "Nobody^Noname"), nil), pick(nil, e.text(patientAge, "AS", "047Y"))),
		e.us(rows, 0x0102),
		e.sequence(contentSequence, items...),
	}, nil)
}

// change plans what document(e, true) shows.
func change(t *testing.T, d *dataset.Dataset) *dataset.Plan {
	p := d.Plan()
	p.Replace(find(t, d, studyDescription), []byte("Thorax and more"))
	p.Remove(find(t, d, patientName))
	p.Add(dataset.Root, patientAge, dataset.AS, []byte("047Y"))
	p.Remove(find(t, d, contentSequence, 0, textValue))
	p.Remove(find(t, d, contentSequence, 1))
	p.Replace(find(t, d, contentSequence, 2, textValue), []byte("other words"))
	p.Add(find(t, d, contentSequence, 2, conceptCode, 1), 0x00080104, dataset.LO, []byte("Meaning"))
	return p
}

func TestAPlanChangesWhatItNamesAndTheLengthsAround(t *testing.T) {
	for name, e := range encodings {
		t.Run(name, func(t *testing.T) {
			d := parse(t, e.file(document(e, false)))
			got, err := change(t, d).Encode(nil)
			if err != nil {
				t.Fatal(err)
			}
			out := e
			if e.syntax.BigEndian {
				out.syntax, out.order = dataset.ExplicitLittleEndian, explicitLittle.order
			}
			if want := document(out, true); !bytes.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
			parse(t, asFile(d.Syntax.Output(), got))
		})
	}
}

func TestAnEmptyPlanTurnsBigEndianIntoLittle(t *testing.T) {
	for name, e := range encodings {
		d := parse(t, e.file(document(e, false)))
		got, err := d.Plan().Encode([]byte("before"))
		if err != nil {
			t.Fatal(err)
		}
		e.order = explicitLittle.order
		if want := "before" + string(document(e, false)); string(got) != want {
			t.Errorf("%s: got  %q\nwant %q", name, got, want)
		}
	}
}

// The lengths of numbers decide how bytes change places (PS3.5 7.3).
func TestNumbersOfEveryWidthBecomeLittleEndian(t *testing.T) {
	const ascending = "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C\x0D\x0E\x0F\x10"
	for vr, want := range map[string]string{
		"US": "\x02\x01\x04\x03\x06\x05\x08\x07\x0A\x09\x0C\x0B\x0E\x0D\x10\x0F",
		"UL": "\x04\x03\x02\x01\x08\x07\x06\x05\x0C\x0B\x0A\x09\x10\x0F\x0E\x0D",
		"FD": "\x08\x07\x06\x05\x04\x03\x02\x01\x10\x0F\x0E\x0D\x0C\x0B\x0A\x09",
		"OB": ascending, "UN": ascending, "LO": ascending,
		"AT": "\x02\x01\x04\x03\x06\x05\x08\x07\x0A\x09\x0C\x0B\x0E\x0D\x10\x0F",
	} {
		d := parse(t, explicitBig.file(explicitBig.text(0x00091001, vr, ascending)))
		got, err := d.Plan().Encode(nil)
		if wanted := explicitLittle.text(0x00091001, vr, want); err != nil || !bytes.Equal(got, wanted) {
			t.Errorf("%s: got %q, want %q (%v)", vr, got, wanted, err)
		}
	}
}

func TestAWrongGroupLengthIsCorrectedWhereTheGroupChanges(t *testing.T) {
	e := explicitLittle
	d := parse(t, e.file(e.ul(groupLength8, 4711), e.text(sopClassUID, "UI", "1.2"), e.text(patientName, "PN", "No^One")))
	p := d.Plan()
	p.Replace(find(t, d, sopClassUID), []byte("1.2.3.4.5"))
	got, err := p.Encode(nil)
	want := bytes.Join([][]byte{e.group(groupLength8, e.text(sopClassUID, "UI", "1.2.3.4.5")), e.text(patientName, "PN", "No^One")}, nil)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("got  %q\nwant %q (%v)", got, want, err)
	}
}

func TestASequenceIsReplacedByItemsInItsOwnEncoding(t *testing.T) {
	for name, e := range encodings {
		t.Run(name, func(t *testing.T) {
			d := parse(t, e.file(document(e, false)))
			item := find(t, d, contentSequence, 0)
			element := d.Append(nil, item, valueType, dataset.CS, []byte("NUM"))
			p := d.Plan()
			p.Replace(find(t, d, contentSequence), dataset.AppendItem(nil, element))
			out, err := p.Encode(nil)
			if err != nil {
				t.Fatal(err)
			}
			again := parse(t, asFile(d.Syntax.Output(), out))
			if got := again.Text(find(t, again, contentSequence, 0, valueType)); got != "NUM" {
				t.Errorf("the new item holds %q", got)
			}
		})
	}
}

func TestAddedElementsStandInTheOrderOfTags(t *testing.T) {
	e := explicitLittle
	d := parse(t, e.file(e.text(sopClassUID, "UI", "1.2"), e.text(patientName, "PN", "No^One")))
	p := d.Plan()
	for _, tag := range []dataset.Tag{patientAge, stationName, 0x00080005, studyDescription} {
		p.Add(dataset.Root, tag, dataset.LO, nil)
	}
	out, err := p.Encode(nil)
	if err != nil {
		t.Fatal(err)
	}
	again, last := parse(t, asFile(d.Syntax, out)), dataset.Tag(0)
	for c := range again.Children(dataset.Root) {
		if again.Tag(c) <= last {
			t.Errorf("%v stands behind %v", again.Tag(c), last)
		}
		last = again.Tag(c)
	}
	if again.Len() != 7 {
		t.Errorf("%d nodes, want the root and 6", again.Len())
	}
}

func TestValuesArePaddedAsTheirVRAsks(t *testing.T) {
	e := explicitLittle
	d := parse(t, e.file(e.text(sopClassUID, "UI", "1.2"), e.text(patientName, "PN", "No^One")))
	for tag, want := range map[dataset.Tag]string{sopClassUID: "1.2.3\x00", patientName: "1.2.3 "} {
		p := d.Plan()
		r := find(t, d, tag)
		p.Replace(r, []byte("1.2.3"))
		out, err := p.Encode(nil)
		if err != nil {
			t.Fatal(err)
		}
		again := parse(t, asFile(d.Syntax, out))
		if got := string(again.Bytes(find(t, again, tag))); got != want {
			t.Errorf("%v: %q, want %q", tag, got, want)
		}
		if string(p.Value(r)) != "1.2.3" || p.Removed(r) {
			t.Errorf("%v: the plan says %q, removed %t", tag, p.Value(r), p.Removed(r))
		}
	}
}

func TestAValueTooLongForItsLengthFieldIsRefused(t *testing.T) {
	e := explicitLittle
	d := parse(t, e.file(e.text(sopClassUID, "UI", "1.2"), e.text(textValue, "UT", "short")))
	long := []byte(strings.Repeat("x", 1<<16))
	p := d.Plan()
	p.Replace(find(t, d, textValue), long)
	if _, err := p.Encode(nil); err != nil {
		t.Errorf("UT holds %d bytes: %v", len(long), err)
	}
	p.Add(dataset.Root, patientName, dataset.PN, long)
	if _, err := p.Encode(nil); !errors.Is(err, dataset.ErrLimit) {
		t.Errorf("PN does not hold %d bytes, got %v", len(long), err)
	}
}

// PS3.5 6.2.2 asks for implicit VR inside UN; some devices write VRs there.
func TestExplicitItemsInsideUNAreReadByTheirFirstElement(t *testing.T) {
	e := explicitLittle
	for name, first := range map[string][]byte{
		"a VR of the dictionary": e.text(valueType, "CS", "TEXT"),
		"a private creator":      e.text(0x00290010, "LO", "SOMEBODY"),
		"another VR":             e.text(rows, "SS", "\x01\x00"),
	} {
		item := bytes.Join([][]byte{first, e.text(textValue, "UT", "found")}, nil)
		for _, in := range []encoding{e.opened(), e} {
			unknown := in.sequence(contentSequence, item)
			copy(unknown[4:], "UN")
			d := parse(t, e.file(unknown))
			if got := d.Text(find(t, d, contentSequence, 0, textValue)); got != "found" {
				t.Errorf("%s: %q", name, got)
			}
		}
	}
}

func TestUNWithExplicitItemsIsNamedSQWhereAsked(t *testing.T) {
	for name, e := range map[string]encoding{"undefined": explicitLittle.opened(), "defined": explicitLittle} {
		inner := e.sequence(conceptCode, e.text(valueType, "CS", "CODE"))
		want := e.sequence(contentSequence, bytes.Join([][]byte{e.text(valueType, "CS", "TEXT"), inner}, nil))
		unknown := bytes.ReplaceAll(want, []byte("SQ"), []byte("UN"))
		d := parse(t, e.file(unknown))
		p := d.Plan()
		p.NameSequences()
		got, err := p.Encode(nil)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: got  %q\nwant %q (%v)", name, got, want, err)
		}
	}
	for name, e := range map[string]encoding{"implicit inside": explicitLittle.hidden(), "implicit all over": implicitLittle} {
		d := parse(t, e.file(document(e, false)))
		p := d.Plan()
		p.NameSequences()
		if got, err := p.Encode(nil); err != nil || !bytes.Equal(got, d.Raw()) {
			t.Errorf("%s: changed (%v)", name, err)
		}
	}
}
