package filter_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/rdsr"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// listed is a stations list of the registries dir and inside.
func listed(t testing.TB, yaml string) *filter.Stations {
	t.Helper()
	list, err := filter.ParseStations([]byte(yaml), []string{"dir", "inside"})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

var collected = []string{"10001", "10011", "10021", "10040"}

// torus is the input of a CT that says everything of itself.
func torus() filter.Input {
	return filter.Input{Source: "main", SenderAET: "CT_TORUS", Report: rdsr.Report{Template: "10011", Kind: "CT", StationName: "CT1",
		DeviceObserverName: "Torus in room 3", Manufacturer: "MADE-UP MEDICAL", Model: "Torus 64", SerialNumber: "SN-64001-ZZ"}}
}

func TestEveryVerdictHasItsReason(t *testing.T) {
	for _, c := range []struct {
		name     string
		stations string
		change   func(*filter.Input)
		want     filter.Verdict
	}{
		{"a station that is configured", "stations: [{name: CT1}]", nil,
			filter.Verdict{Action: filter.Accept, ReasonCode: filter.Configured, Reason: "station CT1 is configured"}},
		{"a facility and a choice of registries", `stations: [{name: CT1, facility: "100001", registries: [inside]}]`, nil,
			filter.Verdict{Action: filter.Accept, ReasonCode: filter.Configured, Reason: "station CT1 is configured", Facility: "100001", Issuer: "100001", Registries: []string{"inside"}}},
		{"send: true", "stations: [{name: CT1, send: true}]", nil,
			filter.Verdict{Action: filter.Accept, ReasonCode: filter.Configured, Reason: "station CT1 is configured"}},
		{"no list", "", nil,
			filter.Verdict{Action: filter.Hold, ReasonCode: filter.StationNotConfigured, Reason: "station CT1 is not configured"}},
		{"another station", "stations: [{name: CT2}]", nil,
			filter.Verdict{Action: filter.Hold, ReasonCode: filter.StationNotConfigured, Reason: "station CT1 is not configured"}},
		{"no Station Name", "stations: [{name: CT1}]", func(in *filter.Input) { in.StationName = "" },
			filter.Verdict{Action: filter.Hold, ReasonCode: filter.NoStationName, Reason: "no Station Name; Device Observer Name is Torus in room 3"}},
		{"no name at all", "stations: [{name: CT1}]", func(in *filter.Input) { in.StationName, in.DeviceObserverName = "", "" },
			filter.Verdict{Action: filter.Hold, ReasonCode: filter.NoStationName, Reason: "no Station Name; no Device Observer Name either; serial number SN-64001-ZZ"}},
		{"nothing of the device", "stations: [{name: CT1}]", func(in *filter.Input) { in.StationName, in.DeviceObserverName, in.SerialNumber = "", "", "" },
			filter.Verdict{Action: filter.Hold, ReasonCode: filter.NoStationName, Reason: "no Station Name; no Device Observer Name either; serial number (none)"}},
		{"no Station Name, yet known by its serial number", "stations: [{serial_number: SN-64001-ZZ}]", func(in *filter.Input) { in.StationName = "" },
			filter.Verdict{Action: filter.Accept, ReasonCode: filter.Configured, Reason: "serial number SN-64001-ZZ is configured"}},
		{"a template that is not collected", "stations: [{name: CT1}]", func(in *filter.Input) { in.Template = "10030" },
			filter.Verdict{Action: filter.Hold, ReasonCode: filter.TemplateNotCollected, Reason: "template 10030 is not collected"}},
		{"no template", "stations: [{name: CT1}]", func(in *filter.Input) { in.Template = "" },
			filter.Verdict{Action: filter.Hold, ReasonCode: filter.TemplateNotCollected, Reason: "the report names no dose template"}},
		{"excluded, though configured", "stations: [{name: CT1}]", func(in *filter.Input) { in.Excluded = "patient_id: QA*" },
			filter.Verdict{Action: filter.Hold, ReasonCode: filter.Excluded, Reason: "left out by filter.exclude (patient_id: QA*)"}},
		{"send: false", "stations: [{name: CT1, send: false}]", nil,
			filter.Verdict{Action: filter.Hold, ReasonCode: filter.StationLeftOut, Reason: "station CT1 is left out (send: false)"}},
		{"paused", "stations: [{name: CT1, paused: true}]", nil,
			filter.Verdict{Action: filter.Hold, ReasonCode: filter.Paused, Reason: "station CT1 is paused"}},
		{"left out and paused", "stations: [{name: CT1, send: false, paused: true}]", nil,
			filter.Verdict{Action: filter.Hold, ReasonCode: filter.StationLeftOut, Reason: "station CT1 is left out (send: false)"}},
		{"two entries that match equally well", "stations: [{name: CT1}, {serial_number: SN-64001-ZZ}]", nil,
			filter.Verdict{Action: filter.Hold, ReasonCode: filter.AmbiguousStation, Reason: "2 entries of the stations list match equally well: station CT1 and serial number SN-64001-ZZ"}},
	} {
		in := torus()
		if c.change != nil {
			c.change(&in)
		}
		f := filter.Filter{Templates: collected, Stations: listed(t, c.stations)}
		if diff := cmp.Diff(c.want, f.Decide(in), cmpopts.IgnoreFields(filter.Verdict{}, "Route")); diff != "" {
			t.Errorf("%s: want (-) and got (+):\n%s", c.name, diff)
		}
	}
}

func TestWithoutAStationsListEveryReportIsHeld(t *testing.T) {
	f := filter.Filter{Templates: collected}
	if got := f.Decide(torus()); got.Action != filter.Hold || got.ReasonCode != filter.StationNotConfigured {
		t.Errorf("%+v", got)
	}
}

func TestWhatIsNoDoseReportIsIgnored(t *testing.T) {
	got := filter.Ignored(&rdsr.NotDoseError{Reason: "a structured report without content"})
	want := filter.Verdict{Action: filter.Ignore, ReasonCode: filter.NotDose, Reason: "a structured report without content"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatCannotBeReadIsHeldWithTheReason(t *testing.T) {
	got := filter.HeldUnreadable(errors.New("cut short at byte 12"))
	if got.Action != filter.Hold || got.ReasonCode != filter.Unreadable || !strings.Contains(got.Reason, "cut short at byte 12") {
		t.Errorf("%+v", got)
	}
}

// A person put these there, or has to look at them: time alone must not
// delete them.
func TestHoldsThatWaitForAPersonNeverExpire(t *testing.T) {
	for code, want := range map[string]bool{
		filter.StationNotConfigured: true, filter.NoStationName: true, filter.TemplateNotCollected: true,
		filter.Excluded: true, filter.StationLeftOut: true,
		filter.Leak: false, filter.Unreadable: false, filter.Changed: false, filter.AmbiguousStation: false, filter.Paused: false,
		filter.Configured: false, "": false, "a code of a later version": false,
	} {
		if got := filter.Expires(code); got != want {
			t.Errorf("%q expires: %t", code, got)
		}
	}
}
