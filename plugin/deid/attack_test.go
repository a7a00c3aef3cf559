package deid_test

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/rdsr"
	"github.com/dosegate/dosegate/plugin/sr"
)

// values are what a report says of one tag, at all levels.
func values(d *dataset.Dataset, tag dataset.Tag) (all []string) {
	for r := dataset.Ref(1); int(r) < d.Len(); r++ {
		if d.Tag(r) == tag {
			all = append(all, d.Text(r))
		}
	}
	return all
}

const (
	patientName dataset.Tag = 0x00100010
	birthDate   dataset.Tag = 0x00100030
	studyID     dataset.Tag = 0x00200010
)

func TestNoCodeIsLostForThePatientsNameOrNumber(t *testing.T) {
	for _, set := range []map[dataset.Tag]string{
		{birthDate: "19581012"}, {birthDate: "20121013"}, {birthDate: "19651007"}, {patientID: "77000"}, {patientID: "13830"},
		{studyID: "113769"}, {patientName: "Deg^Anna"}, {patientName: "mGy^A"}, {patientID: "DCM"}, {patientID: "121058"},
		{patientName: "Code^Text"}, {patientName: "Num^Image"}, {patientID: "192"}, {patientID: "10011"}, {patientName: "Head^Page"},
	} {
		for _, name := range []string{"ct-small", "rf", "mg"} {
			doc := edited(t, name, set)
			_, d := deidentify(t, deid.Registry, doc, deid.Context{Key: newKey(t)})
			_, other := deidentify(t, deid.Registry, read(t, name), deid.Context{Key: newKey(t)})
			for _, tag := range []dataset.Tag{sr.CodeValue, sr.CodingSchemeDesignator, sr.ValueType} {
				if got, want := values(d, tag), values(other, tag); !slices.Equal(got, want) {
					t.Errorf("%s with %v: the values of %v are %v, for another patient %v", name, set, tag, got, want)
				}
			}
		}
	}
}

func TestAGarbledContentSequenceIsAnErrorAndNotAShorterReport(t *testing.T) {
	file, err := os.ReadFile("../../testdata/ct-small.dcm")
	must(t, err)
	for _, tag := range []dataset.Tag{sr.ContentSequence, sr.MeasuredValueSequence} {
		d := read(t, "ct-small").Dataset
		for r := dataset.Ref(1); int(r) < d.Len(); r++ {
			if d.Tag(r) != tag || len(d.Bytes(r)) == 0 {
				continue
			}
			garbled := bytes.Clone(file)
			garbled[len(file)-len(d.Raw())+d.Offset(r)+12] ^= 4 // a bit of the first item's tag
			if _, err := rdsr.Recognise(garbled, dataset.Limits{}); err == nil {
				t.Errorf("a %v with a flipped bit is read", tag)
			}
		}
	}
}

// replaced is a report of testdata with the first value of a tag, at any
// level, replaced.
func replaced(t *testing.T, name string, tag dataset.Tag, value string) *rdsr.Document {
	d, err := read(t, name).Dataset.Flat() // so that one place is meant
	must(t, err)
	plan := d.Plan()
	for r := dataset.Ref(1); int(r) < d.Len(); r++ {
		if d.Tag(r) == tag && !d.Container(r) {
			plan.Replace(r, []byte(value))
			break
		}
	}
	file, err := plan.Encode(dataset.AppendFileHeader(nil, rdsr.XRayRadiationDoseSR, "2.25.1", d.Syntax.Output()))
	must(t, err)
	return recognise(t, file)
}

func TestAValueThatIsNoNumberIsCountedAndNothingStandsInItsPlace(t *testing.T) {
	for _, bad := range []string{"1,5", `1.5\2.5`, "four", "0x1F"} {
		r, d := deidentify(t, deid.Registry, replaced(t, "ct-small", sr.NumericValue, bad), deid.Context{Key: newKey(t)})
		before, err := read(t, "ct-small").Dataset.Flat()
		must(t, err)
		want, after := values(before, sr.NumericValue), values(d, sr.NumericValue)
		if r.Counts.NumbersDropped != 1 || len(after) != len(want)-1 {
			t.Errorf("%s: %d dropped, %d of %d values left", bad, r.Counts.NumbersDropped, len(after), len(want))
		}
	}
}

