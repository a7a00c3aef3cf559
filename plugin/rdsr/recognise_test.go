package rdsr_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/rdsr"
	"github.com/dosegate/dosegate/plugin/sr"
)

var (
	doseReport   = sr.DCM("113701")
	procedure    = sr.DCM("121058")
	deviceType   = sr.DCM("122142")
	xRayEvent    = sr.DCM("113706")
	eventType    = sr.DCM("113721")
	ctEvent      = sr.DCM("113819")
	fluoroTotal  = sr.DCM("113726")
	stationary   = sr.DCM("113611")
	fluoroscopy  = sct("44491008")
	privateRoot  = sr.Code{Value: "DOSE", Scheme: "99MADEUP"}
	anotherRoot  = sr.DCM("126000") // Imaging Measurement Report
	someDoseItem = num(sr.DCM("113813"), "123.4")
)

func TestTheTemplateIsTheRootsElseWhatRootAndProcedureSay(t *testing.T) {
	for _, c := range []struct {
		name, class, template string
		root                  sr.Code
		child                 []byte
		want                  string
	}{
		{"as it says", rdsr.XRayRadiationDoseSR, "10001", doseReport, someDoseItem, "10001"},
		{"as it says, in a general class", rdsr.EnhancedSR, "10011", doseReport, someDoseItem, "10011"},
		{"as it says, under another root", rdsr.ComprehensiveSR, "10021", anotherRoot, someDoseItem, "10021"},
		{"CT by SCT", rdsr.XRayRadiationDoseSR, "", doseReport, coded(procedure, sct("77477000")), "10011"},
		{"CT by SRT", rdsr.EnhancedSR, "", doseReport, coded(procedure, srt("P5-08000")), "10011"},
		{"CT by SNM3", rdsr.EnhancedSR, "", doseReport, coded(procedure, sr.Code{Value: "P5-08000", Scheme: "SNM3"}), "10011"},
		{"mammography by SRT", rdsr.XRayRadiationDoseSR, "", doseReport, coded(procedure, srt("P5-40010")), "10001"},
		{"projection X-ray", rdsr.XRayRadiationDoseSR, "", doseReport, coded(procedure, sr.DCM("113704")), "10001"},
		{"CT by its events", rdsr.XRayRadiationDoseSR, "", doseReport, container(ctEvent, someDoseItem), "10011"},
		{"projection by its events", rdsr.XRayRadiationDoseSR, "", doseReport, container(xRayEvent, someDoseItem), "10001"},
		{"radiopharmaceutical", rdsr.RadiopharmaceuticalDoseSR, "", sr.DCM("113500"), someDoseItem, "10021"},
		{"enhanced", rdsr.EnhancedXRayRadiationDoseSR, "", doseReport, coded(procedure, sct("77477000")), "10040"},
		{"a template that is none", rdsr.XRayRadiationDoseSR, "1500", doseReport, coded(procedure, sct("77477000")), "10011"},
		{"nothing that tells", rdsr.XRayRadiationDoseSR, "", doseReport, someDoseItem, ""},
	} {
		doc, err := recognise(t, document(c.class, c.template, c.root, c.child))
		if err != nil || doc.Template != c.want {
			t.Errorf("%s: template %q, want %q (%v)", c.name, doc.Template, c.want, err)
		}
	}
}

