package orthanc

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/orthanctest"
)

func TestOrthancKnowsWhoSentAReport(t *testing.T) {
	t.Parallel()
	o, c := gateway(t, nil)
	uid := orthanctest.NewUID()
	o.StoreSCU(t, "CT1", orthanctest.DoseReport(t, orthanctest.Report{SOPInstanceUID: uid}))
	id := o.Instances(t)[0]
	received, err := c.Received(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if received.SOPClassUID != orthanctest.XRayRadiationDoseSR || received.TransferSyntax != "1.2.840.10008.1.2.1" ||
		received.RemoteAET != "CT1" || received.CalledAET != "DOSEGATE" || received.Origin != "DicomProtocol" || received.ReceptionDate.IsZero() {
		t.Errorf("received: %+v", received)
	}
	// storescu encodes anew, so the bytes are not those that were sent.
	file, err := c.File(t.Context(), id, 1<<20)
	if err != nil || !bytes.Contains(file, []byte(uid)) {
		t.Errorf("the file is not the one that was sent (%v)", err)
	}
}

func TestRealReportIsReadByteForByte(t *testing.T) {
	t.Parallel()
	sent, err := os.ReadFile(orthanctest.Corpus(t, "openrem_themorlan/RF-RDSR-Philips_Allura.dcm"))
	if err != nil {
		t.Fatal(err)
	}
	o, c := gateway(t, nil)
	id := o.Store(t, sent)[0]
	file, err := c.File(t.Context(), id, int64(len(sent)))
	if err != nil || !bytes.Equal(file, sent) {
		t.Errorf("read %d bytes of %d, or other ones (%v)", len(file), len(sent), err)
	}
	if _, err := c.File(t.Context(), id, int64(len(sent))-1); !errors.Is(err, errTooLarge) {
		t.Errorf("a file longer than allowed: %v", err)
	}
}

func TestSeriesKnowsItsStation(t *testing.T) {
	t.Parallel()
	o, c := gateway(t, nil)
	id := o.Store(t, orthanctest.DoseReport(t, orthanctest.Report{StationName: "CT7"}))[0]
	series, err := c.SeriesOf(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Series(t.Context(), series)
	if want := (Series{Modality: "SR", Manufacturer: "Invented Devices", StationName: "CT7"}); err != nil || got != want {
		t.Errorf("series: %+v, %v", got, err)
	}
}

func TestMarksShowInOrthanc(t *testing.T) {
	t.Parallel()
	o, c := gateway(t, nil)
	id := o.Store(t, orthanctest.DoseReport(t, orthanctest.Report{}))[0]
	reason := `station "CT9" is not configured; 2 µGy & more?`
	for number, value := range map[int]string{4801: "held", 4802: reason, 4803: ""} {
		if err := c.SetMetadata(t.Context(), id, number, value); err != nil {
			t.Fatal(err)
		}
	}
	var shown map[string]string
	o.GetJSON(t, "/instances/"+id+"/metadata?expand", &shown)
	if shown["DosegateState"] != "held" || shown["DosegateReason"] != reason || shown["DosegateUntil"] != "" {
		t.Errorf("shown: %v", shown)
	}
	if received, err := c.Received(t.Context(), id); err != nil || received.SOPClassUID == "" {
		t.Errorf("a marked instance is read as %+v, %v", received, err)
	}
}

func TestLabelsGoOnTheStudyWhereThereAreLabels(t *testing.T) {
	t.Parallel()
	o, c := gateway(t, nil)
	id := o.Store(t, orthanctest.DoseReport(t, orthanctest.Report{}))[0]
	studyID, err := c.StudyOf(t.Context(), id)
	if err != nil || studyID == "" {
		t.Fatalf("study of the instance: %q, %v", studyID, err)
	}
	system, err := c.System(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !system.HasLabels {
		if err := c.AddLabel(t.Context(), studyID, "dose-held"); !errors.Is(err, ErrNotFound) {
			t.Errorf("label in an Orthanc without: %v", err)
		}
		t.Skipf("Orthanc %s has no labels", system.Version)
	}
	for range 2 { // putting and taking twice is no error
		if err := c.AddLabel(t.Context(), studyID, "dose-held"); err != nil {
			t.Fatal(err)
		}
	}
	if labels, err := c.Labels(t.Context(), studyID); err != nil || strings.Join(labels, " ") != "dose-held" {
		t.Errorf("labels: %v, %v", labels, err)
	}
	for range 2 {
		if err := c.RemoveLabel(t.Context(), studyID, "dose-held"); err != nil {
			t.Fatal(err)
		}
	}
}

// ask is every call about one instance.
func ask(t *testing.T, c *Client, id string) map[string]error {
	t.Helper()
	_, received := c.Received(t.Context(), id)
	_, file := c.File(t.Context(), id, 1<<20)
	_, study := c.StudyOf(t.Context(), id)
	_, series := c.SeriesOf(t.Context(), id)
	return map[string]error{
		"received": received, "file": file, "study": study, "series": series,
		"mark": c.SetMetadata(t.Context(), id, 4801, "held"), "delete": c.DeleteInstance(t.Context(), id),
	}
}

func TestDeletedInstanceIsNotFound(t *testing.T) {
	t.Parallel()
	for name, overlay := range map[string]map[string]any{
		"described":     nil,
		"not described": {"HttpDescribeErrors": false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, c := gateway(t, overlay)
			id := o.Store(t, orthanctest.DoseReport(t, orthanctest.Report{}))[0]
			if err := c.DeleteInstance(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			for call, err := range ask(t, c, id) {
				if !errors.Is(err, ErrNotFound) {
					t.Errorf("%s: %v", call, err)
				}
			}
		})
	}
}
