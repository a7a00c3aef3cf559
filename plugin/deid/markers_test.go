package deid_test

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/rdsr"
	"github.com/dosegate/dosegate/plugin/sr"
)

// retained says where a text that names nobody may stay on purpose, by the
// registry profile; nothing else may.
var retained = map[string]string{
	// Device identity, and what Table E.1-1 does not name.
	"(0008,0070)": "Manufacturer", "(0008,1090)": "Manufacturer's Model Name", "(0018,1020)": "Software Versions",
	"(0008,1010)": "Station Name", "(0018,1000)": "Device Serial Number",
	// Descriptors, cleaned.
	"(0008,1030)": "Study Description", "(0008,103E)": "Series Description", "(0018,1030)": "Protocol Name",
	"(0032,1060)": "Requested Procedure Description", "(0040,0007)": "Scheduled Procedure Step Description",
	"(0040,0254)": "Performed Procedure Step Description", "(0018,A003)": "Contribution Description",
	// Codes: a value of a scheme that has no list here, or of UCUM's grammar; a
	// scheme's name and version; a meaning that no list has.
	"(0008,0100)": "Code Value", "(0008,0102)": "Coding Scheme Designator", "(0008,0103)": "Coding Scheme Version",
	"(0008,0104)": "Code Meaning", "(0008,0119)": "Long Code Value", "(0008,0120)": "URN Code Value",
	// Content items, by concept: descriptors cleaned, and device identity.
	"125203": "Acquisition Protocol", "121106": "Comment", "113907": "Reason for Proceeding", "113552": "Recent Physical Activity",
	"113720": "Calibration Protocol", "121013": "Device Observer Name", "121016": "Device Observer Serial Number",
	"113877": "Device Name", "113880": "Device Serial Number", "113832": "Identification of the X-Ray Source",
	"110119": "Station AE Title", "121014": "Device Observer Manufacturer", "121015": "Device Observer Model Name",
	"113878": "Device Manufacturer", "113879": "Device Model Name", "113780": "Reference Point Definition",
	"113842": "X-Ray Modulation Type", "C67447": "Activity Session", "C2348792": "Time Point",
}

// plant is a marker's place.
type plant struct {
	tag     dataset.Tag
	vr      dataset.VR
	concept string // of the enclosing content item, for its value
}

func (p plant) retained() bool {
	if p.tag == sr.TextValue {
		return retained[p.concept] != ""
	}
	return retained[p.tag.String()] != ""
}

// structural attributes make a report one; replaced all at once they would
// leave none to test.
func structural(d *dataset.Dataset, r dataset.Ref) bool {
	switch d.Tag(r) {
	case 0x00080005, 0x00080016, 0x00080018, 0x0020000D, sr.ValueType, sr.TemplateIdentifier:
		return true
	case sr.CodeValue, sr.CodingSchemeDesignator:
		return d.Tag(d.Node(d.Node(r).Parent).Parent) == sr.ConceptNameCodeSequence
	}
	return false
}

// markers plants a distinct marker in every text-like element that pick picks.
func markers(d *dataset.Dataset, pick func(dataset.Ref) bool) (*dataset.Plan, []plant) {
	plan := d.Plan()
	var plants []plant
	for r := dataset.Ref(1); int(r) < d.Len(); r++ {
		n := d.Node(r)
		if d.Container(r) || n.Tag == dataset.Item || !n.VR.Text() && n.VR != dataset.UN || !pick(r) {
			continue
		}
		plan.Replace(r, fmt.Appendf(nil, "QZX%05dXZQ", len(plants)))
		content := n.Parent
		plants = append(plants, plant{n.Tag, n.VR, sr.CodeAt(d, content, sr.ConceptNameCodeSequence).Value})
	}
	return plan, plants
}

var marker = regexp.MustCompile(`QZX(\d{5})XZQ`)

// survivors gives the places whose markers are in the output though nothing
// retains them.
func survivors(t *testing.T, x *deid.Deidentifier, key deid.Key, source *dataset.Dataset, plan *dataset.Plan, plants []plant) []plant {
	t.Helper()
	head := dataset.AppendFileHeader(nil, rdsr.XRayRadiationDoseSR, "2.25.1", source.Syntax.Output())
	file, err := plan.Encode(head)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := rdsr.Recognise(file, dataset.Limits{})
	if err != nil {
		return nil // nothing leaves
	}
	out, err := x.Deidentify(doc, deid.Context{Key: key})
	var leak *deid.LeakError
	if errors.As(err, &leak) {
		return nil // held
	}
	if err != nil {
		t.Fatal(err)
	}
	var left []plant
	for _, found := range marker.FindAllSubmatch(out.File, -1) {
		n, err := strconv.Atoi(string(found[1]))
		if err != nil {
			t.Fatal(err)
		}
		if !plants[n].retained() {
			left = append(left, plants[n])
		}
	}
	return left
}

func TestNoMarkerInAnyTextOfAnyReportComesOut(t *testing.T) {
	ring, err := deid.NewKeyring()
	if err != nil {
		t.Fatal(err)
	}
	x, key, total := deid.New(deid.Registry), ring.Keys()[0], 0
	for _, p := range reports(t) {
		file, err := os.ReadFile(p.before)
		if err != nil {
			t.Fatal(err)
		}
		d, err := dataset.Parse(file, dataset.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		plan, plants := markers(d, func(r dataset.Ref) bool { return !structural(d, r) })
		total += len(plants)
		for _, left := range survivors(t, x, key, d, plan, plants) {
			t.Errorf("%s: the marker in %v %v of concept %q comes out", p.name, left.tag, left.vr, left.concept)
		}
	}
	t.Logf("%d markers", total)
}

// One at a time the structural attributes are tested too: either nothing
// leaves, or no marker in what leaves.
func TestNoMarkerInASingleElementComesOut(t *testing.T) {
	ring, err := deid.NewKeyring()
	if err != nil {
		t.Fatal(err)
	}
	x, key, total := deid.New(deid.Registry), ring.Keys()[0], 0
	for _, name := range []string{"ct-identities", "rf-identities", "nm", "ct-un-undefined", "mg-big-endian", "ct-implicit"} {
		file, err := os.ReadFile("../../testdata/" + name + ".dcm")
		if err != nil {
			t.Fatal(err)
		}
		d, err := dataset.Parse(file, dataset.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		step := dataset.Ref(1 + d.Len()/400)
		for r := dataset.Ref(1); int(r) < d.Len(); r += step {
			plan, plants := markers(d, func(s dataset.Ref) bool { return s == r })
			total += len(plants)
			for _, left := range survivors(t, x, key, d, plan, plants) {
				t.Errorf("%s: the marker in %v %v of concept %q comes out", name, left.tag, left.vr, left.concept)
			}
		}
	}
	t.Logf("%d markers", total)
}
