package main

import (
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/config"
	"github.com/dosegate/dosegate/plugin/orthanc"
)

func TestCheckOfAHouseInOrder(t *testing.T) {
	h := newFullHouse(t)
	h.run(t, "check").want(t, exitDone, h.config, "dosegate.db will be made", "key will be made", "1 stations",
		"orthanc main", "gateway, AE title DOSEGATE, clock ", "registry dir", "it answers",
		"pseudonymous, not anonymous: it keeps: full dates, device identity", "HIPAA: a limited data set at best")
	h.withKey(t)
	h.configure(t, "deidentify: {profile: strict}\n")
	h.run(t, "check").want(t, exitDone, "key, fingerprint ", "pseudonymous: whoever has the key")
}

func TestCheckFailsForWhatCannotBeReached(t *testing.T) {
	h := newHouse(t)
	h.run(t, "check").want(t, exitFailed, "orthanc main   FAILED", "registry dir   FAILED")
}

func TestCheckFailsForAWrongPassword(t *testing.T) {
	h := newFullHouse(t)
	write(t, h.path("gateway.secret"), "wrong")
	write(t, h.path("registry.secret"), "wrong")
	h.run(t, "check").want(t, exitFailed, "the username or password is wrong", "registry dir   FAILED")
}

// An Orthanc before 1.12 does not say how it is set, so these are not asked of
// a real one.
func TestCheckWarnsOfAnOrthancThatLosesReportsOrShowsThem(t *testing.T) {
	gateway := config.Source{Role: config.Gateway, Marks: config.MarksMetadataAndLabels}
	archive := config.Source{Role: config.Archive, Marks: config.MarksMetadata}
	careless := orthanc.System{Tells: true, OverwriteInstances: true, MaximumStorageSize: 100, MaximumPatientCount: 7, HasLabels: true}
	for _, c := range []struct {
		source config.Source
		system orthanc.System
		want   []string
	}{
		{gateway, orthanc.System{Tells: true, HasLabels: true}, nil},
		{gateway, orthanc.System{HasLabels: true}, []string{"does not say whether it recycles"}},
		{gateway, orthanc.System{Tells: true}, []string{"no labels"}},
		{gateway, careless, []string{"OverwriteInstances is on", "MaximumStorageSize is 100 MB", "MaximumPatientCount is 7"}},
		{archive, careless, []string{"a label can grant access"}},
	} {
		f := &findings{}
		f.sourceSettings("orthanc main", c.source, c.system)
		if len(f.rows) != len(c.want) || f.failed {
			t.Errorf("%s: %v, want %v", c.source.Role, f.rows, c.want)
			continue
		}
		for i, row := range f.rows {
			if system := c.system; system.Tells && row[1] != "warning" || !strings.Contains(row[2], c.want[i]) {
				t.Errorf("%s: %v, want %s", c.source.Role, row, c.want[i])
			}
		}
	}
}

func TestCheckFailsForAStationsListThatIsNotInForce(t *testing.T) {
	h := newFullHouse(t)
	h.stations(t, "stations: []\n")
	h.run(t, "check").want(t, exitDone, "it names no station")
	h.stations(t, "stations:\n  - {name: CT1, registries: [nosuch]}\n")
	h.run(t, "check").want(t, exitFailed, `registry "nosuch" is not configured`)
}

func TestCheckFailsForAnotherKeyThanTheLedgers(t *testing.T) {
	h := newFullHouse(t)
	l := h.withReports(t)
	if err := l.SetSetting(t.Context(), keyName, []byte("0123456789abcdef@-")); err != nil {
		t.Fatal(err)
	}
	h.run(t, "check").want(t, exitFailed, "is missing", "0123456789abcdef", "put it back")
	h.withKey(t)
	h.run(t, "check").want(t, exitFailed, "is not this installation's")
}

func TestCheckWarnsOfWeakDeidentification(t *testing.T) {
	h := newFullHouse(t)
	h.configure(t, "deidentify: {dates: modified, oldest_age: 95, retain: {institution_identity: true}}\n")
	h.run(t, "check").want(t, exitDone, "what leaves    warning", "the moment at which a report arrives", "ages up to 95", "the institution's name with modified dates")
}

func TestCheckWarnsThatTheArrivalTellsTheDateUnlessTheDeliveryWaits(t *testing.T) {
	h := newFullHouse(t)
	const warning = "the moment at which a report arrives"
	for after, want := range map[string]string{"": "dir has 0s", "deliver_after: 3d": "dir has 3d", "deliver_after: 1d..7d": ""} {
		h.configure(t, "deidentify: {dates: modified}\n")
		write(t, h.config, strings.Replace(string(read(t, h.config)), "- name: dir\n", "- name: dir\n    "+after+"\n", 1))
		checked := h.run(t, "check").want(t, exitDone)
		page := h.run(t, "dictionary").want(t, exitDone)
		for _, out := range []string{checked.stdout, page.stdout} {
			if strings.Contains(out, warning) != (want != "") || !strings.Contains(out, want) {
				t.Errorf("with %q it says\n%.2000s", after, out)
			}
		}
	}
}
