package main

import (
	"github.com/suyashkumar/dicom"
	"github.com/suyashkumar/dicom/pkg/tag"
)

// hiding is every further place in a header in which real reports were seen to hold an identity, or in which the standard
// lets them. Each is harmless to a reader of the dose and none may leave.
func (d document) hiding() elements {
	return add(d.hidingPatient(), d.hidingOrder(), d.hidingHouse(), d.hidingPeople(), d.hidingLinks(), hidingPrivate(), hidingCrypto(d))
}

func (d document) hidingPatient() elements {
	return elements{
		str(tag.OtherPatientNames, planted.otherName),
		str(tag.Tag{Group: 0x0010, Element: 0x1000}, planted.otherID), // Other Patient IDs, retired and still sent
		seq(tag.OtherPatientIDsSequence, elements{
			str(tag.PatientID, planted.otherID), str(tag.TypeOfPatientID, "TEXT"), str(tag.IssuerOfPatientID, "ELSEWHERE-MPI"),
		}),
		str(tag.PatientBirthName, planted.birthName),
		str(tag.PatientMotherBirthName, planted.mother),
		str(tag.PatientAddress, planted.home),
		str(tag.PatientTelephoneNumbers, planted.phone),
		str(tag.PatientBirthTime, "031400"),
		str(tag.Occupation, planted.occupation),
		str(tag.AdditionalPatientHistory, planted.history),
		str(tag.PatientComments, planted.remark+" about "+d.patient.name),
		str(tag.MedicalAlerts, planted.remark),
		str(tag.Allergies, planted.remark),
		str(tag.EthnicGroup, "Fictitian"),
		seq(tag.ReferencedPatientSequence, reference(patientClass, "patient "+d.patient.id)),
	}
}

func (d document) hidingOrder() elements {
	return elements{
		str(tag.AdmissionID, planted.admission),
		str(tag.CurrentPatientLocation, planted.location),
		str(tag.PatientState, planted.remark),
		str(tag.ReasonForStudy, planted.history),
		str(tag.StudyComments, planted.remark),
		str(tag.RequestedProcedureComments, planted.remark),
		str(tag.ImageComments, planted.remark),
		str(tag.AdmittingDiagnosesDescription, planted.history),
		str(tag.PerformedProcedureStepID, planted.stepID),
		str(tag.RequestedProcedureID, planted.requestedID),
		str(tag.RequestedProcedureDescription, d.description),
		str(tag.CommentsOnThePerformedProcedureStep, planted.remark),
		seq(tag.ProcedureCodeSequence, concept{"CTABD", "99NOWHERE", "CT for " + d.patient.name}.coded()),
	}
}

func (d document) hidingHouse() elements {
	return elements{
		str(tag.RetrieveAETitle, planted.aeTitle),
		str(tag.StationAETitle, planted.remoteAE),
		str(tag.RetrieveURL, planted.url),
		str(tag.DeviceUID, instanceUID("device "+d.scanner.serial)),
		str(tag.RequestingService, planted.department),
		seq(tag.InstitutionCodeSequence, concept{"NG", "99NOWHERE", planted.institution}.coded()),
		seq(tag.CustodialOrganizationSequence, elements{
			str(tag.InstitutionName, planted.organization), seq(tag.InstitutionCodeSequence),
		}),
		seq(tag.ContributingEquipmentSequence, elements{
			seq(tag.PurposeOfReferenceCodeSequence, dcm("109102", "Processing Equipment").coded()),
			str(tag.Manufacturer, "PRETEND IMAGING"),
			str(tag.InstitutionName, planted.organization2),
			str(tag.InstitutionAddress, planted.address),
			str(tag.InstitutionalDepartmentName, planted.department),
			str(tag.StationName, planted.station),
			str(tag.OperatorsName, planted.operator),
			str(tag.DeviceSerialNumber, planted.serial),
			str(tag.ContributionDateTime, d.day+"102000"),
			str(tag.ContributionDescription, "Sent on by "+planted.operator),
		}),
	}
}

