package filter_test

import (
	"slices"
	"testing"

	"github.com/dosegate/dosegate/plugin/filter"
)

func TestTheStationComesBeforeTheRoutesAndTheFirstRouteThatMatchesDecides(t *testing.T) {
	routes := []filter.Route{
		{Kind: "MG", Registries: []string{"mammo"}},
		{Template: "10011", Source: "MAIN", SenderAET: " rdim1", Registries: []string{"dir", "rdim"}, Facility: "100002"},
		{Kind: "CT", Registries: []string{"dir"}},
	}
	for name, c := range map[string]struct {
		stations string
		change   func(*filter.Input)
		want     []string
		facility string
		route    string
	}{
		"its entry says":    {"stations: [{name: CT1, registries: [inside], facility: F1}]", nil, []string{"inside"}, "F1", "the station's entry"},
		"a route by sender": {"stations: [{name: CT1}]", nil, []string{"dir", "rdim"}, "100002", "route 2 (template 10011, source MAIN, aet  rdim1)"},
		"its own facility":  {"stations: [{name: CT1, facility: F1}]", nil, []string{"dir", "rdim"}, "F1", "route 2 (template 10011, source MAIN, aet  rdim1)"},
		"another sender":    {"stations: [{name: CT1}]", func(in *filter.Input) { in.SenderAET = "CT1" }, []string{"dir"}, "", "route 3 (kind CT)"},
		"no route":          {"stations: [{name: CT1}]", func(in *filter.Input) { in.Kind, in.Template = "DX", "10001" }, nil, "", "the default: every registry outside"},
	} {
		in := torus()
		in.StationName, in.Kind, in.Template, in.Source, in.SenderAET = "CT1", "CT", "10011", "main", "RDIM1"
		if c.change != nil {
			c.change(&in)
		}
		f := filter.Filter{Templates: []string{"10011", "10001"}, Stations: listed(t, c.stations), Routes: routes}
		v := f.Decide(in)
		if v.Action != filter.Accept || !slices.Equal(v.Registries, c.want) || v.Facility != c.facility || v.Route != c.route {
			t.Errorf("%s: %+v", name, v)
		}
	}
	held := (&filter.Filter{Templates: []string{"10011"}, Stations: listed(t, "stations: []"), Routes: routes}).Decide(torus())
	if held.Action != filter.Hold || held.Route != "" || held.Registries != nil {
		t.Errorf("a route let in what no station is configured for: %+v", held)
	}
}
