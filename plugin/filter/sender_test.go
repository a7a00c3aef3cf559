package filter_test

import (
	"slices"
	"testing"

	"github.com/dosegate/dosegate/plugin/filter"
)

var senders = []filter.Sender{
	{Name: "rdim", Called: "DOSE_RDIM"},
	{Name: "pacs", AET: "PACS*", Origin: "dicomprotocol"},
	{Name: "scanner", AET: "CT?", SourceNamed: "main"},
	{Name: "by hand", Origin: "RestApi"},
}

func TestAReportIsKnownByTheFirstSenderThatMatches(t *testing.T) {
	f := &filter.Filter{Senders: senders}
	for _, c := range []struct{ source, aet, called, origin, want string }{
		{"main", "CT1", "DOSE_RDIM", "DicomProtocol", "rdim"},
		{"main", " ct1 ", "DOSEGATE", "DicomProtocol", "scanner"},
		{"other", "CT1", "DOSEGATE", "DicomProtocol", ""},
		{"main", "PACS/2", "DOSEGATE", "DicomProtocol", "pacs"},
		{"main", "PACS1", "DOSEGATE", "Plugins", ""},
		{"main", "", "", "RestApi", "by hand"},
	} {
		if got := f.CameTo(c.source, filter.NewCame(c.aet, c.called, c.origin)).Sender; got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

func TestARouteMayAskForASender(t *testing.T) {
	f := &filter.Filter{Templates: collected, Stations: listed(t, "stations: [{name: CT1}]"), Senders: senders,
		Routes: []filter.Route{{Sender: "RDIM", Registries: []string{"dir"}}}}
	in := torus()
	in.StationName, in.CalledAET = "CT1", "DOSE_RDIM"
	if v := f.Decide(in); !slices.Equal(v.Registries, []string{"dir"}) || v.Route != "route 1 (sender RDIM)" {
		t.Errorf("%+v", v)
	}
	in.CalledAET = "DOSEGATE"
	if v := f.Decide(in); v.Registries != nil {
		t.Errorf("%+v", v)
	}
}

// A route that is added later applies to what is held, and so does the name that it
// asks for: the ledger keeps how a report came beside what that was called.
func TestASenderThatIsNamedLaterCountsForWhatIsHeld(t *testing.T) {
	f := &filter.Filter{Templates: collected, Stations: listed(t, "stations: [{name: CT1}]"),
		Routes: []filter.Route{{Sender: "rdim", Registries: []string{"dir"}}}}
	in := torus()
	in.StationName, in.CalledAET, in.Sender = "CT1", "DOSE_RDIM", "another name"
	f.Senders = senders
	if v := f.Decide(in.Stored()); !slices.Equal(v.Registries, []string{"dir"}) {
		t.Errorf("%+v", v)
	}
}