// The first rule that says anything decides; see the head of testdata/corpus.tsv.
func TestTheKindOfDeviceOfAProjectionReport(t *testing.T) {
	event := func(children ...[]byte) []byte { return container(xRayEvent, children...) }
	kindOf := func(c sr.Code) []byte { return event(coded(eventType, c)) }
	mammography := coded(procedure, sct("71651007"))
	for _, c := range []struct {
		name  string
		items [][]byte
		want  string
	}{
		{"mammography by SCT", [][]byte{mammography, kindOf(stationary)}, rdsr.KindMG},
		{"mammography by SRT", [][]byte{coded(procedure, srt("P5-40010"))}, rdsr.KindMG},
		{"mammography before its device", [][]byte{mammography, coded(deviceType, sr.DCM("113957"))}, rdsr.KindMG},
		{"fluoroscopy-guided device", [][]byte{coded(deviceType, sr.DCM("113957")), kindOf(stationary)}, rdsr.KindXARF},
		{"integrated device", [][]byte{coded(deviceType, sr.DCM("113958")), kindOf(fluoroscopy)}, rdsr.KindDX},
		{"cassette device", [][]byte{coded(deviceType, sr.DCM("113959"))}, rdsr.KindDX},
		{"fluoroscopy event", [][]byte{kindOf(stationary), kindOf(fluoroscopy), num(sr.DCM("113845"), "400")}, rdsr.KindXARF},
		{"fluoroscopy event by SRT", [][]byte{kindOf(srt("P5-06000"))}, rdsr.KindXARF},
		{"a total of fluoroscopy", [][]byte{num(fluoroTotal, "0.01"), num(sr.DCM("113845"), "400")}, rdsr.KindXARF},
		{"a total that is zero says nothing", [][]byte{num(fluoroTotal, "0.0"), kindOf(stationary)}, rdsr.KindDX},
		{"a total that is no number says nothing", [][]byte{num(fluoroTotal, "much"), kindOf(stationary)}, rdsr.KindDX},
		{"an exposure index", [][]byte{event(num(sr.DCM("113845"), "400"), num(sr.DCM("112011"), "10"))}, rdsr.KindDX},
		{"a stepping acquisition", [][]byte{kindOf(sr.DCM("113612"))}, rdsr.KindXARF},
		{"a rotational acquisition", [][]byte{kindOf(sr.DCM("113613")), kindOf(stationary)}, rdsr.KindXARF},
		{"positioner angles", [][]byte{event(coded(eventType, stationary), num(sr.DCM("112011"), "10"))}, rdsr.KindXARF},
		{"stationary alone", [][]byte{kindOf(stationary), kindOf(stationary)}, rdsr.KindDX},
		{"an event of a type of somebody's", [][]byte{kindOf(privateRoot)}, ""},
		{"nothing", [][]byte{someDoseItem}, ""},
	} {
		for _, template := range []string{rdsr.TemplateProjectionXRay, rdsr.TemplateEnhancedXRay} {
			doc, err := recognise(t, document(rdsr.XRayRadiationDoseSR, template, doseReport, c.items...))
			if err != nil || doc.Kind != c.want {
				t.Errorf("%s in %s: %q, want %q (%v)", c.name, template, doc.Kind, c.want, err)
			}
		}
	}
}

func TestEventsAreCountedAtAnyDepth(t *testing.T) {
	event := container(ctEvent, someDoseItem)
	doc, err := recognise(t, document(rdsr.XRayRadiationDoseSR, "10011", doseReport, event, container(sr.DCM("113705"), event, event),
		item("TEXT", ctEvent, element(sr.TextValue, "no event"))))
	if err != nil || doc.IrradiationEvents != 3 {
		t.Errorf("%d events (%v)", doc.IrradiationEvents, err)
	}
}

func TestTheFirstDeviceObserverNameCounts(t *testing.T) {
	name := func(s string) []byte { return item("TEXT", sr.DCM("121013"), element(sr.TextValue, s)) }
	doc, err := recognise(t, document(rdsr.XRayRadiationDoseSR, "10011", doseReport, name(""), name("Torus\r\nin  room 3"), name("Other")))
	if err != nil || doc.DeviceObserverName != "Torus in room 3" {
		t.Errorf("%q (%v)", doc.DeviceObserverName, err)
	}
}