func (d document) hidingPeople() elements {
	org := str(tag.VerifyingOrganization, planted.organization2)
	identified := func(t tag.Tag, name string) *dicom.Element {
		return seq(t, concept{planted.staffID, "99NOWHERE", name}.coded())
	}
	return elements{
		str(tag.VerificationFlag, "VERIFIED"),
		seq(tag.VerifyingObserverSequence, elements{
			org, str(tag.VerificationDateTime, d.day+"110000"), str(tag.VerifyingObserverName, planted.verifying),
			identified(tag.VerifyingObserverIdentificationCodeSequence, planted.verifying),
		}),
		seq(tag.AuthorObserverSequence, elements{
			str(tag.ObserverType, "PSN"), str(tag.PersonName, planted.author),
			identified(tag.PersonIdentificationCodeSequence, planted.author),
			str(tag.InstitutionName, planted.organization2), seq(tag.InstitutionCodeSequence),
		}),
		str(tag.PhysiciansOfRecord, planted.referring, planted.requesting),
		str(tag.NameOfPhysiciansReadingStudy, planted.reading),
		str(tag.RequestingPhysician, planted.requesting),
		seq(tag.ReferringPhysicianIdentificationSequence, elements{
			identified(tag.PersonIdentificationCodeSequence, planted.referring),
			str(tag.PersonAddress, planted.address), str(tag.PersonTelephoneNumbers, planted.phone),
			str(tag.InstitutionName, planted.organization2),
		}),
	}
}

// hidingLinks refers to other instances, whose UIDs identify as well as a name does to whoever has the archive.
func (d document) hidingLinks() elements {
	return elements{
		seq(tag.ReferencedStudySequence, reference(studyClass, "study "+d.study)),
		seq(tag.PredecessorDocumentsSequence, evidence(d.study, d.series, reference(d.class, "predecessor of "+d.uid))),
		seq(tag.CurrentRequestedProcedureEvidenceSequence,
			evidence(d.study, "images "+d.study, reference(ctImage, "image "+d.study))),
		seq(tag.OriginalAttributesSequence, elements{
			str(tag.SourceOfPreviousValues, planted.organization2),
			str(tag.AttributeModificationDateTime, d.day+"120000"),
			str(tag.ModifyingSystem, planted.aeTitle),
			str(tag.ReasonForTheAttributeModification, "CORRECT"),
			seq(tag.ModifiedAttributesSequence, elements{
				str(tag.PatientName, planted.otherName), str(tag.PatientID, planted.otherID),
			}),
		}),
	}
}

// hidingPrivate is a private group, with a sequence in it (PS3.5 7.8).
func hidingPrivate() elements {
	return elements{
		private(0x0029, 0x0010, "LO", "MADE UP HEADER 1"),
		private(0x0029, 0x1008, "LO", "Exam of "+ada.name),
		private(0x0029, 0x1009, "UN", ada.id+" "+planted.serial),
		privateSeq(0x0029, 0x1015, elements{
			private(0x0029, 0x0010, "LO", "MADE UP HEADER 1"),
			private(0x0029, 0x1016, "PN", planted.operator),
		}),
	}
}

// hidingCrypto holds what nobody without the key can check, so that it must go whatever is in it (PS3.15 E.1.1, C.12.1.1.3).
func hidingCrypto(d document) elements {
	return elements{
		seq(tag.EncryptedAttributesSequence, elements{
			str(tag.EncryptedContentTransferSyntaxUID, "1.2.840.10008.1.2.1"),
			octets(tag.EncryptedContent, "not really encrypted: "+ada.name+" "+ada.id),
		}),
		seq(tag.MACParametersSequence, elements{
			numbers(tag.MACIDNumber, 1),
			str(tag.MACCalculationTransferSyntaxUID, "1.2.840.10008.1.2.1"),
			str(tag.MACAlgorithm, "SHA256"),
			&dicom.Element{Tag: tag.DataElementsSigned, RawValueRepresentation: "AT", Value: must(dicom.NewValue([]int{0x0008, 0x0018}))},
		}),
		seq(tag.DigitalSignaturesSequence, elements{
			numbers(tag.MACIDNumber, 1),
			str(tag.DigitalSignatureUID, instanceUID("signature "+d.uid)),
			str(tag.DigitalSignatureDateTime, d.day+"110100"),
			str(tag.CertificateType, "X509_1993_SIG"),
			octets(tag.CertificateOfSigner, "CN="+planted.author+",O="+planted.institution),
			octets(tag.Signature, "no signature at all"),
		}),
	}
}
