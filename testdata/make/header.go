package main

import (
	"github.com/suyashkumar/dicom"
	"github.com/suyashkumar/dicom/pkg/tag"
)

// SOP classes.
const (
	doseSR       = "1.2.840.10008.5.1.4.1.1.88.67"
	radiopharmSR = "1.2.840.10008.5.1.4.1.1.88.68"
	enhancedXRay = "1.2.840.10008.5.1.4.1.1.88.76"
	enhancedSR   = "1.2.840.10008.5.1.4.1.1.88.22"
	basicTextSR  = "1.2.840.10008.5.1.4.1.1.88.11"
	compSR       = "1.2.840.10008.5.1.4.1.1.88.33"
	secondary    = "1.2.840.10008.5.1.4.1.1.7"
	ctImage      = "1.2.840.10008.5.1.4.1.1.2"
	dxImage      = "1.2.840.10008.5.1.4.1.1.1.1"
	stepClass    = "1.2.840.10008.3.1.2.3.3"
	studyClass   = "1.2.840.10008.3.1.2.3.1"
	patientClass = "1.2.840.10008.3.1.2.1.1"
)

// scanner is a device that never stood anywhere.
type scanner struct{ station, maker, model, serial string }

var (
	ct1  = scanner{"CT1", "MADE-UP MEDICAL", "Torus 64", "SN-64001-ZZ"}
	ct2  = scanner{"CT2", "GE-LIKE SYSTEMS", "Lightspin RT16", "SN-16002-ZZ"}
	rf1  = scanner{"RF Lab 1", "MADE-UP MEDICAL", "Fluorograph 9", "SN-09003-ZZ"}
	dx1  = scanner{"dxroom3", "PRETEND IMAGING", "Flatboard NE", "SN-00004-ZZ"}
	mg1  = scanner{"25022397", "PRETEND IMAGING", "Mammotron 2D", "SN-02005-ZZ"}
	nm1  = scanner{"PETCT1", "MADE-UP MEDICAL", "Ringscope 600", "SN-60006-ZZ"}
	cbct = scanner{"CBCT-A", "FICTION X-RAY", "Conebeamer 3", "SN-33007-ZZ"}
)

// document is what the header says; uid, study and series are names that instanceUID turns into UIDs.
type document struct {
	class, modality    string
	uid, study, series string
	charset            []string
	patient            patient
	scanner            scanner
	description        string
	protocol           string // Acquisition Protocol of every event, where it is not the ordinary one
	day, time          string // of the report
	retired            bool   // codes in the retired SRT scheme
}

// header makes what nearly every real report has, with its ordinary identities in their ordinary places.
func (d document) header() elements {
	return append(append(d.who(), d.when()...), d.what()...)
}

func (d document) who() elements {
	p := d.patient
	es := elements{
		str(tag.PatientName, p.name),
		str(tag.PatientID, p.id),
		str(tag.PatientBirthDate, p.birth),
		str(tag.PatientSex, p.sex),
		str(tag.InstitutionName, planted.institution),
		str(tag.InstitutionAddress, planted.address),
		str(tag.InstitutionalDepartmentName, planted.department),
		str(tag.ReferringPhysicianName, planted.referring),
		str(tag.PerformingPhysicianName, planted.performing),
		str(tag.OperatorsName, planted.operator),
		str(tag.AccessionNumber, planted.accession),
		str(tag.StudyID, planted.studyID),
	}
	for _, e := range []struct {
		tag   tag.Tag
		value string
	}{
		{tag.IssuerOfPatientID, p.issuer}, {tag.PatientAge, p.age}, {tag.PatientSize, p.size}, {tag.PatientWeight, p.weight},
	} {
		if e.value != "" {
			es = append(es, str(e.tag, e.value))
		}
	}
	return es
}

