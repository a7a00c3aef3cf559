package deid

import (
	"errors"

	"github.com/dosegate/dosegate/plugin/dataset"
)

// The Clinical Trial Subject Module (PS3.3 C.7.1.3), in which a registry is told the
// facility: with all attributes that the module wants.
const (
	clinicalTrialSponsorName  dataset.Tag = 0x00120010
	clinicalTrialProtocolID   dataset.Tag = 0x00120020
	clinicalTrialProtocolName dataset.Tag = 0x00120021
	clinicalTrialSiteID       dataset.Tag = 0x00120030
	clinicalTrialSiteName     dataset.Tag = 0x00120031
	clinicalTrialSubjectID    dataset.Tag = 0x00120040
)

// protocol is the Clinical Trial Protocol ID: what is collected.
const protocol = "RDSR"

// ErrNoFacility means that a report has no facility, and its registry wants one in it.
var ErrNoFacility = errors.New("the registry wants the facility in the report, and neither the station's entry in stations.yaml nor a route names one")

// site writes the facility where the policy wants it.
func (j *job) site(facility string) error {
	if j.policy.Sponsor == "" {
		return nil
	}
	if facility == "" {
		return ErrNoFacility
	}
	for _, a := range []struct {
		tag   dataset.Tag
		value string
	}{
		{clinicalTrialSponsorName, j.policy.Sponsor}, {clinicalTrialProtocolID, protocol}, {clinicalTrialProtocolName, ""},
		{clinicalTrialSiteID, facility}, {clinicalTrialSiteName, ""}, {clinicalTrialSubjectID, j.derive.pseudonym(j.issuer, j.patient)},
	} {
		j.plan.Add(dataset.Root, a.tag, dataset.LO, []byte(a.value))
	}
	return nil
}

// site are the entries of what site writes.
func (d *dictionary) site() (all []DictionaryEntry) {
	if d.policy.Sponsor == "" {
		return nil
	}
	for _, a := range []struct {
		tag           dataset.Tag
		name, details string
	}{
		{clinicalTrialSponsorName, "ClinicalTrialSponsorName", d.policy.Sponsor},
		{clinicalTrialProtocolID, "ClinicalTrialProtocolID", protocol},
		{clinicalTrialProtocolName, "ClinicalTrialProtocolName", "empty"},
		{clinicalTrialSiteID, "ClinicalTrialSiteID", "the facility of the station or of the route"},
		{clinicalTrialSiteName, "ClinicalTrialSiteName", "empty"},
		{clinicalTrialSubjectID, "ClinicalTrialSubjectID", "the pseudonym, as in PatientID"},
	} {
		all = append(all, DictionaryEntry{Tag: a.tag.String(), Name: a.name, Type: "LO", Action: OutcomeWritten, Details: a.details,
			Reason: "PS3.3 C.7.1.3: the registry is told the facility, by configuration"})
	}
	return all
}
