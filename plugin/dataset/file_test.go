package dataset_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
)

func TestTheEncodingIsFoundWhereTheFileDoesNotSayIt(t *testing.T) {
	explicit, implicit, big := document(explicitLittle, false), document(implicitLittle, false), document(explicitBig, false)
	meta := len(asFile(dataset.ExplicitLittleEndian, nil))
	for name, c := range map[string]struct {
		file []byte
		want dataset.Syntax
	}{
		"explicit":                              {asFile(dataset.ExplicitLittleEndian, explicit), dataset.ExplicitLittleEndian},
		"implicit":                              {asFile(dataset.ImplicitLittleEndian, implicit), dataset.ImplicitLittleEndian},
		"big endian":                            {asFile(dataset.ExplicitBigEndian, big), dataset.ExplicitBigEndian},
		"deflated":                              {deflated(t, explicit), dataset.DeflatedLittleEndian},
		"compressed pixels":                     {asFile(dataset.Syntax{UID: "1.2.840.10008.1.2.4.50"}, explicit), dataset.Syntax{UID: "1.2.840.10008.1.2.4.50"}},
		"explicit without meta":                 {explicit, dataset.ExplicitLittleEndian},
		"implicit without meta":                 {implicit, dataset.ImplicitLittleEndian},
		"big endian without meta":               {big, dataset.ExplicitBigEndian},
		"without preamble":                      {asFile(dataset.ExplicitLittleEndian, explicit)[132:], dataset.ExplicitLittleEndian},
		"no syntax in the meta":                 {withoutSyntax(t, asFile(dataset.ImplicitLittleEndian, implicit)), dataset.ImplicitLittleEndian},
		"said to be implicit, yet explicit":     {asFile(dataset.ImplicitLittleEndian, explicit), dataset.ExplicitLittleEndian},
		"said to be explicit, yet implicit":     {asFile(dataset.ExplicitLittleEndian, implicit), dataset.ImplicitLittleEndian},
		"meta without a group length":           {without(asFile(dataset.ExplicitLittleEndian, explicit), 132, 12), dataset.ExplicitLittleEndian},
		"meta with a group length that is none": {changed(asFile(dataset.ExplicitLittleEndian, explicit), 140, 0xFF, 0xFF, 0xFF, 0xFF), dataset.ExplicitLittleEndian},
		"text in the preamble":                  {changed(asFile(dataset.ExplicitLittleEndian, explicit), 0, "II*\x00 a TIFF"), dataset.ExplicitLittleEndian},
	} {
		d, err := dataset.Parse(c.file, dataset.Limits{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if d.Syntax != c.want {
			t.Errorf("%s: %+v, want %+v", name, d.Syntax, c.want)
		}
		if got := d.TextOf(dataset.Root, sopClassUID); got != "1.2.840.10008.5.1.4.1.1.88.67" {
			t.Errorf("%s: SOP class %q", name, got)
		}
	}
	if meta != len(dataset.AppendFileHeader(nil, "1.2.840.10008.5.1.4.1.1.88.67", "2.25.1", dataset.ExplicitLittleEndian)) {
		t.Error("the file header is not what stands before the data set")
	}
}

// withoutSyntax leaves Transfer Syntax UID out of the file meta information.
func withoutSyntax(t *testing.T, file []byte) []byte {
	t.Helper()
	at := bytes.Index(file, []byte{2, 0, 0x10, 0, 'U', 'I'})
	if at < 0 {
		t.Fatal("no transfer syntax in the file")
	}
	return without(file, at, 8+int(binary.LittleEndian.Uint16(file[at+6:])))
}

func without(b []byte, at, n int) []byte { return append(bytes.Clone(b[:at]), b[at+n:]...) }

func changed(b []byte, at int, with ...any) []byte {
	out := bytes.Clone(b)
	for _, w := range with {
		switch w := w.(type) {
		case string:
			at += copy(out[at:], w)
		case int:
			out[at] = byte(w)
			at++
		}
	}
	return out
}

func TestWhatIsNoDataSetIsAnErrorOfItsKind(t *testing.T) {
	e := explicitLittle
	meta := asFile(dataset.ExplicitLittleEndian, nil)
	for name, c := range map[string]struct {
		file []byte
		want error
	}{
		"nothing":               {nil, dataset.ErrNotDICOM},
		"prose":                 {[]byte("Dear colleague, thank you for the dose report."), dataset.ErrNotDICOM},
		"a PDF":                 {[]byte("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n1 0 obj"), dataset.ErrNotDICOM},
		"zeros":                 {make([]byte, 4096), dataset.ErrNotDICOM},
		"meta alone":            {meta, dataset.ErrCut},
		"meta and seven bytes":  {append(bytes.Clone(meta), 8, 0, 5, 0, 'C', 'S', 0), dataset.ErrCut},
		"cut in the meta":       {meta[:len(meta)-3], dataset.ErrCut},
		"a syntax of somebody":  {asFile(dataset.Syntax{UID: "1.3.46.670589.33.1.4.1"}, document(e, false)), dataset.ErrSyntax},
		"a syntax that is none": {asFile(dataset.Syntax{UID: "1.2.840.10008.1.2.x"}, document(e, false)), dataset.ErrSyntax},
		"not deflated at all":   {asFile(dataset.DeflatedLittleEndian, []byte("\xFF\xFF not deflated")), dataset.ErrMalformed},
		"an element that stands twice": {e.file(e.text(stationName, "SH", "CT1"), e.text(patientName, "PN", "No^One"),
			e.text(stationName, "SH", "CT2")), dataset.ErrMalformed},
		"twice in a row":                {e.file(e.text(stationName, "SH", "CT1"), e.text(stationName, "SH", "CT2")), dataset.ErrMalformed},
		"a delimiter among elements":    {e.file(e.text(stationName, "SH", "CT1"), e.head(dataset.ItemDelimitation, "", 0)), dataset.ErrMalformed},
		"an element without VR":         {e.file(e.text(stationName, "SH", "CT1"), e.text(patientName, "\x01\x02", "No^One")), dataset.ErrMalformed},
		"a delimiter that has a length": {e.file(append(e.head(contentSequence, "SQ", 0xFFFFFFFF), e.head(dataset.SequenceDelimiter, "", 8)...), make([]byte, 8)), dataset.ErrMalformed},
		"an element between items":      {e.file(append(e.head(contentSequence, "SQ", 0xFFFFFFFF), e.text(stationName, "SH", "CT1")...)), dataset.ErrMalformed},
		"bytes of undefined length":     {e.file(e.head(0x00420011, "OB", 0xFFFFFFFF), e.head(dataset.SequenceDelimiter, "", 0)), dataset.ErrMalformed},
	} {
		if _, err := dataset.Parse(c.file, dataset.Limits{}); !errors.Is(err, c.want) {
			t.Errorf("%s: want %v, got %v", name, c.want, err)
		}
	}
}

func TestUnsortedElementsAreReadAsTheyStand(t *testing.T) {
	e := explicitLittle
	d := parse(t, e.file(e.text(patientName, "PN", "No^One"), e.text(stationName, "SH", "CT1")))
	if got := d.TextOf(dataset.Root, stationName); got != "CT1" {
		t.Errorf("Station Name %q", got)
	}
	out, err := d.Plan().Encode(nil)
	if err != nil || !bytes.Equal(out, d.Raw()) {
		t.Errorf("the copy differs (%v)", err)
	}
}

func TestEncapsulatedPixelsAreFragmentsAndStayUntouched(t *testing.T) {
	e := explicitLittle
	var pixels []byte
	pixels = append(pixels, e.head(dataset.PixelData, "OB", 0xFFFFFFFF)...)
	pixels = append(pixels, e.head(dataset.Item, "", 0)...)
	pixels = append(append(pixels, e.head(dataset.Item, "", 4)...), "\xFF\xD8\xFF\xD9"...)
	pixels = append(pixels, e.head(dataset.SequenceDelimiter, "", 0)...)
	d := parse(t, e.file(e.text(patientName, "PN", "No^One"), pixels))
	p := d.Plan()
	p.Remove(find(t, d, patientName))
	out, err := p.Encode(nil)
	if err != nil || !bytes.Equal(out, pixels) {
		t.Errorf("got %q (%v)", out, err)
	}
	if d.Container(find(t, d, dataset.PixelData, 1)) {
		t.Error("a fragment is no container")
	}
}

func TestASequenceUnderAFalseVRIsOpaqueBytes(t *testing.T) {
	e := implicitLittle
	d := parse(t, e.file(e.text(0x0040A170, "", "STRAY ")))
	r := find(t, d, dataset.Tag(0x0040A170))
	if d.Container(r) || d.Text(r) != "STRAY" {
		t.Errorf("container %t, %q", d.Container(r), d.Text(r))
	}
}

// What was sent to us stays with us (PS3.10 7.1): the new header names only
// this program.
func TestTheFileHeaderIsWholeAndReadsBack(t *testing.T) {
	head := dataset.AppendFileHeader(nil, "1.2.840.10008.5.1.4.1.1.88.67", "2.25.12345", dataset.ExplicitLittleEndian)
	length := binary.LittleEndian.Uint32(head[140:])
	if int(length) != len(head)-144 {
		t.Errorf("group length %d of %d bytes", length, len(head)-144)
	}
	if !bytes.Equal(head[:128], make([]byte, 128)) || len(head)%2 != 0 {
		t.Error("the preamble is not empty, or the length odd")
	}
	d := parse(t, append(head, document(explicitLittle, false)...))
	if d.Syntax != dataset.ExplicitLittleEndian {
		t.Errorf("reads back as %+v", d.Syntax)
	}
	if !dataset.ValidUID(dataset.ImplementationClassUID) {
		t.Error("the implementation's UID is none")
	}
}

func TestUIDsFollowTheirGrammar(t *testing.T) {
	long := "1." + string(bytes.Repeat([]byte("2"), 62))
	for uid, want := range map[string]bool{
		"1.2.840.10008.1.2": true, "2.25.0": true, "1": true, "1.02.3": true, long: true,
		"": false, ".": false, "1.": false, ".1": false, "1..2": false, "1.2 ": false, "1.2\x00": false, "1.a": false, long + "2": false,
		`1.2\3.4`: false, "१.२": false,
	} {
		if got := dataset.ValidUID(uid); got != want {
			t.Errorf("%q: %t", uid, got)
		}
	}
}
