package orthanctest

import (
	"bytes"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/suyashkumar/dicom"
	"github.com/suyashkumar/dicom/pkg/tag"
)

func TestStoredReportOutlivesStopAndKill(t *testing.T) {
	t.Parallel()
	o := Start(t, Options{Config: "gateway.json"})
	stored := o.Store(t, DoseReport(t, Report{}))
	o.Stop(t)
	o.Restart(t)
	o.Kill(t)
	o.Restart(t)
	if got := o.Instances(t); len(got) != 1 || got[0] != stored[0] {
		t.Fatalf("stored %v, found %v after a stop and a kill", stored, got)
	}
}

func TestStoppedOrthancFreesItsPorts(t *testing.T) {
	t.Parallel()
	o := Start(t, Options{})
	o.Stop(t)
	for _, port := range []int{o.HTTPPort, o.DICOMPort} {
		conn, err := net.Dial("tcp", "127.0.0.1:"+strconv.Itoa(port))
		if err == nil {
			conn.Close()
			t.Errorf("port %d still answers", port)
		}
	}
}

// Enhanced and Comprehensive SR too: older scanners send their dose in those.
func TestShippedGatewayTakesEveryClassOfDoseReport(t *testing.T) {
	t.Parallel()
	o := Start(t, Options{Config: "gateway.json"})
	classes := []string{"22", "33", "34", "67", "68", "76"}
	for _, class := range classes {
		o.StoreSCU(t, "CT1", DoseReport(t, Report{SOPClassUID: strings.TrimSuffix(XRayRadiationDoseSR, "67") + class}))
	}
	ids := o.Instances(t)
	if len(ids) != len(classes) {
		t.Fatalf("stored %d reports, found %d", len(classes), len(ids))
	}
	if got := string(o.Must(t, "GET", "/instances/"+ids[0]+"/metadata/RemoteAET", nil)); got != "CT1" {
		t.Errorf("sent as CT1, received from %q", got)
	}
}

func TestShippedConfigurationsHaveOnlyKeysThatOrthancKnows(t *testing.T) {
	requireOrthanc(t)
	sample, err := exec.Command(orthancPath(), "--config=-").Output()
	if err != nil {
		t.Fatalf("ask Orthanc for its sample configuration: %v", err)
	}
	for _, name := range []string{"gateway.json", "archive.json", "registry.json"} {
		for key := range Shipped(t, name) {
			// The plugin's section is the plugin's; see the registry's tests.
			if key != "DicomWeb" && !bytes.Contains(sample, []byte(`"`+key+`" :`)) {
				t.Errorf("orthanc-config/%s: Orthanc has no key %s", name, key)
			}
		}
	}
}

func TestOverlayWinsOverTheShippedFile(t *testing.T) {
	t.Parallel()
	o := Start(t, Options{Config: "gateway.json", Overlay: map[string]any{"OverwriteInstances": true}})
	r := Report{SOPInstanceUID: NewUID(), StudyInstanceUID: NewUID(), SeriesInstanceUID: NewUID()}
	o.Store(t, DoseReport(t, r))
	r.DoseLengthProduct = "777.7"
	id := o.Store(t, DoseReport(t, r))[0]
	if file := o.Must(t, "GET", "/instances/"+id+"/file", nil); !bytes.Contains(file, []byte("777.7")) {
		t.Error("OverwriteInstances was not in force")
	}
}

func TestRegistryHasDICOMweb(t *testing.T) {
	t.Parallel()
	o := Start(t, Options{Config: "registry.json"})
	if got := string(o.Must(t, "GET", "/dicom-web/studies", nil)); strings.TrimSpace(got) != "[]" {
		t.Errorf("an empty registry lists %q", got)
	}
}

func TestDoseReportReadsBack(t *testing.T) {
	file := DoseReport(t, Report{StationName: "CT7"})
	ds, err := dicom.Parse(bytes.NewReader(file), int64(len(file)), nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := ds.FindElementByTag(tag.StationName)
	if err != nil || dicom.MustGetStrings(e.Value)[0] != "CT7" {
		t.Errorf("station name: %v, %v", e, err)
	}
}

func TestCommentsAreToldFromText(t *testing.T) {
	in := "{ // \"a\"\n\"u\" : \"http://x\", /* \"b\"\n */ \"q\" : \"\\\"//\" }"
	want := "{  \n\"u\" : \"http://x\",   \"q\" : \"\\\"//\" }"
	if got := string(withoutComments([]byte(in))); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
