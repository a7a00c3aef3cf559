package rdsr

import "github.com/dosegate/dosegate/plugin/sr"

// Procedures Reported, under SNOMED CT and the retired SRT and SNM3 schemes
// (PS3.16 CID 10000 context, TID 10001 row 2, TID 10011 row 2).
func isCT(c sr.Code) bool { return c.Value == "77477000" || c.Value == "P5-08000" }

func isMammography(c sr.Code) bool { return c.Value == "71651007" || c.Value == "P5-40010" }

func isProjectionXRay(c sr.Code) bool { return c == sr.DCM("113704") }

// kind tells what device a report is of. In TID 10001 and 10040 mammography,
// radiography and fluoroscopy share the template; the first of these decides
// that says anything: Procedure Reported, Acquisition Device Type (CID 10032),
// the types of the events, totals of fluoroscopy, what only a detector report
// or only a moving system has. "" where nothing does.
func (t *tree) kind(template string) string {
	switch template {
	case TemplateCT:
		return KindCT
	case TemplateRadiopharmaceutical:
		return KindNM
	case TemplateProjectionXRay, TemplateEnhancedXRay:
		return t.projectionKind()
	}
	return ""
}

func (t *tree) projectionKind() string {
	fluoroscopy := t.types[sr.Code{Value: "44491008", Scheme: "SCT"}] || t.types[sr.Code{Value: "P5-06000", Scheme: "SRT"}]
	moving := t.types[sr.DCM("113612")] || t.types[sr.DCM("113613")] // stepping, rotational
	stationary := t.types[sr.DCM("113611")] && len(t.types) == 1
	switch {
	case isMammography(t.procedure):
		return KindMG
	case t.device == sr.DCM("113957"): // Fluoroscopy-Guided Projection Radiography System
		return KindXARF
	case t.device == sr.DCM("113958"), t.device == sr.DCM("113959"): // Integrated, Cassette-based
		return KindDX
	case fluoroscopy, t.fluoroTotal:
		return KindXARF
	case t.detector:
		return KindDX
	case moving, t.geometry:
		return KindXARF
	case stationary:
		return KindDX
	}
	return ""
}
