package filter

import (
	"fmt"
	"strings"
)

// Route says where reports go whose station names no registry itself. The keys
// are ANDed; what is empty matches every report.
type Route struct {
	Kind, Template, Source, SenderAET, Sender string

	Registries []string
	Facility   string // of a station that has none of its own
}

// matches reports whether a report takes the route. Names are compared as those
// of stations are.
func (r Route) matches(in Input) bool {
	for _, k := range []struct{ asked, has string }{
		{r.Kind, in.Kind}, {r.Template, in.Template}, {r.Source, in.Source}, {r.SenderAET, in.SenderAET}, {r.Sender, in.Sender},
	} {
		if asked := strings.TrimSpace(k.asked); asked != "" && !strings.EqualFold(asked, strings.TrimSpace(k.has)) {
			return false
		}
	}
	return true
}

// String says what the route asks, as it would stand in the configuration.
func (r Route) String() string {
	var asks []string
	for _, k := range []struct{ key, value string }{{"kind", r.Kind}, {"template", r.Template}, {"source", r.Source}, {"aet", r.SenderAET}, {"sender", r.Sender}} {
		if k.value != "" {
			asks = append(asks, k.key+" "+k.value)
		}
	}
	if len(asks) == 0 {
		return "every report"
	}
	return strings.Join(asks, ", ")
}

// routed says where an accepted report goes: where its station's entry says,
// else where the first route says that matches, else where it says nothing, to
// every registry that is a default.
func (f *Filter) routed(v Verdict, in Input) Verdict {
	if v.Action != Accept {
		return v
	}
	in.Sender = f.sender(in) // by the names as they are now: a stored input has that of its day
	for i, r := range f.Routes {
		if !r.matches(in) {
			continue
		}
		if v.Facility == "" {
			v.Facility = r.Facility
		}
		if v.Registries == nil {
			v.Registries, v.Route = r.Registries, fmt.Sprintf("route %d (%s)", i+1, r)
		}
		break
	}
	switch {
	case v.Route != "":
	case v.Registries != nil:
		v.Route = "the station's entry"
	default:
		v.Route = "the default: every registry outside"
	}
	return v
}
