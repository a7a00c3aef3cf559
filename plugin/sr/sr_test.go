package sr_test

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/sr"
	"github.com/google/go-cmp/cmp"
)

// element writes one element in implicit little endian (PS3.5 7.1.3).
func element(tag dataset.Tag, value string) []byte {
	if len(value)%2 == 1 {
		value += " "
	}
	b := binary.LittleEndian.AppendUint16(nil, tag.Group())
	b = binary.LittleEndian.AppendUint16(b, tag.Element())
	return append(binary.LittleEndian.AppendUint32(b, uint32(len(value))), value...)
}

func sequence(tag dataset.Tag, items ...[]byte) []byte {
	var body []byte
	for _, item := range items {
		body = dataset.AppendItem(body, item)
	}
	return element(tag, string(body))
}

func concept(value string) []byte {
	return sequence(sr.ConceptNameCodeSequence, slices.Concat(element(sr.CodeValue, value), element(sr.CodingSchemeDesignator, "DCM")))
}

func dataSet(t *testing.T, elements ...[]byte) *dataset.Dataset {
	t.Helper()
	file := dataset.AppendFileHeader(nil, "1.2.840.10008.5.1.4.1.1.88.67", "2.25.18", dataset.ImplicitLittleEndian)
	d, err := dataset.Parse(append(file, slices.Concat(elements...)...), dataset.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestCodesAreReadFromWhereverTheyStand(t *testing.T) {
	scheme := element(sr.CodingSchemeDesignator, " DCM ")
	for name, c := range map[string]struct {
		elements []byte
		want     sr.Code
	}{
		"code value":       {slices.Concat(element(sr.CodeValue, "113701 "), scheme), sr.DCM("113701")},
		"long code value":  {slices.Concat(scheme, element(sr.LongCodeValue, "LONG-113701")), sr.DCM("LONG-113701")},
		"URN code value":   {element(sr.URNCodeValue, "urn:oid:2.25.1"), sr.Code{Value: "urn:oid:2.25.1"}},
		"the first of two": {slices.Concat(element(sr.CodeValue, "1"), scheme, element(sr.LongCodeValue, "2")), sr.DCM("1")},
		"no scheme":        {element(sr.CodeValue, "113701"), sr.Code{Value: "113701"}},
		"no value":         {scheme, sr.DCM("")},
		"meaning alone":    {element(sr.CodeMeaning, "Dose"), sr.Code{}},
	} {
		d := dataSet(t, sequence(sr.ConceptNameCodeSequence, c.elements))
		if got := sr.CodeAt(d, dataset.Root, sr.ConceptNameCodeSequence); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestACodeThatIsNotThereIsTheZeroCode(t *testing.T) {
	for name, d := range map[string]*dataset.Dataset{
		"no sequence": dataSet(t, element(sr.ValueType, "NUM")),
		"no item":     dataSet(t, sequence(sr.ConceptNameCodeSequence)),
		"opaque":      dataSet(t, element(sr.ConceptNameCodeSequence, "NO SEQUENCE")),
	} {
		if got := sr.CodeAt(d, dataset.Root, sr.ConceptNameCodeSequence); got != (sr.Code{}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// outline is a walk through the tree: depth, type and concept.
func outline(d *dataset.Dataset) []string {
	var lines []string
	for depth, item := range sr.Read(d).Walk() {
		lines = append(lines, strings.Repeat(">", depth)+item.ValueType+" "+item.Concept.Value)
	}
	return lines
}

func TestTheWalkGoesDownFromTheRootInTheOrderOfTheReport(t *testing.T) {
	d := dataSet(t, element(sr.ValueType, "CONTAINER"), concept("1"), sequence(sr.ContentSequence,
		slices.Concat(element(sr.ValueType, "CONTAINER"), concept("2"), sequence(sr.ContentSequence,
			slices.Concat(element(sr.ValueType, "NUM"), concept("3")), slices.Concat(element(sr.ValueType, "TEXT"), concept("4")))),
		slices.Concat(element(sr.ValueType, "CODE"), concept("5"))))
	want := []string{"CONTAINER 1", ">CONTAINER 2", ">>NUM 3", ">>TEXT 4", ">CODE 5"}
	if diff := cmp.Diff(want, outline(d)); diff != "" {
		t.Error(diff)
	}
	for _, item := range sr.Read(d).Walk() { // a reader that has seen enough
		if item.Concept.Value == "3" {
			break
		}
	}
}

// Real reports leave out what they must have; the walk goes on.
func TestItemsWithoutTypeConceptOrContentAreWalkedAllTheSame(t *testing.T) {
	d := dataSet(t, sequence(sr.ContentSequence, nil, element(sr.ValueType, "HAS PROPERTIES"), concept("3"),
		element(sr.ContentSequence, "NO ITEMS"), sequence(sr.ContentSequence)))
	want := []string{" ", "> ", ">HAS PROPERTIES ", "> 3", "> ", "> "}
	if diff := cmp.Diff(want, outline(d)); diff != "" {
		t.Error(diff)
	}
}

func TestTheTemplateIsTheRootsOwn(t *testing.T) {
	template := func(id string) []byte {
		return sequence(sr.ContentTemplateSequence, element(sr.TemplateIdentifier, id))
	}
	for name, c := range map[string]struct {
		d    *dataset.Dataset
		want string
	}{
		"given":     {dataSet(t, template("10011")), "10011"},
		"padded":    {dataSet(t, template(" 1500 ")), "1500"},
		"none":      {dataSet(t, element(sr.ValueType, "CONTAINER")), ""},
		"empty":     {dataSet(t, sequence(sr.ContentTemplateSequence)), ""},
		"a child's": {dataSet(t, sequence(sr.ContentSequence, template("10011"))), ""},
	} {
		if got := sr.Template(c.d); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestEveryItemOfTheShippedReportsIsReached(t *testing.T) {
	files, err := filepath.Glob("../../testdata/*.dcm")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files (%v)", err)
	}
	for _, name := range files {
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		d, err := dataset.Parse(file, dataset.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if d, err = d.Flat(); err != nil {
			t.Fatal(err)
		}
		want, got := 1, 0
		for r := dataset.Root + 1; int(r) < d.Len(); r++ {
			if parent := d.Node(r).Parent; d.Container(r) && d.Tag(parent) == sr.ContentSequence {
				want++
			}
		}
		for _, item := range sr.Read(d).Walk() {
			if got++; item.Ref != dataset.Root && d.Tag(d.Node(item.Ref).Parent) != sr.ContentSequence {
				t.Errorf("%s: node %d is no content item", name, item.Ref)
			}
		}
		if got != want {
			t.Errorf("%s: %d of %d items are reached", name, got, want)
		}
	}
}
