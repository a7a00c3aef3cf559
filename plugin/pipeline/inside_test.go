package pipeline_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/dicomtest"
	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanc"
	"github.com/dosegate/dosegate/plugin/orthanctest"
	"github.com/dosegate/dosegate/plugin/pipeline"
	"github.com/dosegate/dosegate/plugin/registry"
	"github.com/dosegate/dosegate/plugin/sshtest"
)

// rdim adds a real Orthanc in the house that gets reports as they are.
func (w *world) rdim() *orthanctest.Orthanc {
	o := orthanctest.Start(w.t, orthanctest.Options{Config: "registry.json"})
	to, err := registry.NewSTOW(registry.STOWOptions{Name: "rdim", URL: o.URL + "/dicom-web/studies", Inside: true,
		Username: orthanctest.Username, Password: o.Password})
	must(w.t, err)
	w.others = append(w.others, other{to, pipeline.Preparation{PassThrough: true}})
	return o
}

// sums are the digests of the files that an Orthanc has.
func sums(t *testing.T, o *orthanctest.Orthanc) (all [][sha256.Size]byte) {
	for _, id := range o.Instances(t) {
		all = append(all, sha256.Sum256(o.Must(t, http.MethodGet, "/instances/"+id+"/file", nil)))
	}
	slices.SortFunc(all, func(a, b [sha256.Size]byte) int { return bytes.Compare(a[:], b[:]) })
	return all
}

// asItIs adds a registry in the house that gets reports as they are.
func (w *world) asItIs(to registry.Registry, err error) {
	must(w.t, err)
	w.others = append(w.others, other{to, pipeline.Preparation{PassThrough: true}})
}

// forwarder is a modality of a real Orthanc.
type forwarder struct{ *orthanc.Destination }

func (f forwarder) Forward(ctx context.Context, file []byte) error { return f.Send(ctx, file) }
func (f forwarder) Address(ctx context.Context) (string, error)    { return f.Host(ctx) }

// node adds a real Orthanc that the gateway sends to by C-STORE.
func (w *world) node() *orthanctest.Orthanc {
	o := orthanctest.Start(w.t, orthanctest.Options{Config: "archive.json"})
	w.gateway.Must(w.t, http.MethodPut, "/modalities/node", fmt.Appendf(nil, `{"AET": "NODE", "Host": "127.0.0.1", "Port": %d}`, o.DICOMPort))
	client, err := orthanc.New(orthanc.Options{Name: "main", URL: w.gateway.URL, Username: orthanctest.Username, Password: w.gateway.Password})
	must(w.t, err)
	w.asItIs(registry.NewForward(registry.ForwardOptions{Name: "node", Inside: true, Via: forwarder{client.Modality("node")}}), nil)
	return o
}

// The mission's second figure: registry and RDIM in parallel. The RDIM gets what
// Orthanc has of every report: the very bytes by STOW-RS, by SFTP and into a folder,
// and by C-STORE the same elements.
func TestAnRDIMGetsEveryReportAsItIsBesideTheRegistry(t *testing.T) {
	w := newWorld(t, nil)
	rdim, node, dir, server := w.rdim(), w.node(), t.TempDir(), sshtest.Start(t)
	folder, err := registry.NewFolder(registry.FolderOptions{Name: "folder", Dir: dir})
	w.asItIs(folder, err)
	sftp, err := registry.NewSFTP(registry.SFTPOptions{Name: "sftp", Address: "sftp://" + server.Address + server.Folder, Username: server.User,
		PrivateKey: server.PrivateKey, HostKey: server.HostKey, Inside: true})
	w.asItIs(sftp, err)
	w.stations("stations:\n  - aet: SCANNER\n    registries: [dir, rdim, node, folder, sftp]\n")
	all := os.Getenv("DOSEGATE_TEST_EVERY_REPORT") != ""
	for path, file := range doseReports(t) {
		if !all && filepath.Base(path)[0]%8 != 2 { // some of them, in a usual run
			continue
		}
		w.gateway.StoreSCU(t, "SCANNER", file)
	}
	w.start()
	w.eventually("every report is everywhere", func() bool {
		return !slices.ContainsFunc(w.rows(), func(r ledger.Row) bool { return r.State != "delivered" }) && len(w.rows()) >= 5*len(w.gateway.Instances(t))
	})
	want := sums(t, w.gateway)
	if got := sums(t, rdim); !slices.Equal(got, want) {
		t.Errorf("the RDIM has %d files, %d of them the gateway's", len(got), same(got, want))
	}
	for _, folder := range []string{dir, server.Folder} {
		if got := sumsIn(t, folder); same(got, want) != len(want) || len(got) != len(want) {
			t.Errorf("the folder %s has %d files, %d of them the gateway's", filepath.Base(folder), len(got), same(got, want))
		}
	}
	w.mustHaveTheSameElements(node)
	w.mustHaveArrived(len(want)) // de-identified, under derived UIDs
	for _, r := range w.rows() {
		if r.Delivery.SentSOPInstanceUID != r.Report.SOPInstance {
			t.Errorf("the ledger has the UID %s of a report to %s", r.Delivery.SentSOPInstanceUID, r.Delivery.Registry)
		}
	}
}

