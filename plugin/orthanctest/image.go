package orthanctest

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/suyashkumar/dicom"
	"github.com/suyashkumar/dicom/pkg/tag"
	"github.com/suyashkumar/dicom/pkg/uid"
)

// CTImage is the SOP class of a CT image, PS3.4 B.5.
const CTImage = "1.2.840.10008.5.1.4.1.1.2"

// Images writes as many CT images of a new series of a study, as small as Orthanc
// takes them: of what is in them only the index is interested.
func Images(t testing.TB, studyUID string, n int) [][]byte {
	t.Helper()
	series := NewUID()
	const first = "00000"
	instance := NewUID()[:30] + first
	var file bytes.Buffer
	if err := dicom.Write(&file, dicom.Dataset{Elements: []*dicom.Element{
		element(t, tag.MediaStorageSOPClassUID, CTImage),
		element(t, tag.MediaStorageSOPInstanceUID, instance),
		element(t, tag.TransferSyntaxUID, uid.ExplicitVRLittleEndian),
		element(t, tag.SOPClassUID, CTImage),
		element(t, tag.SOPInstanceUID, instance),
		element(t, tag.StudyDate, "20260101"),
		element(t, tag.Modality, "CT"),
		element(t, tag.StationName, "CT1"),
		element(t, tag.PatientName, "Invented^Ida"),
		element(t, tag.PatientID, "INVENTED-1"),
		element(t, tag.StudyInstanceUID, studyUID),
		element(t, tag.SeriesInstanceUID, series),
	}}); err != nil {
		t.Fatalf("write an image: %v", err)
	}
	all := make([][]byte, n)
	for i := range all {
		all[i] = bytes.ReplaceAll(file.Bytes(), []byte(instance), []byte(instance[:30]+fmt.Sprintf("%05d", i)))
	}
	return all
}