func TestACodedPersonDoesNotComeOut(t *testing.T) {
	d := read(t, "ct-small").Dataset
	content, ok := d.Find(dataset.Root, sr.ContentSequence)
	if !ok {
		t.Fatal("no content")
	}
	code := func(tag dataset.Tag, value, scheme, meaning string) []byte {
		var c []byte
		c = d.Append(c, dataset.Root, sr.CodeValue, dataset.SH, []byte(value))
		c = d.Append(c, dataset.Root, sr.CodingSchemeDesignator, dataset.SH, []byte(scheme))
		c = d.Append(c, dataset.Root, sr.CodeMeaning, dataset.LO, []byte(meaning))
		return d.Append(nil, dataset.Root, tag, dataset.SQ, dataset.AppendItem(nil, c))
	}
	for _, concept := range []string{"121030", "121029", "113870", "121008"} {
		var item []byte
		item = d.Append(item, dataset.Root, sr.RelationshipType, dataset.CS, []byte("HAS OBS CONTEXT"))
		item = d.Append(item, dataset.Root, sr.ValueType, dataset.CS, []byte("CODE"))
		item = append(item, code(sr.ConceptNameCodeSequence, concept, "DCM", "Somebody")...)
		item = append(item, code(sr.ConceptCodeSequence, "ZULUKILO", "99STAFF", "Zulukilo, Doc")...)
		plan := d.Plan()
		plan.Replace(content, append(dataset.AppendItem(nil, item), d.Bytes(content)...))
		file, err := plan.Encode(dataset.AppendFileHeader(nil, rdsr.XRayRadiationDoseSR, "2.25.1", d.Syntax.Output()))
		must(t, err)
		r, _ := deidentify(t, deid.Registry, recognise(t, file), deid.Context{Key: newKey(t)})
		if bytes.Contains(bytes.ToLower(r.File), []byte("zulukilo")) {
			t.Errorf("a person coded under %s comes out", concept)
		}
	}
}

func TestHiddenSpellingsDoNotComeOut(t *testing.T) {
	key := newKey(t)
	for name, set := range map[string]map[dataset.Tag]string{
		"entities":       {patientName: "Müller^Hans", 0x00080005: "ISO_IR 192", description: "<op>M&#252;ller, Hans</op> CT Thorax"},
		"named entities": {patientName: "Müller^Hans", 0x00080005: "ISO_IR 192", description: "M&uuml;ller"},
		"percent":        {patientName: "Müller^Hans", 0x00080005: "ISO_IR 192", description: "M%C3%BCller"},
		"mixed bytes":    {patientName: "M\xfcller^Hans", 0x00080005: "ISO_IR 100", description: "M\xc3\xbcller 5\xb0"},
		"unknown escape": {patientName: "Smith^Hans", description: "Smi\x1b(Zth"},
		"series number":  {patientID: "7700421234", 0x00200011: "7700421234"},
		"calibration":    {birthDate: "19610305", 0x00181200: "19610305"},
	} {
		doc := edited(t, "ct-small", set)
		r, err := deid.New(deid.Registry).Deidentify(doc, deid.Context{Key: key})
		var leak *deid.LeakError
		if errors.As(err, &leak) {
			continue
		}
		must(t, err)
		for _, secret := range []string{"ller", "uuml", "C3%BC", "(Zth", "7700421234", "19610305"} {
			if bytes.Contains(r.File, []byte(secret)) {
				t.Errorf("%s: %q comes out", name, secret)
			}
		}
	}
}

func TestStrictTextsNameNeitherDeviceNorDay(t *testing.T) {
	doc := edited(t, "ct-small", map[dataset.Tag]string{studyDate: "20260310", stationName: "CTROOM7", 0x00181000: "SN-4711-A",
		description: "Thorax CTROOM7 sn 4711A 10.03.2026 2026-03-10"})
	r, d := deidentify(t, deid.Strict, doc, deid.Context{Key: newKey(t)})
	if got := d.TextOf(dataset.Root, description); !strings.HasPrefix(got, "Thorax") || strings.Contains(got, "2026") {
		t.Errorf("the description is %q", got)
	}
	for _, secret := range []string{"CTROOM7", "4711-A", "4711A"} {
		if bytes.Contains(r.File, []byte(secret)) {
			t.Errorf("%q comes out", secret)
		}
	}
}

