package main

import (
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/config"
	"github.com/dosegate/dosegate/plugin/orthanctest"
)

// The test of the way names the step that fails, and stops there.
func TestTheWayToARegistryNamesWhatFails(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshakes that fail
	srv.StartTLS()
	defer srv.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	write(t, ca, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})))
	stow := strings.Replace(srv.URL, "127.0.0.1", "localhost", 1) + "/studies"
	nobody := net.JoinHostPort("127.0.0.1", strconv.Itoa(orthanctest.FreePort(t)))

	for what, c := range map[string]struct {
		registry config.Registry
		fails    string
		words    string
	}{
		"an unknown name":         {config.Registry{STOW: "https://registry..invalid/studies"}, "Name (DNS)", "registry..invalid cannot be resolved"},
		"nobody there":            {config.Registry{STOW: "https://" + nobody + "/studies"}, "Connection", "nothing answers at " + nobody},
		"nobody vouches for it":   {config.Registry{STOW: srv.URL + "/studies"}, "Certificate (TLS)", "no secure connection"},
		"another name":            {config.Registry{STOW: stow, CAFile: ca}, "Certificate (TLS)", "no secure connection"},
		"no such ca_file":         {config.Registry{STOW: stow, CAFile: ca + "x"}, "Address", "read ca_file"},
		"our login is wrong":      {config.Registry{STOW: srv.URL + "/studies", CAFile: ca}, "Login and STOW-RS", ""},
		"the proxy is not there":  {config.Registry{STOW: stow, Proxy: "http://" + nobody}, "Connection", "nothing answers at " + nobody},
		"the proxy has no name":   {config.Registry{STOW: stow, Proxy: "http://proxy..invalid:3128"}, "Name (DNS)", "proxy..invalid cannot be resolved"},
		"a folder that is not":    {config.Registry{Folder: ca + "/none"}, "Answer of folder", ""},
		"an address that is none": {config.Registry{STOW: "https://[registry/studies"}, "Address", "read the address"},
	} {
		c.registry.Name = "dir"
		found := wayTo(t.Context(), c.registry, nil)
		last := found[len(found)-1]
		if last.Well || last.Step != c.fails || !strings.Contains(last.Words, c.words) {
			t.Errorf("%s: %+v", what, found)
		}
		for _, step := range found[:len(found)-1] {
			if !step.Well {
				t.Errorf("%s goes on after %+v", what, step)
			}
		}
	}
}
