package filter

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/rdsr"
)

// Exclusion is one rule of filter.exclude: glob patterns, compared without
// case, all of which must match.
type Exclusion struct {
	PatientID        string
	StudyDescription string
}

// Exclusions leave out reports of phantoms and quality assurance.
type Exclusions []Exclusion

const (
	patientID        dataset.Tag = 0x00100020
	studyDescription dataset.Tag = 0x00081030
)

// Fingerprint changes when the rules do.
func (x Exclusions) Fingerprint() string {
	if len(x) == 0 {
		return ""
	}
	sum := sha256.Sum256([]byte(fmt.Sprintf("%q", x)))
	return hex.EncodeToString(sum[:8])
}

// match returns the first rule that the report meets, as the configuration
// words it: the pattern, not the patient's data.
func (x Exclusions) match(doc *rdsr.Document) string {
	for _, rule := range x {
		if rule.matches(doc) {
			return rule.String()
		}
	}
	return ""
}

func (e Exclusion) matches(doc *rdsr.Document) bool {
	return (e.PatientID != "" || e.StudyDescription != "") &&
		globbed(e.PatientID, doc, patientID) && globbed(e.StudyDescription, doc, studyDescription)
}

// String words the rule as the configuration does.
func (e Exclusion) String() string {
	var parts []string
	if e.PatientID != "" {
		parts = append(parts, "patient_id: "+e.PatientID)
	}
	if e.StudyDescription != "" {
		parts = append(parts, "study_description: "+e.StudyDescription)
	}
	return strings.Join(parts, ", ")
}

// globbed reports whether an attribute matches a pattern; no pattern matches
// everything.
func globbed(pattern string, doc *rdsr.Document, tag dataset.Tag) bool {
	if pattern == "" {
		return true
	}
	value := ""
	if r, ok := doc.Dataset.Find(dataset.Root, tag); ok {
		value = doc.Dataset.Charset(dataset.Root).Decode(doc.Dataset.Trimmed(r))
	}
	return like(pattern, value)
}
