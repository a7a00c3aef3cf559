package rdsr

import (
	"fmt"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/sr"
)

// Report is what a dose report says of itself, as far as routing asks. Texts
// hold at most 64 printable characters.
type Report struct {
	SOPClassUID        string `json:"sop_class_uid,omitempty"`
	TransferSyntax     string `json:"transfer_syntax,omitempty"`
	Template           string `json:"template,omitempty"` // TID, as "10011"
	Kind               string `json:"kind,omitempty"`     // one of the Kind constants
	StationName        string `json:"station_name,omitempty"`
	DeviceObserverName string `json:"device_observer_name,omitempty"`
	Manufacturer       string `json:"manufacturer,omitempty"`
	Model              string `json:"model,omitempty"`
	SerialNumber       string `json:"serial_number,omitempty"`
	IrradiationEvents  int    `json:"irradiation_events,omitempty"`
}

// Document is a file that was read, whatever it turned out to be.
type Document struct {
	Report
	Dataset *dataset.Dataset
	Tree    *sr.Tree // nil where the SOP class is none that a dose report has
}

// NotDoseError says why a readable instance is no dose report.
type NotDoseError struct {
	Reason string // in words, without anything of the patient's
}

func (e *NotDoseError) Error() string { return "no dose report: " + e.Reason }

// Attributes that recognition reads at the top level (PS3.3 C.7.5.1, C.12.1).
const (
	sopClassUID  dataset.Tag = 0x00080016
	sopInstance  dataset.Tag = 0x00080018
	manufacturer dataset.Tag = 0x00080070
	stationName  dataset.Tag = 0x00081010
	modelName    dataset.Tag = 0x00081090
	serialNumber dataset.Tag = 0x00181000
	studyUID     dataset.Tag = 0x0020000D
)

// Recognise reads an encoded DICOM file.
//
// A file that is readable and no dose report gives a *[NotDoseError]; any
// other error means that it cannot be read, or that a dose report in it is not
// whole. The document is returned with either kind of error as far as it was
// read (its Report at least holds the station where that is known); it is nil
// only when the bytes are no DICOM data set at all.
func Recognise(file []byte, lim dataset.Limits) (*Document, error) {
	d, err := dataset.Parse(file, lim)
	if err != nil {
		return nil, err
	}
	doc := &Document{Dataset: d, Report: header(d)}
	if doc.SOPClassUID == "" {
		return doc, fmt.Errorf("%w: %v is no UID", dataset.ErrMalformed, sopClassUID)
	}
	if yes, why := Candidate(doc.SOPClassUID); !yes {
		return doc, &NotDoseError{Reason: why}
	}
	doc.Tree = sr.Read(d)
	t := readTree(d, doc.Tree)
	doc.DeviceObserverName = t.deviceObserver
	doc.IrradiationEvents = t.events
	doc.Template = t.template(doc.SOPClassUID)
	doc.Kind = t.kind(doc.Template)
	if err := doc.settle(t); err != nil {
		return doc, err
	}
	return doc, nil
}

// header reads what stands at the top level. A Station Name further down
// (Contributing Equipment Sequence) is another device's.
func header(d *dataset.Dataset) Report {
	return Report{
		SOPClassUID:    uidText(d.TextOf(dataset.Root, sopClassUID)),
		TransferSyntax: d.Syntax.UID,
		StationName:    plain(d, stationName),
		Manufacturer:   plain(d, manufacturer),
		Model:          plain(d, modelName),
		SerialNumber:   plain(d, serialNumber),
	}
}

// settle decides between a dose report, none, and one that is not whole.
func (doc *Document) settle(t *tree) error {
	d := doc.Dataset
	if !DoseClass(doc.SOPClassUID) && doc.Template == "" {
		return &NotDoseError{Reason: t.nearMiss()}
	}
	if t.items == 0 {
		return fmt.Errorf("%w: a dose report without content", dataset.ErrCut)
	}
	if err := whole(d); err != nil {
		return err
	}
	for _, tag := range []dataset.Tag{sopInstance, studyUID} {
		if !dataset.ValidUID(d.TextOf(dataset.Root, tag)) {
			return fmt.Errorf("%w: %v is no UID", dataset.ErrMalformed, tag)
		}
	}
	return nil
}

// whole refuses a report in which a sequence that carries content cannot be
// read as one: what is in it would be lost without a word.
func whole(d *dataset.Dataset) error {
	for r, n := range d.Values() {
		switch n.Tag {
		case sr.ContentSequence, sr.MeasuredValueSequence, sr.ConceptCodeSequence, sr.ConceptNameCodeSequence,
			sr.MeasurementUnitsCodeSequence:
			if len(d.Trimmed(r)) > 0 {
				return fmt.Errorf("%w: %v is no sequence", dataset.ErrMalformed, n.Tag)
			}
		}
	}
	return nil
}

// uidText returns the text if it is a UID: nothing else may stand where one
// is shown.
func uidText(s string) string {
	if dataset.ValidUID(s) {
		return s
	}
	return ""
}

// plain reads a short text of the top level for matching and display.
func plain(d *dataset.Dataset, tag dataset.Tag) string {
	r, ok := d.Find(dataset.Root, tag)
	if !ok || d.Container(r) {
		return ""
	}
	return Plain(d.Charset(dataset.Root).Decode(d.Trimmed(r)))
}

// itemText is plain for a content item.
func itemText(d *dataset.Dataset, item dataset.Ref) string {
	r, ok := d.Find(item, sr.TextValue)
	if !ok || d.Container(r) {
		return ""
	}
	return Plain(d.Charset(item).Decode(d.Trimmed(r)))
}
