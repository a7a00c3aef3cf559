package filter_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/filter"
)

// verdictBy is what one list says of the input.
func verdictBy(t *testing.T, yaml string, in filter.Input) filter.Verdict {
	t.Helper()
	f := filter.Filter{Templates: collected, Stations: listed(t, yaml)}
	return f.Decide(in)
}

func TestEveryKeyMatchesByItselfOrNarrowsAnother(t *testing.T) {
	for key, c := range map[string]struct{ right, wrong string }{
		"name":                 {"CT1", "CT2"},
		"device_observer_name": {"Torus in room 3", "Torus in room 4"},
		"serial_number":        {"SN-64001-ZZ", "SN-64001"},
		"aet":                  {"CT_TORUS", "CT"},
		"model":                {"Torus 64", "Torus 640"},
		"manufacturer":         {"MADE-UP MEDICAL", "MADE-UP"},
		"source":               {"main", "annex"},
	} {
		alone := key == "name" || key == "device_observer_name" || key == "serial_number" || key == "aet"
		second := "name: CT1"
		if key == "name" {
			second = "aet: CT_TORUS"
		}
		for value, want := range map[string]filter.Action{c.right: filter.Accept, c.wrong: filter.Hold} {
			if got := verdictBy(t, "stations: [{"+key+`: "`+value+`", `+second+"}]", torus()); got.Action != want {
				t.Errorf("%s: %q beside %s: %+v", key, value, second, got)
			}
			yaml := "stations: [{" + key + `: "` + value + `"}]`
			if !alone {
				if _, err := filter.ParseStations([]byte(yaml), nil); err == nil || !strings.Contains(err.Error(), "at least one of name") {
					t.Errorf("%s alone names no station: %v", key, err)
				}
				continue
			}
			if got := verdictBy(t, yaml, torus()); got.Action != want {
				t.Errorf("%s: %q alone: %+v", key, value, got)
			}
		}
	}
}

func TestKeysAreComparedWithoutCaseAndSurroundingBlanks(t *testing.T) {
	in := torus()
	in.StationName = " ct1  "
	in.SenderAET = "ct_torus "
	in.DeviceObserverName = "TORUS  in Room 3"
	for _, yaml := range []string{
		`stations: [{name: "CT1"}]`, `stations: [{name: "  Ct1 "}]`, `stations: [{aet: " CT_torus"}]`,
		`stations: [{device_observer_name: "torus in room 3"}]`,
	} {
		if got := verdictBy(t, yaml, in); got.Action != filter.Accept {
			t.Errorf("%s: %+v", yaml, got)
		}
	}
	for _, yaml := range []string{`stations: [{name: "CT 1"}]`, `stations: [{name: "CT1*"}]`, `stations: [{name: "C.1"}]`} {
		if got := verdictBy(t, yaml, in); got.Action != filter.Hold {
			t.Errorf("%s: %+v", yaml, got)
		}
	}
}

func TestANameOfDigitsIsAName(t *testing.T) {
	for _, name := range []string{"0042", "1e3", "yes", "2024-02-29"} {
		in := torus()
		in.StationName = name
		if got := verdictBy(t, "stations: [{name: "+name+", facility: 100001}]", in); got.Action != filter.Accept || got.Facility != "100001" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestOfSeveralEntriesTheOneWithMostKeysWins(t *testing.T) {
	const three = `
stations:
  - {name: CT1, facility: "one"}
  - {name: CT1, aet: CT_TORUS, facility: "two"}
  - {name: CT1, aet: CT_TORUS, source: annex, facility: "three"}
`
	in := torus()
	if got := verdictBy(t, three, in); got.Facility != "two" {
		t.Errorf("want the second, got %+v", got)
	}
	in.Source = "annex"
	if got := verdictBy(t, three, in); got.Facility != "three" {
		t.Errorf("want the third, got %+v", got)
	}
	in.SenderAET = "ROUTER"
	if got := verdictBy(t, three, in); got.Facility != "one" {
		t.Errorf("want the first, got %+v", got)
	}
}

func TestAListThatIsWrongIsRefusedWithTheWayOut(t *testing.T) {
	for _, c := range []struct {
		name, yaml string
		want       []string
	}{
		{"same keys", "stations: [{name: CT1}, {name: CT2}, {name: ' ct1 ', paused: true}]", []string{"station 3", "station 1", "remove one"}},
		{"same keys in another order", "stations: [{name: CT1, aet: A}, {aet: a, name: ct1}]", []string{"station 2", "station 1"}},
		{"a blank in the facility", "stations: [{name: CT1, facility: '100 001'}]", []string{"station 1 (station CT1)", "facility"}},
		{"a slash in the facility", "stations: [{name: CT1, facility: a/b}]", []string{"facility"}},
		{"a facility of 65", "stations: [{name: CT1, facility: " + strings.Repeat("9", 65) + "}]", []string{"facility"}},
		{"a line break in the facility", `stations: [{name: CT1, facility: "a\n"}]`, []string{"facility"}},
		{"an unknown registry", "stations: [{name: CT1, registries: [dir, dri]}]", []string{"station 1", `"dri"`, "dir, inside"}},
		{"an unknown key", "stations:\n  - name: CT1\n    fasility: x\n", []string{"line 3", "fasility"}},
		{"an unknown key at the top", "station:\n  - name: CT1\n", []string{"line 1", "station"}},
		{"a value of another kind", "stations: [{name: CT1, send: perhaps}]", []string{"line 1", "perhaps"}},
		{"a list in a name", "stations: [{name: [CT1]}]", []string{"line 1"}},
		{"no YAML", "stations: [", []string{"read the stations list", "line"}},
		{"an entry without keys", "stations: [{facility: x}]", []string{"station 1", "at least one of name"}},
		{"twice the list", "stations: []\nstations: []\n", []string{"line 2"}},
	} {
		_, err := filter.ParseStations([]byte(c.yaml), []string{"dir", "inside"})
		if err == nil {
			t.Errorf("%s: want an error", c.name)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q does not name %q", c.name, err, want)
			}
		}
	}
}

func TestFacilitiesFollowTheirGrammar(t *testing.T) {
	for _, facility := range []string{"1", "100001", "site-A_2.b", strings.Repeat("9", 64)} {
		if _, err := filter.ParseStations([]byte("stations: [{name: CT1, facility: '"+facility+"'}]"), nil); err != nil {
			t.Errorf("%s: %v", facility, err)
		}
	}
}

func TestAnEmptyListIsAList(t *testing.T) {
	for _, yaml := range []string{"", "# nothing yet\n", "stations:\n", "stations: []\n"} {
		if list := listed(t, yaml); len(list.Entries) != 0 || string(list.Text()) != yaml {
			t.Errorf("%q: %+v", yaml, list)
		}
	}
}

func TestTheFingerprintFollowsTheText(t *testing.T) {
	one, again, other := listed(t, "stations: [{name: CT1}]"), listed(t, "stations: [{name: CT1}]"), listed(t, "stations: [{name: CT2}]")
	if one.Fingerprint() != again.Fingerprint() || one.Fingerprint() == other.Fingerprint() || one.Fingerprint() == "" {
		t.Errorf("%q %q %q", one.Fingerprint(), again.Fingerprint(), other.Fingerprint())
	}
	var none *filter.Stations
	if none.Fingerprint() != "" || !bytes.Equal(none.Text(), nil) {
		t.Error("no list has a fingerprint or text")
	}
}