func TestNoErrorTellsBytesOfTheReport(t *testing.T) {
	file, err := os.ReadFile("../../testdata/ct-small.dcm")
	must(t, err)
	for cut := range len(file) {
		garbled := bytes.Clone(file)
		garbled[cut] ^= 0xFF
		_, err := rdsr.Recognise(garbled, dataset.Limits{})
		if err == nil {
			continue
		}
		text := err.Error()
		for at := strings.IndexByte(text, '('); at >= 0; at = strings.IndexByte(text, '(') {
			var group, element uint16
			text = text[at+1:]
			if len(text) < 9 || text[4] != ',' {
				continue
			}
			if n := hex(text[:4]); n >= 0 {
				group = uint16(n)
			}
			if n := hex(text[5:9]); n >= 0 {
				element = uint16(n)
			}
			tag := dataset.Tag(group)<<16 | dataset.Tag(element)
			if group != 0xFFFE && dataset.DictionaryVR(tag) == dataset.UN {
				t.Fatalf("byte %d garbled: %v", cut, err)
			}
		}
	}
}

func hex(s string) int {
	n := 0
	for _, c := range s {
		switch {
		case c >= '0' && c <= '9':
			n = n*16 + int(c-'0')
		case c >= 'A' && c <= 'F':
			n = n*16 + int(c-'A') + 10
		default:
			return -1
		}
	}
	return n
}

// withItem is a report with one more content item in front.
func withItem(t *testing.T, valueType, concept string, tag dataset.Tag, vr dataset.VR, value string) *rdsr.Document {
	t.Helper()
	d := read(t, "ct-small").Dataset
	content, ok := d.Find(dataset.Root, sr.ContentSequence)
	if !ok {
		t.Fatal("no content")
	}
	var name []byte
	name = d.Append(name, dataset.Root, sr.CodeValue, dataset.SH, []byte(concept))
	name = d.Append(name, dataset.Root, sr.CodingSchemeDesignator, dataset.SH, []byte("DCM"))
	name = d.Append(name, dataset.Root, sr.CodeMeaning, dataset.LO, []byte("Something"))
	var item []byte
	item = d.Append(item, dataset.Root, sr.RelationshipType, dataset.CS, []byte("CONTAINS"))
	item = d.Append(item, dataset.Root, sr.ValueType, dataset.CS, []byte(valueType))
	item = d.Append(item, dataset.Root, sr.ConceptNameCodeSequence, dataset.SQ, dataset.AppendItem(nil, name))
	item = d.Append(item, dataset.Root, tag, vr, []byte(value))
	plan := d.Plan()
	plan.Replace(content, append(dataset.AppendItem(nil, item), d.Bytes(content)...))
	file, err := plan.Encode(dataset.AppendFileHeader(nil, rdsr.XRayRadiationDoseSR, "2.25.1", d.Syntax.Output()))
	must(t, err)
	return recognise(t, file)
}

func TestAnotherValueTypeDoesNotOpenAConcept(t *testing.T) {
	for _, c := range []struct {
		valueType, concept string
		tag                dataset.Tag
		vr                 dataset.VR
		value              string
	}{
		{"UIDREF", "121106", sr.UID, dataset.UI, "1.2.840.10008.5.1.4.1.1.7700421"},
		{"UIDREF", "125203", sr.UID, dataset.UI, "1.3.6.1.4.1.99999.7700421"},
		{"TEXT", "121033", sr.TextValue, dataset.UT, "97 years, retired mayor"},
		{"TEXT", "121032", sr.TextValue, dataset.UT, "retired mayor"},
	} {
		r, _ := deidentify(t, deid.Registry, withItem(t, c.valueType, c.concept, c.tag, c.vr, c.value), deid.Context{Key: newKey(t)})
		if bytes.Contains(r.File, []byte(c.value)) {
			t.Errorf("%s under %s: %q comes out", c.valueType, c.concept, c.value)
		}
	}
}