// sumsIn are the digests of the files in a folder.
func sumsIn(t *testing.T, folder string) (all [][sha256.Size]byte) {
	entries, err := filepath.Glob(filepath.Join(folder, "*.dcm"))
	must(t, err)
	for _, name := range entries {
		file, err := os.ReadFile(name)
		must(t, err)
		all = append(all, sha256.Sum256(file))
	}
	return all
}

// mustHaveTheSameElements compares what another Orthanc has with the gateway, by
// pydicom: the values of all elements, at every depth.
func (w *world) mustHaveTheSameElements(o *orthanctest.Orthanc) {
	t, dir := w.t, w.t.TempDir()
	var paths []string
	ids := w.gateway.Instances(t)
	for _, id := range ids { // an Orthanc ID derives from the report, so it is the same in both
		for _, from := range []*orthanctest.Orthanc{w.gateway, o} {
			path := filepath.Join(dir, fmt.Sprintf("%s-%d", id, len(paths)%2))
			must(t, os.WriteFile(path, from.Must(t, http.MethodGet, "/instances/"+id+"/file", nil), 0o600))
			paths = append(paths, path)
		}
	}
	read, elements := dicomtest.Pydicom(t, paths...), 0
	for i := 0; i < len(paths); i += 2 {
		before, after := read[paths[i]], read[paths[i+1]]
		elements += len(before.Texts)
		if len(before.Texts) == 0 || !slices.Equal(before.Texts, after.Texts) {
			t.Errorf("by C-STORE report %s has %d elements, and %d others than it had", ids[i/2], len(before.Texts), len(after.Texts))
		}
	}
	t.Logf("%d reports, %d elements: by C-STORE all the same", len(ids), elements)
}

func same(a, b [][sha256.Size]byte) (n int) {
	for _, sum := range a {
		if slices.Contains(b, sum) {
			n++
		}
	}
	return n
}

// What is in the house gets nothing that no route and no station sends there.
func TestAnRDIMGetsNothingThatIsNotSentToItByName(t *testing.T) {
	w := newWorld(t, nil)
	rdim := w.rdim()
	w.stations("stations:\n  - name: CT1\n  - name: CT2\n")
	w.routes = []filter.Route{{SenderAET: "RDIM-WANTED", Registries: []string{"dir", "rdim"}}}
	w.gateway.StoreSCU(t, "SCANNER", w.report("CT1"))
	w.start()
	w.eventuallyStates("CT1 delivered station_configured")
	w.gateway.StoreSCU(t, "RDIM-WANTED", w.report("CT2"))
	w.eventuallyStates("CT1 delivered station_configured", "CT2 delivered station_configured", "CT2 delivered station_configured")
	if got := len(rdim.Instances(t)); got != 1 {
		t.Errorf("the RDIM has %d reports, want the one that a route sends it", got)
	}
	w.mustHaveArrived(2)
}

// An RDIM that is down, refuses, and says the patient's name keeps nothing from
// the registry, and leaves no trace of what it says.
func TestAnRDIMThatFailsHoldsUpNobodyAndItsWordsStayOut(t *testing.T) {
	const name = "Invented^Marker^Rdim"
	w := newWorld(t, nil)
	says := http.StatusServiceUnavailable
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if !bytes.Contains(body, []byte(name)) {
			t.Error("it did not get the report as it is")
		}
		rw.Header().Set("Warning", name)
		rw.WriteHeader(says)
		_, _ = io.WriteString(rw, "cannot store the report of "+name)
	}))
	defer srv.Close()
	to, err := registry.NewSTOW(registry.STOWOptions{Name: "rdim", URL: srv.URL + "/studies", Inside: true})
	must(t, err)
	w.others = []other{{to, pipeline.Preparation{PassThrough: true}}}
	w.stations("stations:\n  - name: CT1\n    registries: [dir, rdim]\n")
	w.gateway.Store(t, orthanctest.DoseReport(t, orthanctest.Report{StationName: "CT1", PatientName: name}))
	w.start()
	w.eventuallyStates("CT1 delivered station_configured", "CT1 queued station_configured")
	w.stop()
	says = http.StatusConflict
	w.now = func() time.Time { return time.Now().Add(hour) } // past the back-off
	w.start()
	w.eventuallyStates("CT1 delivered station_configured", "CT1 rejected station_configured")
	w.stop()
	for _, file := range []string{"dosegate.db", "dosegate.db-wal"} {
		if content, _ := os.ReadFile(filepath.Join(w.dir, file)); bytes.Contains(content, []byte("Marker")) {
			t.Errorf("%s has a word of the RDIM's", file)
		}
	}
	if bytes.Contains([]byte(w.log.String()), []byte("Marker")) {
		t.Error("the log has a word of the RDIM's")
	}
	w.mustHaveArrived(1)
}
