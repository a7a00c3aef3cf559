package registry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/orthanctest"
	"github.com/dosegate/dosegate/plugin/processtest"
	"github.com/dosegate/dosegate/plugin/sshtest"
)

// served is a registry of some kind, reached through a cable, and what it has.
type served struct {
	registry Registry
	cable    *cable
	// visible are the files that somebody would find there who looks now.
	visible func(t *testing.T) [][]byte
	// recoded: a DICOM node writes what it took in a way of its own.
	recoded bool
}

// kinds are all kinds of registries, each with a real server.
var kinds = map[string]func(*testing.T) served{
	"stow": serveSTOW, "stow, several in a request": serveSTOWTogether, "sftp": serveSFTP, "folder": serveFolder, "dimse": serveDIMSE, "orthanc_peer": servePeer,
}

func eachKind(t *testing.T, test func(*testing.T, served)) {
	for name, start := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, start(t))
		})
	}
}

func serveSTOW(t *testing.T) served         { return serveSTOWOf(t, 1) }
func serveSTOWTogether(t *testing.T) served { return serveSTOWOf(t, 16) }

func serveSTOWOf(t *testing.T, perRequest int) served {
	o := orthanctest.Start(t, orthanctest.Options{Config: "registry.json"})
	c := newCable(t, strings.TrimPrefix(o.URL, "http://"))
	r := mustSTOW(t, STOWOptions{URL: "http://" + c.address + "/dicom-web/studies", Username: orthanctest.Username, Password: o.Password, PerRequest: perRequest})
	return served{registry: r, cable: c, visible: instancesOf(o)}
}

func serveSFTP(t *testing.T) served {
	s := sshtest.Start(t)
	c := newCable(t, s.Address)
	s.Address = c.address
	return served{registry: mustSFTP(t, sftpOptions(s)), cable: c, visible: filesOf(s.Folder)}
}

func serveFolder(t *testing.T) served {
	dir := t.TempDir()
	r, err := NewFolder(FolderOptions{Name: "dir", Dir: dir})
	must(t, err)
	return served{registry: r, visible: filesOf(dir)}
}

// serveDIMSE sends through an Orthanc to the storescp of dcmtk.
func serveDIMSE(t *testing.T) served {
	dir, port := t.TempDir(), orthanctest.FreePort(t)
	p, err := processtest.Start(processtest.Options{LogFile: filepath.Join(t.TempDir(), "log")}, "storescp", "+xa", "-od", dir, fmt.Sprint(port))
	must(t, err)
	t.Cleanup(func() { p.End(os.Interrupt) })
	waitFor(t, fmt.Sprintf("127.0.0.1:%d", port))
	c := newCable(t, fmt.Sprintf("127.0.0.1:%d", port))
	_, cablePort, err := net.SplitHostPort(c.address)
	must(t, err)
	via := through(t, map[string]any{"DicomModalities": map[string]any{"dir": map[string]any{"AET": "DIR", "Host": "127.0.0.1", "Port": json.Number(cablePort)}}}, "modalities")
	return served{registry: NewForward(ForwardOptions{Name: "dir", Via: via}), cable: c, visible: filesOf(dir), recoded: true}
}

func servePeer(t *testing.T) served {
	o := orthanctest.Start(t, orthanctest.Options{Config: "registry.json"})
	c := newCable(t, strings.TrimPrefix(o.URL, "http://"))
	via := through(t, map[string]any{"OrthancPeers": map[string]any{"dir": []string{"http://" + c.address + "/", orthanctest.Username, o.Password}}}, "peers")
	return served{registry: NewForward(ForwardOptions{Name: "dir", Via: via}), cable: c, visible: instancesOf(o)}
}

// orthancPlace is a [Forwarder] over a real Orthanc's REST API, in a few lines
// of the test's own; the one that dosegate has is tested with Orthanc's client.
type orthancPlace struct {
	o    *orthanctest.Orthanc
	path string
}

func through(t *testing.T, overlay map[string]any, list string) orthancPlace {
	return orthancPlace{orthanctest.Start(t, orthanctest.Options{Config: "gateway.json", Overlay: overlay}), "/" + list + "/dir"}
}

func (p orthancPlace) Forward(ctx context.Context, file []byte) error {
	return p.post(ctx, "/store-straight", file)
}

func (p orthancPlace) Reach(ctx context.Context) error {
	if strings.HasPrefix(p.path, "/peers") {
		return p.ask(ctx, http.MethodGet, "/system", nil)
	}
	return p.post(ctx, "/echo", []byte("{}"))
}

func (p orthancPlace) Address(context.Context) (string, error) { return "127.0.0.1", nil }

func (p orthancPlace) post(ctx context.Context, path string, body []byte) error {
	return p.ask(ctx, http.MethodPost, path, body)
}

func (p orthancPlace) ask(ctx context.Context, method, path string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, method, p.o.URL+p.path+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.SetBasicAuth(orthanctest.Username, p.o.Password)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		e := &ForwardError{Unknown: resp.StatusCode == http.StatusNotFound}
		_, number, _ := strings.Cut(string(answer), "DIMSE status 0x")
		_, _ = fmt.Sscanf(number, "%4X", &e.Status)
		return e
	}
	return err
}

func instancesOf(o *orthanctest.Orthanc) func(*testing.T) [][]byte {
	return func(t *testing.T) (all [][]byte) {
		for _, id := range o.Instances(t) {
			all = append(all, o.Must(t, http.MethodGet, "/instances/"+id+"/file", nil))
		}
		return all
	}
}

// filesOf are the files of a folder, without those whose names begin with a dot
// and without the manifest.
func filesOf(dir string) func(*testing.T) [][]byte {
	return func(t *testing.T) (all [][]byte) {
		entries, err := os.ReadDir(dir)
		must(t, err)
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), ".") || e.Name() == Manifest {
				continue
			}
			file, err := os.ReadFile(filepath.Join(dir, e.Name()))
			if !errors.Is(err, os.ErrNotExist) {
				must(t, err)
				all = append(all, file)
			}
		}
		return all
	}
}