func TestWordsInACodeAreNoCode(t *testing.T) {
	doc := edited(t, "ct-small", map[dataset.Tag]string{birthDate: "19610305", patientID: "7700421"})
	d := doc.Dataset
	for _, value := range []string{"thorax 05.03.61", "ct 7700421", "5.3.1961"} {
		plan := d.Plan()
		seq, ok := d.Find(dataset.Root, 0x00321064)
		code := d.Append(nil, dataset.Root, sr.CodeValue, dataset.SH, []byte(value))
		code = d.Append(code, dataset.Root, sr.CodingSchemeDesignator, dataset.SH, []byte("99SITE"))
		code = dataset.AppendItem(nil, d.Append(code, dataset.Root, sr.CodeMeaning, dataset.LO, []byte("Thorax")))
		if ok {
			plan.Replace(seq, code)
		} else {
			plan.Add(dataset.Root, 0x00321064, dataset.SQ, code)
		}
		file, err := plan.Encode(dataset.AppendFileHeader(nil, rdsr.XRayRadiationDoseSR, "2.25.1", d.Syntax.Output()))
		must(t, err)
		r, _ := deidentify(t, deid.Registry, recognise(t, file), deid.Context{Key: newKey(t)})
		if bytes.Contains(r.File, []byte(value)) {
			t.Errorf("%q comes out", value)
		}
	}
}

func TestAnAgeThatDoesNotStayTakesItsNumberWithIt(t *testing.T) {
	d := read(t, "ct-small").Dataset
	code := func(tag dataset.Tag, value, scheme string) []byte {
		c := d.Append(nil, dataset.Root, sr.CodeValue, dataset.SH, []byte(value))
		c = d.Append(c, dataset.Root, sr.CodingSchemeDesignator, dataset.SH, []byte(scheme))
		return d.Append(nil, dataset.Root, tag, dataset.SQ, dataset.AppendItem(nil, c))
	}
	number := func(value string) []byte {
		m := code(sr.MeasurementUnitsCodeSequence, "a", "UCUM")
		return dataset.AppendItem(nil, d.Append(m, dataset.Root, sr.NumericValue, dataset.DS, []byte(value)))
	}
	num := func(concept string, measured, below []byte) []byte {
		i := d.Append(nil, dataset.Root, sr.RelationshipType, dataset.CS, []byte("CONTAINS"))
		i = d.Append(i, dataset.Root, sr.ValueType, dataset.CS, []byte("NUM"))
		i = append(i, code(sr.ConceptNameCodeSequence, concept, "DCM")...)
		i = d.Append(i, dataset.Root, sr.MeasuredValueSequence, dataset.SQ, measured)
		if below != nil {
			i = d.Append(i, dataset.Root, sr.ContentSequence, dataset.SQ, below)
		}
		return dataset.AppendItem(nil, i)
	}
	dose := num("113838", number("4.25"), nil)
	without := deid.Registry
	without.Retain.Age = false
	for name, c := range map[string]struct {
		policy deid.Policy
		item   []byte
	}{
		"not retained, with a dose below": {without, num("121033", number("103.125"), dose)},
		"two ages":                        {deid.Registry, num("121033", append(number("44"), number("103.125")...), nil)},
	} {
		plan := d.Plan()
		content, _ := d.Find(dataset.Root, sr.ContentSequence)
		plan.Replace(content, append(bytes.Clone(c.item), d.Bytes(content)...))
		file, err := plan.Encode(dataset.AppendFileHeader(nil, rdsr.XRayRadiationDoseSR, "2.25.1", d.Syntax.Output()))
		must(t, err)
		r, _ := deidentify(t, c.policy, recognise(t, file), deid.Context{Key: newKey(t)})
		if bytes.Contains(r.File, []byte("103.125")) {
			t.Errorf("%s: the age comes out", name)
		}
		if bytes.Contains(c.item, []byte("4.25")) && !bytes.Contains(r.File, []byte("4.25")) {
			t.Errorf("%s: the dose below it is lost", name)
		}
	}
}
