package rdsr

import "strings"

// The SOP classes that carry dose reports (PS3.4 B.5).
const (
	XRayRadiationDoseSR              = "1.2.840.10008.5.1.4.1.1.88.67"
	RadiopharmaceuticalDoseSR        = "1.2.840.10008.5.1.4.1.1.88.68"
	EnhancedXRayRadiationDoseSR      = "1.2.840.10008.5.1.4.1.1.88.76"
	EnhancedSR                       = "1.2.840.10008.5.1.4.1.1.88.22"
	ComprehensiveSR                  = "1.2.840.10008.5.1.4.1.1.88.33"
	Comprehensive3DSR                = "1.2.840.10008.5.1.4.1.1.88.34"
	secondaryCapture                 = "1.2.840.10008.5.1.4.1.1.7"
	structuredReportStorage          = "1.2.840.10008.5.1.4.1.1.88."
	secondaryCaptureReason           = "secondary capture: the registry takes dose reports only"
	otherClassReason                 = "no structured report: the registry takes dose reports only"
	otherReportClassReason           = "a structured report of a class that carries no dose report"
	generalClassWithoutContentReason = "a structured report without content"
)

// DoseClass reports whether a SOP class is made for dose reports alone.
func DoseClass(sopClass string) bool {
	switch sopClass {
	case XRayRadiationDoseSR, RadiopharmaceuticalDoseSR, EnhancedXRayRadiationDoseSR:
		return true
	}
	return false
}

// SecondaryCapture reports whether a SOP class is one of the secondary captures
// (PS3.4 B.5), as scanners send pictures of their dose screens.
func SecondaryCapture(sopClass string) bool {
	return sopClass == secondaryCapture || strings.HasPrefix(sopClass, secondaryCapture+".")
}

// Candidate reports whether an instance of the SOP class may be a dose report
// and has to be read to tell; why says what it is otherwise. Older CT scanners
// send dose reports as Enhanced SR.
func Candidate(sopClass string) (yes bool, why string) {
	switch {
	case DoseClass(sopClass), sopClass == EnhancedSR, sopClass == ComprehensiveSR, sopClass == Comprehensive3DSR:
		return true, ""
	case SecondaryCapture(sopClass):
		return false, secondaryCaptureReason
	case strings.HasPrefix(sopClass, structuredReportStorage):
		return false, otherReportClassReason
	}
	return false, otherClassReason
}
