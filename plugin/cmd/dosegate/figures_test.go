package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/orthanctest"
)

// figure is a house that is configured by one of the samples in orthanc-config/figures,
// with addresses of this test laid over it.
func figure(t *testing.T, sample, stations string) *house {
	t.Helper()
	h := newFullHouse(t)
	config, err := os.ReadFile(filepath.Join("../../../orthanc-config/figures", sample))
	if err != nil {
		t.Fatal(err)
	}
	write(t, h.config, string(config))
	write(t, h.path("orthanc.secret"), h.gateway.Password)
	write(t, h.path("dir.secret"), h.registry.Password)
	h.stations(t, stations)
	t.Setenv("DOSEGATE__ORTHANC__MAIN__URL", h.gateway.URL)
	t.Setenv("DOSEGATE__ORTHANC__MAIN__USERNAME", orthanctest.Username)
	t.Setenv("DOSEGATE__REGISTRIES__DIR__STOW", h.registry.URL+"/dicom-web/studies")
	t.Setenv("DOSEGATE__REGISTRIES__DIR__USERNAME", orthanctest.Username)
	t.Setenv("DOSEGATE__WEB__LISTEN", h.listen)
	return h
}

// routesTo has an Orthanc send to the gateway as a DICOM node does, under the AE
// title that it calls it by.
func (h *house) routesTo(t *testing.T, from *orthanctest.Orthanc, called string, instances ...string) {
	t.Helper()
	from.Must(t, "PUT", "/modalities/gateway", fmt.Appendf(nil, `{"AET": %q, "Host": "127.0.0.1", "Port": %d}`, called, h.gateway.DICOMPort))
	for _, id := range instances {
		from.Must(t, "POST", "/modalities/gateway/store", []byte(id))
	}
}

func (h *house) ctReport(t *testing.T) (orthanctest.Report, []byte) {
	t.Helper()
	r := orthanctest.Report{StationName: "CT1", SOPInstanceUID: orthanctest.NewUID(), StudyInstanceUID: orthanctest.NewUID(), SeriesInstanceUID: orthanctest.NewUID()}
	return r, orthanctest.DoseReport(t, r)
}

// senders counts the rows in a state by who sent them.
func (h *house) senders(t *testing.T, state string) map[string]int {
	t.Helper()
	all := make(map[string]int)
	for _, r := range h.run(t, "reports", "--json").objects(t) {
		if r["state"] == state {
			all[r["sender"].(string)]++
		}
	}
	return all
}

func TestFigureOneToTheRegistryAlone(t *testing.T) {
	h := figure(t, "registry-only.yaml", "stations:\n  - name: CT1\n  - name: CT2\n")
	pacs := orthanctest.Start(t, orthanctest.Options{Config: "archive.json"})
	h.serve(t)
	_, twice := h.ctReport(t)
	h.gateway.StoreSCU(t, "CT_ROOM1", twice)
	h.gateway.StoreSCU(t, "CT_ROOM2", orthanctest.DoseReport(t, orthanctest.Report{StationName: "CT2"}))
	_, routed := h.ctReport(t)
	h.routesTo(t, pacs, "DOSEGATE", pacs.Store(t, twice, routed)...)
	h.until(t, "three are delivered", func() bool {
		by := h.senders(t, "delivered")
		return by["scanner"] == 2 && by["PACS"] == 1
	})
	if sent := h.sent(t); len(sent) != 3 {
		t.Errorf("the registry has %d objects, want 3", len(sent))
	}
}

func TestFigureTwoToRegistryAndRDIMInParallel(t *testing.T) {
	h := figure(t, "registry-and-rdim.yaml", "stations:\n  - name: CT1\n  - name: dxroom3\n")
	rdim := orthanctest.Start(t, orthanctest.Options{Config: "registry.json"})
	write(t, h.path("rdim.secret"), rdim.Password)
	t.Setenv("DOSEGATE__REGISTRIES__RDIM__STOW", rdim.URL+"/dicom-web/studies")
	t.Setenv("DOSEGATE__REGISTRIES__RDIM__USERNAME", orthanctest.Username)
	rdim.Stop(t) // the registry waits for nobody
	h.serve(t)
	ids := h.store(t, "ct-small.dcm", "dx.dcm")
	h.until(t, "the registry has both", func() bool { return len(h.sent(t)) == 2 })
	rdim.Restart(t)
	h.run(t, "check").want(t, exitDone)
	h.until(t, "the RDIM has what its route gives it", func() bool { return h.senders(t, "delivered")[""] == 3 })
	sum := func(o *orthanctest.Orthanc, id string) string {
		return fmt.Sprintf("%x", sha256.Sum256(o.Must(t, "GET", "/instances/"+id+"/file", nil)))
	}
	have := rdim.Instances(t)
	if len(have) != 1 || sum(rdim, have[0]) != sum(h.gateway, ids[0]) {
		t.Errorf("the RDIM has %d files, and not byte for byte the CT report", len(have))
	}
	for _, uid := range h.sent(t) {
		if !strings.HasPrefix(uid, "2.25.") {
			t.Errorf("the registry has the original UID %s", uid)
		}
	}
}

func TestFigureThreeThroughAnRDIM(t *testing.T) {
	h := figure(t, "through-rdim.yaml", "stations:\n  - {name: CT1, facility: \"100001\"}\n")
	rdim := orthanctest.Start(t, orthanctest.Options{Config: "archive.json"})
	s := h.serve(t)
	_, alone := h.ctReport(t)
	_, both := h.ctReport(t)
	changed, original := h.ctReport(t)
	changed.DoseLengthProduct, changed.PatientID = "999", "OF-THE-RDIM"
	h.routesTo(t, rdim, "DOSE_RDIM", rdim.Store(t, alone, both)...)
	h.gateway.StoreSCU(t, "CT_ROOM1", both, original)
	h.until(t, "three are delivered", func() bool {
		by := h.senders(t, "delivered")
		return by["RDIM"] == 2 && by["scanner"] == 1
	})
	h.routesTo(t, rdim, "DOSE_RDIM", rdim.Store(t, orthanctest.DoseReport(t, changed))...)
	h.until(t, "the changed copy is not sent", func() bool { return h.senders(t, "rejected")["RDIM"] == 1 })
	if sent := h.sent(t); len(sent) != 3 {
		t.Errorf("the registry has %d objects, want 3", len(sent))
	}
	if !strings.Contains(s.log.String(), "the registry has this report with other bytes") {
		t.Error("the log does not say that a copy was changed")
	}
	if !slices.ContainsFunc(h.run(t, "reports", "--json").objects(t), func(r map[string]any) bool { return r["facility"] == "100001" }) {
		t.Error("no receipt names the facility")
	}
}
