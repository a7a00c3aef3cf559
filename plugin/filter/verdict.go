package filter

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/dosegate/dosegate/plugin/rdsr"
)

// Action is what is to be done with an instance.
type Action string

// The three verdicts. Ignore is for what is no dose report.
const (
	Accept Action = "accept"
	Hold   Action = "hold"
	Ignore Action = "ignore"
)

// The reason codes of a hold that this package gives. Those of the pipeline
// (leak, unreadable, changed) are beside them, so that the list is whole.
const (
	StationNotConfigured = "station_not_configured"
	NoStationName        = "no_station_name"
	TemplateNotCollected = "template_not_collected"
	Excluded             = "excluded"
	StationLeftOut       = "station_left_out"
	AmbiguousStation     = "ambiguous_station"
	Paused               = "paused"

	Leak       = "leak"
	Unreadable = "unreadable"
	Changed    = "changed"

	// Configured is the reason code of an accepted report, NotDose that of
	// an ignored instance.
	Configured = "station_configured"
	NotDose    = "not_a_dose_report"
)

// Expires reports whether a hold of this reason ends by itself in a gateway.
// The others wait for a person.
func Expires(reasonCode string) bool {
	switch reasonCode {
	case StationNotConfigured, NoStationName, TemplateNotCollected, Excluded, StationLeftOut:
		return true
	}
	return false
}

// Verdict is the decision on one instance.
type Verdict struct {
	Action     Action
	ReasonCode string
	Reason     string   // for a person; holds nothing of the patient's
	Facility   string   // the registry's facility ID, "" where none is given
	Issuer     string   // that of the station's own entry, which tells patient IDs apart: it is the same by whichever way a report came
	Registries []string // where to; nil means every registry that is the default
	Route      string   // what says so, in words; "" for what is not accepted
}

// Filter decides. It is immutable; a changed stations list makes a new one.
type Filter struct {
	Templates []string // TIDs that are collected
	Exclude   Exclusions
	Stations  *Stations // nil is an empty list
	Routes    []Route
	Senders   []Sender
}

// Decide gives the verdict on a dose report.
func (f *Filter) Decide(in Input) Verdict {
	switch {
	case in.Excluded != "":
		return hold(Excluded, "left out by filter.exclude (%s)", in.Excluded)
	case in.Template == "":
		return hold(TemplateNotCollected, "the report names no dose template")
	case !slices.Contains(f.Templates, in.Template):
		return hold(TemplateNotCollected, "template %s is not collected", in.Template)
	}
	best := f.Stations.best(in)
	switch {
	case len(best) == 0 && in.StationName == "":
		return hold(NoStationName, "no Station Name; %s", otherName(in))
	case len(best) == 0:
		return hold(StationNotConfigured, "station %s is not configured", in.shown(fieldStation))
	case len(best) > 1:
		return hold(AmbiguousStation, "%d entries of the stations list match equally well: %s and %s", len(best),
			f.Stations.Entries[best[0]], f.Stations.Entries[best[1]])
	}
	return f.routed(f.Stations.Entries[best[0]].verdict(), in)
}

// Ignored is the verdict on what is no dose report.
func Ignored(not *rdsr.NotDoseError) Verdict {
	return Verdict{Action: Ignore, ReasonCode: NotDose, Reason: not.Reason}
}

// HeldUnreadable is the verdict on what cannot be read. The error is one of
// package dataset's, which hold nothing of the report.
func HeldUnreadable(err error) Verdict { return hold(Unreadable, "cannot be read: %v", err) }

func hold(code, format string, args ...any) Verdict {
	return Verdict{Action: Hold, ReasonCode: code, Reason: fmt.Sprintf(format, args...)}
}

func otherName(in Input) string {
	if in.DeviceObserverName == "" {
		return "no Device Observer Name either; serial number " + cmp.Or(in.shown(fieldSerial), "(none)")
	}
	return "Device Observer Name is " + in.shown(fieldObserver)
}

// verdict of the one entry that matches.
func (s Station) verdict() Verdict {
	switch {
	case s.Send != nil && !*s.Send:
		return hold(StationLeftOut, "%s is left out (send: false)", s)
	case s.Paused:
		return hold(Paused, "%s is paused", s)
	}
	return Verdict{Action: Accept, ReasonCode: Configured, Reason: fmt.Sprintf("%s is configured", s),
		Facility: s.Facility, Issuer: s.Facility, Registries: s.Registries}
}
