package orthanctest

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"math/big"
	"testing"

	"github.com/suyashkumar/dicom"
	"github.com/suyashkumar/dicom/pkg/tag"
	"github.com/suyashkumar/dicom/pkg/uid"
)

// XRayRadiationDoseSR is the SOP class of a dose report, PS3.4 B.5.
const XRayRadiationDoseSR = "1.2.840.10008.5.1.4.1.1.88.67"

// Report says what differs from the plainest dose report. What is empty gets an
// invented value, the UIDs a new one each time.
type Report struct {
	SOPClassUID, SOPInstanceUID, StudyInstanceUID, SeriesInstanceUID string

	PatientName, PatientID string
	StationName            string
	DoseLengthProduct      string // the one figure in it, in mGy.cm
	Comment                string // none: there is no such item
}

// DoseReport writes the smallest SR document that is a CT dose report: PS3.16
// TID 10011, explicit VR little endian.
func DoseReport(t testing.TB, r Report) []byte {
	t.Helper()
	r.SOPClassUID = cmp.Or(r.SOPClassUID, XRayRadiationDoseSR)
	r.SOPInstanceUID = cmp.Or(r.SOPInstanceUID, NewUID())
	elements := []*dicom.Element{
		element(t, tag.MediaStorageSOPClassUID, r.SOPClassUID),
		element(t, tag.MediaStorageSOPInstanceUID, r.SOPInstanceUID),
		element(t, tag.TransferSyntaxUID, uid.ExplicitVRLittleEndian),
		element(t, tag.SOPClassUID, r.SOPClassUID),
		element(t, tag.SOPInstanceUID, r.SOPInstanceUID),
		element(t, tag.StudyDate, "20260101"),
		element(t, tag.Modality, "SR"),
		element(t, tag.Manufacturer, "Invented Devices"),
		element(t, tag.StationName, cmp.Or(r.StationName, "CT1")),
		element(t, tag.PatientName, cmp.Or(r.PatientName, "Invented^Ida")),
		element(t, tag.PatientID, cmp.Or(r.PatientID, "INVENTED-1")),
		element(t, tag.StudyInstanceUID, cmp.Or(r.StudyInstanceUID, NewUID())),
		element(t, tag.SeriesInstanceUID, cmp.Or(r.SeriesInstanceUID, NewUID())),
		element(t, tag.ValueType, "CONTAINER"),
		code(t, tag.ConceptNameCodeSequence, "113701", "DCM", "X-Ray Radiation Dose Report"),
		sequence(t, tag.ContentTemplateSequence,
			element(t, tag.MappingResource, "DCMR"),
			element(t, tag.TemplateIdentifier, "10011")),
		contentSequence(t, r),
	}
	var file bytes.Buffer
	if err := dicom.Write(&file, dicom.Dataset{Elements: elements}); err != nil {
		t.Fatalf("write a dose report: %v", err)
	}
	return file.Bytes()
}

func contentSequence(t testing.TB, r Report) *dicom.Element {
	t.Helper()
	procedure := []*dicom.Element{
		element(t, tag.RelationshipType, "HAS CONCEPT MOD"),
		element(t, tag.ValueType, "CODE"),
		code(t, tag.ConceptNameCodeSequence, "121058", "DCM", "Procedure reported"),
		code(t, tag.ConceptCodeSequence, "77477000", "SCT", "Computed Tomography X-Ray"),
	}
	total := []*dicom.Element{
		element(t, tag.RelationshipType, "CONTAINS"),
		element(t, tag.ValueType, "NUM"),
		code(t, tag.ConceptNameCodeSequence, "113813", "DCM", "CT Dose Length Product Total"),
		sequence(t, tag.MeasuredValueSequence,
			code(t, tag.MeasurementUnitsCodeSequence, "mGy.cm", "UCUM", "mGy.cm"),
			element(t, tag.NumericValue, cmp.Or(r.DoseLengthProduct, "123.4"))),
	}
	if r.Comment == "" {
		return items(t, tag.ContentSequence, procedure, total)
	}
	return items(t, tag.ContentSequence, procedure, total, []*dicom.Element{
		element(t, tag.RelationshipType, "CONTAINS"),
		element(t, tag.ValueType, "TEXT"),
		code(t, tag.ConceptNameCodeSequence, "121106", "DCM", "Comment"),
		element(t, tag.TextValue, r.Comment),
	})
}

// NewUID makes a UID of PS3.5 B.2, the UUID-derived kind.
func NewUID() string {
	n := make([]byte, 16)
	rand.Read(n) // never fails
	return "2.25." + new(big.Int).SetBytes(n).String()
}

func element(t testing.TB, at tag.Tag, value string) *dicom.Element {
	return newElement(t, at, []string{value})
}

func code(t testing.TB, at tag.Tag, value, scheme, meaning string) *dicom.Element {
	return sequence(t, at,
		element(t, tag.CodeValue, value),
		element(t, tag.CodingSchemeDesignator, scheme),
		element(t, tag.CodeMeaning, meaning))
}

func sequence(t testing.TB, at tag.Tag, item ...*dicom.Element) *dicom.Element {
	return items(t, at, item)
}

func items(t testing.TB, at tag.Tag, of ...[]*dicom.Element) *dicom.Element {
	return newElement(t, at, of)
}

func newElement(t testing.TB, at tag.Tag, value any) *dicom.Element {
	t.Helper()
	e, err := dicom.NewElement(at, value)
	if err != nil {
		t.Fatalf("make %v: %v", at, err)
	}
	return e
}
