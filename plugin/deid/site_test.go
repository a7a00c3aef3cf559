package deid_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/deid"
)

func withSponsor(p *deid.Policy) { p.Sponsor = "dir" }

func TestARegistryMayBeToldTheFacilityInTheReport(t *testing.T) {
	policy := changed(deid.Registry, withSponsor)
	doc := edited(t, "ct-small", map[dataset.Tag]string{0x00120030: "THE-SITE-OF-A-TRIAL", 0x00120040: "SUBJECT-OF-A-TRIAL"})
	out, d := deidentify(t, policy, doc, deid.Context{Key: newKey(t), Facility: "100001"})
	for tag, want := range map[dataset.Tag]string{0x00120010: "dir", 0x00120020: "RDSR", 0x00120021: "", 0x00120030: "100001", 0x00120031: "",
		0x00120040: d.TextOf(dataset.Root, 0x00100020)} {
		if _, there := d.Find(dataset.Root, tag); !there || d.TextOf(dataset.Root, tag) != want {
			t.Errorf("%s is %q, want %q", tag, d.TextOf(dataset.Root, tag), want)
		}
	}
	if strings.Contains(string(out.File), "OF-A-TRIAL") {
		t.Error("what stood there before is in it")
	}
	_, err := deid.New(policy).Deidentify(doc, deid.Context{Key: newKey(t)})
	if !errors.Is(err, deid.ErrNoFacility) {
		t.Errorf("without a facility: %v", err)
	}
	_, plain := deidentify(t, deid.Registry, doc, deid.Context{Key: newKey(t), Facility: "100001"})
	if _, there := plain.Find(dataset.Root, 0x00120030); there {
		t.Error("a registry is told the facility that did not ask")
	}
}

func TestAValidatorTakesTheModuleThatTellsTheFacility(t *testing.T) {
	if _, err := exec.LookPath("dciodvfy"); err != nil && os.Getenv("DOSEGATE_TEST_REQUIRE") == "" {
		t.Skip("dciodvfy is not installed: run ./scripts/test")
	}
	said := func(p deid.Policy) map[string]int {
		out, _ := deidentify(t, p, read(t, "ct-small"), deid.Context{Key: newKey(t), Facility: "100001"})
		path := filepath.Join(t.TempDir(), "out.dcm")
		must(t, os.WriteFile(path, out.File, 0o600))
		return faults(t, validators[0].name, nil, validators[0].fault, path)
	}
	before := said(deid.Registry)
	for fault := range said(changed(deid.Registry, withSponsor)) {
		if before[fault] == 0 {
			t.Error(fault)
		}
	}
}

func TestTheFacilityInTheReportIsInTheDictionaryAndInTheFingerprint(t *testing.T) {
	policy := changed(deid.Registry, withSponsor)
	named := func(p deid.Policy) bool {
		return slices.ContainsFunc(deid.Dictionary(p), func(e deid.DictionaryEntry) bool { return e.Name == "ClinicalTrialSiteID" })
	}
	if !named(policy) || named(deid.Registry) {
		t.Error("the dictionary does not say when the facility is told")
	}
	if policy.Fingerprint() == deid.Registry.Fingerprint() {
		t.Error("the bytes differ, and the fingerprints do not")
	}
}