func (d document) when() elements {
	es := elements{
		str(tag.StudyDate, d.day), str(tag.SeriesDate, d.day), str(tag.ContentDate, d.day),
		str(tag.StudyTime, "101500"), str(tag.SeriesTime, "101512.250"), str(tag.ContentTime, d.time),
		str(tag.InstanceCreationDate, d.day), str(tag.InstanceCreationTime, d.time),
	}
	if d.charset != nil {
		es = append(es, str(tag.SpecificCharacterSet, d.charset...))
	}
	return es
}

func (d document) what() elements {
	es := elements{
		str(tag.SOPClassUID, d.class),
		str(tag.SOPInstanceUID, instanceUID(d.uid)),
		str(tag.StudyInstanceUID, instanceUID("study "+d.study)),
		str(tag.SeriesInstanceUID, instanceUID("series "+d.series)),
		str(tag.Modality, d.modality),
		str(tag.Manufacturer, d.scanner.maker),
		str(tag.ManufacturerModelName, d.scanner.model),
		str(tag.DeviceSerialNumber, d.scanner.serial),
		str(tag.SoftwareVersions, "MU 4.2"),
		str(tag.StudyDescription, d.description),
		str(tag.SeriesDescription, "Dose Report"),
		str(tag.SeriesNumber, "990"),
		str(tag.InstanceNumber, "1"),
		str(tag.CompletionFlag, "COMPLETE"),
		str(tag.VerificationFlag, "UNVERIFIED"),
		seq(tag.ReferencedPerformedProcedureStepSequence, reference(stepClass, "step "+d.study)),
		seq(tag.PerformedProcedureCodeSequence),
		seq(tag.ReferencedRequestSequence, d.request()),
		seq(tag.RequestAttributesSequence, d.scheduled()),
	}
	if d.scanner.station != "" {
		es = append(es, str(tag.StationName, d.scanner.station))
	}
	return es
}

// request is an item of the Referenced Request Sequence (PS3.3 C.17.2).
func (d document) request() elements {
	return elements{
		str(tag.StudyInstanceUID, instanceUID("study "+d.study)),
		seq(tag.ReferencedStudySequence, reference(studyClass, "study "+d.study)),
		str(tag.AccessionNumber, planted.accession),
		str(tag.PlacerOrderNumberImagingServiceRequest, planted.placer),
		str(tag.FillerOrderNumberImagingServiceRequest, planted.filler),
		str(tag.RequestedProcedureID, planted.requestedID),
		str(tag.RequestedProcedureDescription, d.description),
		seq(tag.RequestedProcedureCodeSequence),
		str(tag.RequestingPhysician, planted.requesting),
	}
}

func (d document) scheduled() elements {
	return elements{
		str(tag.RequestedProcedureID, planted.requestedID),
		str(tag.ScheduledProcedureStepID, planted.scheduledID),
		str(tag.ScheduledProcedureStepDescription, d.description),
		str(tag.ReasonForTheRequestedProcedure, planted.history),
		str(tag.AccessionNumber, planted.accession),
	}
}

func reference(class, name string) elements {
	return elements{str(tag.ReferencedSOPClassUID, class), str(tag.ReferencedSOPInstanceUID, instanceUID(name))}
}

// evidence is an item of a sequence that lists instances by study and series (PS3.3 C.17.2.1).
func evidence(study, series string, instances ...elements) elements {
	return elements{
		str(tag.StudyInstanceUID, instanceUID("study "+study)),
		seq(tag.ReferencedSeriesSequence, elements{
			str(tag.SeriesInstanceUID, instanceUID("series "+series)),
			seq(tag.ReferencedSOPSequence, instances...),
		}),
	}
}

// ages replaces the age in the header; "" leaves it out.
func aged(p patient, age string) patient {
	p.age = age
	return p
}

// add joins data sets of one level.
func add(parts ...[]*dicom.Element) elements {
	var all elements
	for _, p := range parts {
		all = all.with(p...)
	}
	return all
}