func TestNearMissesAreIgnoredForAReason(t *testing.T) {
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"measurement report", document(rdsr.ComprehensiveSR, "1500", anotherRoot, someDoseItem), "a structured report by template 1500"},
		{"private root", document(rdsr.EnhancedSR, "", privateRoot, someDoseItem), "a structured report under a private or foreign root concept"},
		{"another root", document(rdsr.Comprehensive3DSR, "", anotherRoot, someDoseItem), "a structured report under a root concept that is no dose report's"},
		{"no content", document(rdsr.EnhancedSR, "", anotherRoot), "a structured report without content"},
		{"words for a template", document(rdsr.EnhancedSR, "DOE^JANE", anotherRoot, someDoseItem), "a structured report under a root concept that is no dose report's"},
		{"digits without end", document(rdsr.EnhancedSR, "19700101197001011", anotherRoot, someDoseItem), "a structured report under a root concept that is no dose report's"},
		{"dose root, yet nothing of dose", document(rdsr.EnhancedSR, "", doseReport, someDoseItem), "a structured report under a root concept that is no dose report's"},
		{"basic text", document("1.2.840.10008.5.1.4.1.1.88.11", "10011", doseReport, someDoseItem), "a structured report of a class that carries no dose report"},
		{"secondary capture", document("1.2.840.10008.5.1.4.1.1.7", "10011", doseReport, someDoseItem), "secondary capture: the registry takes dose reports only"},
		{"multi-frame capture", document("1.2.840.10008.5.1.4.1.1.7.2", "", doseReport), "secondary capture: the registry takes dose reports only"},
		{"CT image", document("1.2.840.10008.5.1.4.1.1.2", "", doseReport), "no structured report: the registry takes dose reports only"},
	} {
		doc, err := recognise(t, c.file)
		var not *rdsr.NotDoseError
		if !errors.As(err, &not) || not.Reason != c.want {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if doc.StationName != "XR1" {
			t.Errorf("%s: station %q", c.name, doc.StationName)
		}
	}
}

func TestADoseReportThatIsNotWholeIsAnErrorWithItsStation(t *testing.T) {
	whole := document(rdsr.XRayRadiationDoseSR, "10011", doseReport, someDoseItem)
	d, err := dataset.Parse(whole, dataset.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		tag  dataset.Tag
		want error
	}{
		"no SOP instance": {0x00080018, dataset.ErrMalformed},
		"no study":        {0x0020000D, dataset.ErrMalformed},
		"no content":      {sr.ContentSequence, dataset.ErrCut},
	} {
		p := d.Plan()
		r, ok := d.Find(dataset.Root, c.tag)
		if !ok {
			t.Fatalf("no %v", c.tag)
		}
		p.Remove(r)
		out, err := p.Encode(dataset.AppendFileHeader(nil, rdsr.XRayRadiationDoseSR, "2.25.18", d.Syntax))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := recognise(t, out)
		var not *rdsr.NotDoseError
		if !errors.Is(err, c.want) || errors.As(err, &not) || doc.StationName != "XR1" {
			t.Errorf("%s: %v, station %q", name, err, doc.StationName)
		}
	}
}

func TestClassesThatMayCarryADoseReport(t *testing.T) {
	dose := []string{rdsr.XRayRadiationDoseSR, rdsr.RadiopharmaceuticalDoseSR, rdsr.EnhancedXRayRadiationDoseSR}
	general := []string{rdsr.EnhancedSR, rdsr.ComprehensiveSR, rdsr.Comprehensive3DSR}
	none := []string{"", "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.88.11", "1.2.840.10008.5.1.4.1.1.7", "1.2.840.10008.5.1.4.1.1.88.671"}
	for _, class := range slices.Concat(dose, general, none) {
		yes, why := rdsr.Candidate(class)
		if yes == slices.Contains(none, class) || yes == (why != "") || rdsr.DoseClass(class) != slices.Contains(dose, class) {
			t.Errorf("%q: candidate %t (%s), dose class %t", class, yes, why, rdsr.DoseClass(class))
		}
	}
}
