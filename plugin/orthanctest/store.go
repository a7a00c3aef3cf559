package orthanctest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// Do makes a request to the REST API and returns status and body, whatever the
// status.
func (o *Orthanc) Do(t testing.TB, method, path string, body []byte) (int, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, o.URL+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(Username, o.Password)
	resp, err := (&http.Client{Timeout: deadline}).Do(req)
	if err != nil {
		t.Fatalf("ask Orthanc: %v", err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("read Orthanc's answer: %v", err)
	}
	return resp.StatusCode, answer
}

// Must is Do, failing the test unless the status is 200.
func (o *Orthanc) Must(t testing.TB, method, path string, body []byte) []byte {
	t.Helper()
	status, answer := o.Do(t, method, path, body)
	if status != http.StatusOK {
		t.Fatalf("%s %s: status %d: %s", method, path, status, answer)
	}
	return answer
}

// GetJSON reads a JSON answer into v.
func (o *Orthanc) GetJSON(t testing.TB, path string, v any) {
	t.Helper()
	answer := o.Must(t, http.MethodGet, path, nil)
	if err := json.Unmarshal(answer, v); err != nil {
		t.Fatalf("GET %s: %v in %q", path, err, answer)
	}
}

// Instances lists the Orthanc IDs of all that is stored.
func (o *Orthanc) Instances(t testing.TB) []string {
	t.Helper()
	var ids []string
	o.GetJSON(t, "/instances", &ids)
	return ids
}

// Store stores DICOM files over the REST API and returns their Orthanc IDs.
func (o *Orthanc) Store(t testing.TB, files ...[]byte) []string {
	t.Helper()
	ids := make([]string, 0, len(files))
	for _, file := range files {
		var stored struct{ ID string }
		answer := o.Must(t, http.MethodPost, "/instances", file)
		if err := json.Unmarshal(answer, &stored); err != nil {
			t.Fatalf("store: %v in %q", err, answer)
		}
		ids = append(ids, stored.ID)
	}
	return ids
}

// StoreSCU stores DICOM files by C-STORE, as a scanner with the given AE title.
func (o *Orthanc) StoreSCU(t testing.TB, aet string, files ...[]byte) {
	t.Helper()
	scu, err := exec.LookPath("storescu")
	if err != nil {
		t.Fatal("storescu is not installed (Debian's package dcmtk): run ./scripts/test")
	}
	for i, file := range files {
		path := filepath.Join(t.TempDir(), fmt.Sprintf("%d.dcm", i))
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		args := []string{"-aet", aet, "-aec", o.AET, "--required", "-to", strconv.Itoa(int(deadline / time.Second))}
		args = append(args, proposal(file)...)
		args = append(args, "127.0.0.1", strconv.Itoa(o.DICOMPort), path)
		if out, err := exec.CommandContext(t.Context(), scu, args...).CombinedOutput(); err != nil {
			t.Fatalf("storescu: %v\n%s", err, out)
		}
	}
}

// proposal has storescu offer the file's own transfer syntax first, since it
// would rather convert than send what it has.
func proposal(file []byte) []string {
	meta := file[:min(len(file), 1024)]
	switch {
	case bytes.Contains(meta, []byte("1.2.840.10008.1.2.1.99")):
		return []string{"--propose-deflated"}
	case bytes.Contains(meta, []byte("1.2.840.10008.1.2.2\x00")):
		return []string{"--propose-big"}
	case bytes.Contains(meta, []byte("1.2.840.10008.1.2.1\x00")):
		return []string{"--propose-little"}
	default:
		return []string{"--propose-implicit"}
	}
}
