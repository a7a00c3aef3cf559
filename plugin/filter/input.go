package filter

import (
	"slices"

	"github.com/dosegate/dosegate/plugin/identity"
	"github.com/dosegate/dosegate/plugin/rdsr"
)

// Input is all that a verdict depends on besides the configuration. The
// ledger keeps it, as [Input.Stored], so that deciding again needs no fetch.
type Input struct {
	rdsr.Report
	Source    string `json:"source,omitempty"`     // the Orthanc it lies in
	SenderAET string `json:"sender_aet,omitempty"` // who sent it there
	CalledAET string `json:"called_aet,omitempty"` // whom it called for that
	Origin    string `json:"origin,omitempty"`     // DicomProtocol, RestApi, …
	Sender    string `json:"sender,omitempty"`     // the configured name of that way

	// Excluded is the rule of filter.exclude that the report meets, and
	// ExcludeRules the fingerprint of the rules that were asked. The patient's
	// data that the rules look at is not kept.
	Excluded     string `json:"excluded,omitempty"`
	ExcludeRules string `json:"exclude_rules,omitempty"`

	// Withheld names the texts that hold the report's own identifiers. They
	// are matched, but neither stored nor shown.
	Withheld []string `json:"withheld,omitempty"`
}

// The texts of an input that may be withheld.
const (
	fieldStation      = "station_name"
	fieldObserver     = "device_observer_name"
	fieldManufacturer = "manufacturer"
	fieldModel        = "model"
	fieldSerial       = "serial_number"
	fieldAET          = "sender_aet"
	fieldCalled       = "called_aet"
)

// Withheld stands for a text that may not be shown.
const Withheld = "(withheld)"

// NewInput gathers the input of a report. Of the texts, those that hold an
// identifier of the report's own patient are marked.
func (f *Filter) NewInput(doc *rdsr.Document, source string, came Came) Input {
	in := f.CameTo(source, came)
	in.Report, in.Excluded, in.ExcludeRules = doc.Report, f.Exclude.match(doc), f.Exclude.Fingerprint()
	ids := identity.New(nil)
	ids.Gather(doc.Dataset, identity.Scope{})
	for _, field := range []string{fieldStation, fieldObserver, fieldManufacturer, fieldModel, fieldSerial, fieldAET, fieldCalled} {
		if text := *in.text(field); text != "" && ids.In(text) && !f.Stations.names(text) {
			in.Withheld = append(in.Withheld, field)
		}
	}
	return in
}

// CameTo is all of an input that is known without the report itself.
func (f *Filter) CameTo(source string, came Came) Input {
	in := Input{Source: source, SenderAET: came.SenderAET, CalledAET: came.CalledAET, Origin: came.Origin}
	in.Sender = f.sender(in)
	return in
}

func (in *Input) text(field string) *string {
	switch field {
	case fieldStation:
		return &in.StationName
	case fieldObserver:
		return &in.DeviceObserverName
	case fieldManufacturer:
		return &in.Manufacturer
	case fieldModel:
		return &in.Model
	case fieldSerial:
		return &in.SerialNumber
	case fieldCalled:
		return &in.CalledAET
	}
	return &in.SenderAET
}

func (in Input) shown(field string) string {
	if slices.Contains(in.Withheld, field) {
		return Withheld
	}
	return *in.text(field)
}

// Stored returns the input without the texts that are withheld: what may go
// into the ledger, and from there to a person.
func (in Input) Stored() Input {
	for _, field := range in.Withheld {
		*in.text(field) = Withheld
	}
	return in
}

// Stale reports whether a stored input is not enough to decide by this filter:
// a text was withheld, or the rules of filter.exclude are others. The report
// has to be fetched then.
func (f *Filter) Stale(in Input) bool {
	return len(in.Withheld) > 0 || in.ExcludeRules != f.Exclude.Fingerprint()
}
