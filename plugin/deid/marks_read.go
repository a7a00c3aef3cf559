package deid

import (
	"fmt"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/sr"
)

// Marks are what a de-identified report says of its de-identification (PS3.15
// E.1.1).
type Marks struct {
	PatientIdentityRemoved string   `json:"patient_identity_removed"`
	Methods                []string `json:"methods"` // codes of CID 7050
	Dates                  string   `json:"longitudinal_temporal_information_modified"`
}

// Marks reads the marks from the file itself.
func (r *Result) Marks() (Marks, error) {
	d, err := dataset.Parse(r.File, dataset.Limits{Bytes: len(r.File) + 1})
	if err != nil {
		return Marks{}, fmt.Errorf("read the de-identified report again: %w", err)
	}
	m := Marks{PatientIdentityRemoved: d.TextOf(dataset.Root, patientIdentityRemoved), Methods: []string{},
		Dates: d.TextOf(dataset.Root, longitudinalTemporalInformation)}
	if methods, ok := d.Find(dataset.Root, deidentificationMethodCodes); ok {
		for item := range d.Children(methods) {
			m.Methods = append(m.Methods, d.TextOf(item, sr.CodeValue))
		}
	}
	return m, nil
}
