package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"testing"
)

const inspectionKeys = `file dose_report sop_class_uid template kind station_name device_observer_name manufacturer model
	serial_number irradiation_events transfer_syntax error verdict reason_code reason
	not_dose_report_because sender registries route`

// expected reads testdata/expected.tsv: by file, the values by column.
func expected(t *testing.T) map[string]map[string]string {
	t.Helper()
	all := make(map[string]map[string]string)
	var columns []string
	for line := range strings.Lines(string(read(t, testdata("expected.tsv")))) {
		cells := strings.Split(strings.TrimRight(line, "\n"), "\t")
		switch {
		case strings.HasPrefix(line, "#"):
		case columns == nil:
			columns = cells
		default:
			row := make(map[string]string)
			for i, cell := range cells {
				row[columns[i]] = cell
			}
			all[cells[0]] = row
		}
	}
	if len(all) == 0 {
		t.Fatal("expected.tsv has no rows")
	}
	return all
}

func TestInspectSaysWhatEveryFileIs(t *testing.T) {
	want := expected(t)
	args := []string{"inspect", "--json"}
	for name := range maps.Keys(want) {
		args = append(args, testdata(name))
	}
	for _, have := range dosegate(t, args...).want(t, exitDone).objects(t) {
		wantKeys(t, have, inspectionKeys)
		row := want[filepath.Base(have["file"].(string))]
		delete(row, "file")
		delete(row, "why")
		if row["transfer_syntax"] == "" { // a file that names none, read all the same
			delete(row, "transfer_syntax")
		}
		if row["template"] == "10040" { // the table counts the events of the other templates alone
			delete(row, "irradiation_events")
		}
		for key, value := range row {
			if fmt.Sprint(have[key]) != value {
				t.Errorf("%s: %s is %v, want %s", have["file"], key, have[key], value)
			}
		}
		if have["error"] != "" || have["verdict"] != nil || have["reason_code"] != nil || have["reason"] != nil {
			t.Errorf("%s: error or verdict without a configuration: %v", have["file"], have)
		}
	}
}

func TestInspectWithAConfigurationGivesTheVerdict(t *testing.T) {
	h := newHouse(t)
	h.stations(t, "stations:\n  - {name: CT1}\n  - {name: CT2, paused: true}\n  - {aet: SENDER, source: main}\n")
	cut := h.path("cut.dcm")
	write(t, cut, string(read(t, testdata("ct-small.dcm"))[:3000]))
	text := h.path("text.dcm")
	write(t, text, "this is a text, and longer than the preamble of a DICOM file would be: "+strings.Repeat("more of it, ", 20))
	for _, c := range []struct {
		file, aet             string
		verdict, code, reason any
		errored               bool
	}{
		{file: testdata("ct-small.dcm"), verdict: "accept", code: "station_configured", reason: "station CT1 is configured"},
		{file: testdata("ct-enhanced-sr.dcm"), verdict: "hold", code: "paused", reason: "station CT2 is paused"},
		{file: testdata("dx.dcm"), verdict: "hold", code: "station_not_configured", reason: "station dxroom3 is not configured"},
		{file: testdata("dx.dcm"), aet: "sender", verdict: "accept", code: "station_configured", reason: "sender SENDER is configured"},
		{file: testdata("sc-dose-screen.dcm"), verdict: "ignore", code: "not_a_dose_report",
			reason: "secondary capture: the registry takes dose reports only"},
		{file: cut, verdict: "hold", code: "unreadable", errored: true},
		{file: text, errored: true},
	} {
		code := exitDone
		if c.errored {
			code = exitFailed
		}
		have := h.run(t, "inspect", "--json", "--aet", c.aet, c.file).want(t, code).objects(t)[0]
		wantKeys(t, have, inspectionKeys)
		if have["verdict"] != c.verdict || have["reason_code"] != c.code || c.reason != nil && have["reason"] != c.reason {
			t.Errorf("%s from %q: %v, %v, %v; want %v, %v, %v", c.file, c.aet, have["verdict"], have["reason_code"], have["reason"],
				c.verdict, c.code, c.reason)
		}
		if errored := have["error"] != ""; errored != c.errored {
			t.Errorf("%s: error is %q", c.file, have["error"])
		}
	}
}

func TestInspectNeedsNeitherLedgerNorKeyNorOrthanc(t *testing.T) {
	h := newHouse(t)
	h.run(t, "inspect", testdata("ct-small.dcm")).want(t, exitDone, "accept: station CT1 is configured")
	for _, name := range []string{"dosegate.db", "key"} {
		if found, _ := filepath.Glob(h.path(name) + "*"); len(found) > 0 {
			t.Errorf("inspect made %v", found)
		}
	}
}

func TestInspectWithoutAUsableStationsListSaysSo(t *testing.T) {
	h := newHouse(t)
	h.stations(t, "stations:\n  - {nam: CT1}\n")
	h.run(t, "inspect", testdata("ct-small.dcm")).want(t, exitUsage, "stations.yaml", "nam")
	h.configure(t, "stations_file: nosuch.yaml\n")
	h.run(t, "inspect", testdata("ct-small.dcm")).want(t, exitDone, "there is no stations list", "station CT1 is not configured")
}

func TestInspectGoesOnAfterAFileThatIsNoDICOM(t *testing.T) {
	said := dosegate(t, "inspect", "nosuch.dcm", testdata("README.md"), testdata("ct-small.dcm")).want(t, exitFailed,
		"no such file", "README.md: not a DICOM file", "ct-small.dcm: a dose report", "irradiation events", "X-Ray Radiation Dose SR")
	if strings.Contains(said.stdout, "verdict") {
		t.Errorf("a verdict without a configuration:\n%s", said.stdout)
	}
}
