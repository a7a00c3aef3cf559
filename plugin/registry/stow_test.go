package registry

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/orthanctest"
	"github.com/suyashkumar/dicom"
	"github.com/suyashkumar/dicom/pkg/tag"
)

// marker stands for a patient's name. The fakes put it into every answer, and no
// error or receipt may hold it.
const marker = "Invented^Ida"

// home is a registry that the conformance tests run against.
type home struct {
	registry Registry
	stored   func() int // how many objects it has
}

func realHome(t *testing.T) home {
	t.Helper()
	o := orthanctest.Start(t, orthanctest.Options{Config: "registry.json"})
	r := mustSTOW(t, STOWOptions{URL: o.URL + "/dicom-web/studies", Username: orthanctest.Username, Password: o.Password})
	return home{r, func() int { return len(o.Instances(t)) }}
}

func fakeHome(t *testing.T) home {
	t.Helper()
	objects := map[string]bool{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		uids, bad := receive(t, r)
		for _, uid := range uids {
			objects[uid] = true
		}
		if bad {
			w.WriteHeader(http.StatusBadRequest)
		}
		writeResponse(w, strings.Join(uids, ""))
	}))
	t.Cleanup(srv.Close)
	return home{mustSTOW(t, STOWOptions{URL: srv.URL}), func() int { return len(objects) }}
}

func writeResponse(w io.Writer, uid string) {
	referenced := ""
	if uid != "" {
		referenced = jsonItem(uid, "")
	}
	_, _ = io.WriteString(w, jsonResponse(referenced, ""))
}

// receive reads a request as a registry would, with code that is not ours.
func receive(t *testing.T, r *http.Request) (uids []string, bad bool) {
	mediaType, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || mediaType != "multipart/related" || params["type"] != "application/dicom" {
		t.Errorf("content type %q: %v", r.Header.Get("Content-Type"), err)
	}
	parts := multipart.NewReader(r.Body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if err != nil {
			return uids, bad
		}
		if got := part.Header.Get("Content-Type"); got != "application/dicom" {
			t.Errorf("content type of the part is %q", got)
		}
		file, err := io.ReadAll(part)
		if err != nil {
			t.Errorf("read the part: %v", err)
		}
		ds, err := dicom.Parse(bytes.NewReader(file), int64(len(file)), nil)
		if err != nil {
			bad = true
			continue
		}
		e, err := ds.FindElementByTag(tag.SOPInstanceUID)
		if err != nil {
			bad = true
			continue
		}
		uids = append(uids, dicom.MustGetStrings(e.Value)[0])
	}
}

func mustSTOW(t *testing.T, o STOWOptions) *STOW {
	t.Helper()
	o.Name, o.Timeout = "dir", 20*time.Second
	r, err := NewSTOW(o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// eachHome runs a test against the real registry and against the fake, which
// else could be one that only we understand.
func eachHome(t *testing.T, test func(*testing.T, home)) {
	for name, start := range map[string]func(*testing.T) home{"orthanc": realHome, "fake": fakeHome} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, start(t))
		})
	}
}

func doseReport(t *testing.T) Object {
	t.Helper()
	o := Object{SOPClassUID: orthanctest.XRayRadiationDoseSR, SOPInstanceUID: orthanctest.NewUID(), StudyInstanceUID: orthanctest.NewUID()}
	o.File = orthanctest.DoseReport(t, orthanctest.Report{SOPInstanceUID: o.SOPInstanceUID, StudyInstanceUID: o.StudyInstanceUID, PatientName: marker})
	return o
}

// mustFail checks kind and silence of an error, and returns it.
func mustFail(t *testing.T, err error, kind Kind) *Error {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("got %v, want a delivery that is %s", err, kind)
	}
	if e.Kind != kind {
		t.Errorf("%q is %s, want %s", e, e.Kind, kind)
	}
	if !strings.HasPrefix(e.Error(), "registry dir: ") {
		t.Errorf("%q does not name the registry", e)
	}
	for _, word := range []string{marker, "Ida", "http", "127.0.0.1", "localhost", "secret"} {
		if strings.Contains(e.Error(), word) {
			t.Errorf("%q says %q", e, word)
		}
	}
	return e
}

func TestReportArrivesOnceHoweverOftenItIsSent(t *testing.T) {
	t.Parallel()
	eachHome(t, func(t *testing.T, h home) {
		o := doseReport(t)
		for range 3 {
			receipt, err := h.registry.Send(t.Context(), o)
			if want := (Receipt{Status: 200, Count: 1}); err != nil || receipt != want {
				t.Fatalf("receipt %+v, %v", receipt, err)
			}
		}
		if got := h.stored(); got != 1 {
			t.Errorf("the registry has %d objects", got)
		}
	})
}

