package rdsr

import (
	"strconv"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/sr"
)

// The templates of dose reports (PS3.16 annex A).
const (
	TemplateProjectionXRay      = "10001"
	TemplateCT                  = "10011"
	TemplateRadiopharmaceutical = "10021"
	TemplateEnhancedXRay        = "10040"
)

// The kinds of device that a dose report tells of.
const (
	KindCT   = "CT"
	KindXARF = "XA/RF"
	KindDX   = "DX"
	KindMG   = "MG"
	KindNM   = "NM"
)

// Concepts of the dose templates that recognition turns on (PS3.16 annex D).
var (
	xRayDoseReport      = sr.DCM("113701")
	radiopharmReport    = sr.DCM("113500")
	procedureReported   = sr.DCM("121058")
	deviceObserverName  = sr.DCM("121013")
	acquisitionDevice   = sr.DCM("122142")
	irradiationEvent    = sr.DCM("113721") // Irradiation Event Type
	ctEvent             = sr.DCM("113819")
	xRayEvent           = sr.DCM("113706")
	administrationEvent = sr.DCM("113502")
	eventSummary        = sr.DCM("130501") // TID 10042
)

// role is what recognition asks an item of a concept.
type role uint8

const (
	noRole role = iota
	namesDevice
	namesProcedure
	typesDevice
	typesEvent
	isEvent       // it is an irradiation or administration
	totalsFluoro  // it has a figure that only fluoroscopy has
	tellsDetector // only radiography has it
	tellsGeometry // only a moving system has it
)

var roles = func() map[sr.Code]role {
	all := map[sr.Code]role{deviceObserverName: namesDevice, procedureReported: namesProcedure, acquisitionDevice: typesDevice,
		irradiationEvent: typesEvent, ctEvent: isEvent, xRayEvent: isEvent, administrationEvent: isEvent, eventSummary: isEvent}
	for r, values := range map[role][]string{
		totalsFluoro:  {"113726", "113728", "113730"},                     // TID 10004
		tellsDetector: {"113845", "113846", "113847", "113947", "113956"}, // exposure indices, detector, CR/DR mechanics
		tellsGeometry: {"113732", "113791", "112011", "113739", "113751"}, // fluoro mode, pulse rate, angles, table
	} {
		for _, value := range values {
			all[sr.DCM(value)] = r
		}
	}
	return all
}()

// tree is what one walk through the content tree gathers.
type tree struct {
	content        *sr.Tree
	templateID     string
	roles          []role  // of the concepts
	known          []int32 // per item: events below it, and 1 more
	events         int
	items          int              // below the root, each once
	seen           map[sr.Code]bool // which kinds of events
	deviceObserver string
	procedure      sr.Code
	device         sr.Code
	types          map[sr.Code]bool // Irradiation Event Types
	fluoroTotal    bool
	detector       bool
	geometry       bool
}

func readTree(d *dataset.Dataset, content *sr.Tree) *tree {
	t := &tree{content: content, templateID: sr.Template(d), items: content.Len() - 1, known: make([]int32, content.Len()),
		types: make(map[sr.Code]bool), seen: make(map[sr.Code]bool)}
	for _, concept := range content.Concepts() {
		t.roles = append(t.roles, roles[concept])
	}
	t.events = int(t.below(d, content.Root()))
	return t
}

// below sees everything below an item and returns how many events there are.
// What stands in several places says the same in each, and is seen once.
func (t *tree) below(d *dataset.Dataset, item sr.Item) (events int32) {
	for number, ref := range t.content.Numbers(item) {
		if t.known[number] == 0 {
			t.known[number] = 1 + t.in(d, number, ref)
		}
		events += t.known[number] - 1
	}
	return events
}

// in sees an item and everything below it, and returns how many events they are.
func (t *tree) in(d *dataset.Dataset, number int, ref dataset.Ref) (events int32) {
	as := t.role(number)
	if as == noRole && t.content.Leaf(number) {
		return 0
	}
	item := t.content.At(ref)
	t.see(d, item, as)
	if events = t.below(d, item); as == isEvent && item.ValueType == "CONTAINER" {
		t.seen[item.Concept] = true
		events++
	}
	return events
}

// role is that of the concept of the item with a number.
func (t *tree) role(number int) role {
	n := t.content.ConceptNumber(number)
	if n < 0 {
		return noRole
	}
	return t.roles[n]
}

func (t *tree) see(d *dataset.Dataset, item sr.Item, as role) {
	switch as {
	case namesDevice:
		if t.deviceObserver == "" {
			t.deviceObserver = itemText(d, item.Ref)
		}
	case namesProcedure:
		if t.procedure == (sr.Code{}) {
			t.procedure = sr.CodeAt(d, item.Ref, sr.ConceptCodeSequence)
		}
	case typesDevice:
		if t.device == (sr.Code{}) {
			t.device = sr.CodeAt(d, item.Ref, sr.ConceptCodeSequence)
		}
	case typesEvent:
		t.types[sr.CodeAt(d, item.Ref, sr.ConceptCodeSequence)] = true
	case totalsFluoro:
		t.fluoroTotal = t.fluoroTotal || number(d, item.Ref) > 0
	case tellsDetector:
		t.detector = true
	case tellsGeometry:
		t.geometry = true
	}
}

// number is the numeric value of a NUM item, 0 where it has none.
func number(d *dataset.Dataset, item dataset.Ref) float64 {
	measured, ok := d.First(item, sr.MeasuredValueSequence)
	if !ok {
		return 0
	}
	v, _ := strconv.ParseFloat(d.TextOf(measured, sr.NumericValue), 64)
	return v
}

// template is the identifier of the Content Template Sequence where that
// names a dose template, else what the root concept and Procedure Reported
// say. TID 10040 shares its root concept with 10001 and 10011.
func (t *tree) template(sopClass string) string {
	if named := DoseTemplate(t.templateID); named != "" {
		return named
	}
	switch {
	case t.content.Root().Concept == radiopharmReport:
		return TemplateRadiopharmaceutical
	case t.content.Root().Concept != xRayDoseReport:
		return ""
	case sopClass == EnhancedXRayRadiationDoseSR:
		return TemplateEnhancedXRay
	case isCT(t.procedure):
		return TemplateCT
	case isMammography(t.procedure), isProjectionXRay(t.procedure):
		return TemplateProjectionXRay
	}
	return t.templateByEvents()
}

// DoseTemplate returns an identifier that is a dose template's, "" for others.
func DoseTemplate(id string) string {
	switch id {
	case TemplateProjectionXRay, TemplateCT, TemplateRadiopharmaceutical, TemplateEnhancedXRay:
		return id
	}
	return ""
}

// templateByEvents is the last resort for a report without Procedure
// Reported: each kind of event is of one template alone.
func (t *tree) templateByEvents() string {
	switch {
	case t.seen[ctEvent]:
		return TemplateCT
	case t.seen[xRayEvent]:
		return TemplateProjectionXRay
	}
	return ""
}

// nearMiss says what a structured report of a general class is instead.
func (t *tree) nearMiss() string {
	switch {
	case t.items == 0:
		return generalClassWithoutContentReason
	case t.templateID != "" && len(t.templateID) <= 5 && digits(t.templateID):
		return "a structured report by template " + t.templateID
	case t.content.Root().Concept.Scheme != "" && t.content.Root().Concept.Scheme != "DCM":
		return "a structured report under a private or foreign root concept"
	}
	return "a structured report under a root concept that is no dose report's"
}

func digits(s string) bool {
	_, err := strconv.ParseUint(s, 10, 64)
	return err == nil
}
