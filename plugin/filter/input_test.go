package filter_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/google/go-cmp/cmp"
)

const secret = "NN-4711-GEHEIM"

func asJSON(t *testing.T, in filter.Input) string {
	t.Helper()
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestAnOrdinaryInputIsStoredWhole(t *testing.T) {
	f := &filter.Filter{Templates: collected, Stations: listed(t, "stations: [{name: CT1}]")}
	in := f.NewInput(report(t, nil), "main", filter.NewCame(" CT_TORUS ", "DOSE_GATE", "DicomProtocol"))
	if in.SenderAET != "CT_TORUS" || in.Source != "main" || in.StationName != "CT1" || in.Template != "10011" {
		t.Errorf("%+v", in)
	}
	var back filter.Input
	if err := json.Unmarshal([]byte(asJSON(t, in.Stored())), &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(in, back); diff != "" {
		t.Errorf("the ledger's copy differs:\n%s", diff)
	}
	if f.Stale(back) {
		t.Error("the ledger's copy is not enough to decide again")
	}
	if diff := cmp.Diff(f.Decide(in), f.Decide(back)); diff != "" {
		t.Errorf("deciding again differs:\n%s", diff)
	}
}

// A technologist typed the patient's number where the station's name belongs:
// the report still finds its entry, by another key, and the number goes
// nowhere.
func TestAStationNameThatHoldsThePatientIsMatchedButNeitherStoredNorShown(t *testing.T) {
	for _, c := range []struct{ name, id, station, stations, reason string }{
		{"accepted by its serial number", secret, secret, "stations: [{serial_number: SN-64001-ZZ}]", filter.Configured},
		{"held, not configured", secret, secret, "", filter.StationNotConfigured},
		{"in other letters", secret, "nn 4711 geheim", "", filter.StationNotConfigured},
		{"among other words", secret, "CT1 " + secret + " X", "stations: [{name: CT1}]", filter.StationNotConfigured},
		{"ambiguous", secret, secret, "stations: [{serial_number: SN-64001-ZZ}, {aet: CT_TORUS}]", filter.AmbiguousStation},
		{"paused", secret, secret, "stations: [{aet: CT_TORUS, paused: true}]", filter.Paused},
		{"left out", secret, secret, "stations: [{aet: CT_TORUS, send: false}]", filter.StationLeftOut},
	} {
		f := &filter.Filter{Templates: collected, Stations: listed(t, c.stations)}
		in := f.NewInput(report(t, map[dataset.Tag]string{patientID: c.id, stationName: c.station}), "main", filter.NewCame("CT_TORUS", "", ""))
		if in.StationName == "" || in.StationName == "(withheld)" {
			t.Errorf("%s: %q cannot be matched", c.name, in.StationName)
		}
		got := f.Decide(in)
		if got.ReasonCode != c.reason {
			t.Errorf("%s: %+v", c.name, got)
		}
		for what, text := range map[string]string{"reason": got.Reason, "ledger": asJSON(t, in.Stored())} {
			if folded := strings.ToUpper(text); strings.Contains(folded, "GEHEIM") || strings.Contains(folded, "4711") {
				t.Errorf("%s: the %s holds the patient's number: %s", c.name, what, text)
			}
		}
		if !f.Stale(in.Stored()) {
			t.Errorf("%s: without the name a stored input is not enough", c.name)
		}
	}
}

func TestEveryTextOfTheDeviceIsWithheldWhereItHoldsThePatient(t *testing.T) {
	f := &filter.Filter{Templates: collected}
	doc := report(t, map[dataset.Tag]string{patientID: secret})
	doc.StationName, doc.DeviceObserverName, doc.Manufacturer, doc.Model, doc.SerialNumber = secret, secret, secret, secret, secret
	in := f.NewInput(doc, "main", filter.NewCame(secret, secret, ""))
	want := []string{"station_name", "device_observer_name", "manufacturer", "model", "serial_number", "sender_aet", "called_aet"}
	if diff := cmp.Diff(want, in.Withheld); diff != "" {
		t.Error(diff)
	}
	if stored := asJSON(t, in.Stored()); strings.Contains(stored, secret) {
		t.Errorf("stored: %s", stored)
	}
	if in.StationName != secret {
		t.Error("storing changed the input itself")
	}
	in.StationName = ""
	if got := f.Decide(in); got.ReasonCode != filter.NoStationName || strings.Contains(got.Reason, secret) {
		t.Errorf("%+v", got)
	}
}

// Where the list itself has the text it is the house's own word: a phantom is
// filed under the scanner's name, and the report is not a riddle for that.
func TestATextThatTheListNamesIsNoSecret(t *testing.T) {
	f := &filter.Filter{Templates: collected, Stations: listed(t, "stations: [{name: PHANTOM64}]")}
	in := f.NewInput(report(t, map[dataset.Tag]string{patientID: "PHANTOM64", stationName: "Phantom64"}), "main", filter.NewCame("CT", "", ""))
	if len(in.Withheld) != 0 || f.Stale(in.Stored()) {
		t.Errorf("withheld: %v", in.Withheld)
	}
	if got := f.Decide(in.Stored()); got.Action != filter.Accept {
		t.Errorf("%+v", got)
	}
}