func TestGarbageIsRejected(t *testing.T) {
	t.Parallel()
	eachHome(t, func(t *testing.T, h home) {
		o := doseReport(t)
		o.File = []byte("this is no DICOM file")
		receipt, err := h.registry.Send(t.Context(), o)
		e := mustFail(t, err, Rejected)
		if receipt.Status != 400 || e.Receipt != receipt {
			t.Errorf("receipt %+v, in the error %+v", receipt, e.Receipt)
		}
	})
}

func TestAnswerAboutAnotherObjectIsNoReceipt(t *testing.T) {
	t.Parallel()
	eachHome(t, func(t *testing.T, h home) {
		o := doseReport(t)
		o.SOPInstanceUID = orthanctest.NewUID() // the file says another
		_, err := h.registry.Send(t.Context(), o)
		mustFail(t, err, Transient)
		o.SOPInstanceUID = ""
		_, err = h.registry.Send(t.Context(), o)
		mustFail(t, err, Transient)
	})
}

func TestCheckIsHeardAndStoresNothing(t *testing.T) {
	t.Parallel()
	eachHome(t, func(t *testing.T, h home) {
		if err := h.registry.Check(t.Context()); err != nil {
			t.Error(err)
		}
		if got := h.stored(); got != 0 {
			t.Errorf("the registry has %d objects", got)
		}
	})
}

// The registry keeps the old object and says 200: no receipt can tell. This is
// why other bytes never go out under a UID that was used.
func TestOtherBytesUnderTheSameUIDGoUnnoticed(t *testing.T) {
	t.Parallel()
	h := realHome(t)
	o := doseReport(t)
	first, err := h.registry.Send(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	o.File = orthanctest.DoseReport(t, orthanctest.Report{SOPInstanceUID: o.SOPInstanceUID, StudyInstanceUID: o.StudyInstanceUID, DoseLengthProduct: "777.7"})
	second, err := h.registry.Send(t.Context(), o)
	if err != nil || first != second {
		t.Errorf("receipts %+v and %+v, %v", first, second, err)
	}
}

func TestWrongPasswordOrPathOfARealRegistry(t *testing.T) {
	t.Parallel()
	o := orthanctest.Start(t, orthanctest.Options{Config: "registry.json"})
	for name, c := range map[string]struct {
		path, password string
		kind           Kind
	}{
		"password": {"/dicom-web/studies", "secret", Paused},
		"path":     {"/dicom-web/study", o.Password, Paused},
	} {
		r := mustSTOW(t, STOWOptions{URL: o.URL + c.path, Username: orthanctest.Username, Password: c.password})
		_, err := r.Send(t.Context(), doseReport(t))
		mustFail(t, err, c.kind)
		mustFail(t, r.Check(t.Context()), c.kind)
		if got := len(o.Instances(t)); got != 0 {
			t.Errorf("%s: the registry has %d objects", name, got)
		}
	}
}

// A registry whose disk is full answers 200 and names no object: the status
// alone would have been taken for a receipt.
func TestRealRegistryThatCannotStoreIsTransient(t *testing.T) {
	t.Parallel()
	o := orthanctest.Start(t, orthanctest.Options{Config: "registry.json"})
	r := mustSTOW(t, STOWOptions{URL: o.URL + "/dicom-web/studies", Username: orthanctest.Username, Password: o.Password})
	for i := range 256 { // files where Orthanc wants to make its folders
		if err := os.WriteFile(filepath.Join(o.Storage, fmt.Sprintf("%02x", i)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	receipt, err := r.Send(t.Context(), doseReport(t))
	mustFail(t, err, Transient)
	if got := o.Instances(t); len(got) != 0 {
		t.Errorf("it has stored %v, so nothing was shown", got)
	}
	t.Logf("it answers %+v", receipt)
}

func TestEveryRealReportArrives(t *testing.T) {
	t.Parallel()
	h := realHome(t)
	sent := 0
	for _, name := range []string{"CT-RDSR-GEPixelMed", "RF-RDSR-Philips_Allura", "MG-RDSR-Hologic_2D", "NM-RRDSR-Siemens", "CT-ESR-GE_Optima"} {
		file, err := os.ReadFile(orthanctest.Corpus(t, "openrem_themorlan/"+name+".dcm"))
		if err != nil {
			t.Fatal(err)
		}
		ds, err := dicom.Parse(bytes.NewReader(file), int64(len(file)), nil)
		if err != nil {
			t.Fatal(err)
		}
		e, err := ds.FindElementByTag(tag.SOPInstanceUID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.registry.Send(t.Context(), Object{SOPInstanceUID: dicom.MustGetStrings(e.Value)[0], File: file}); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		sent++
	}
	if got := h.stored(); got != sent {
		t.Errorf("sent %d, the registry has %d", sent, got)
	}
}
