package main

import "github.com/suyashkumar/dicom/pkg/tag"

// doseScreen is a picture of a dose table, which many scanners send beside the report or instead of it.
func doseScreen(d document) elements {
	const side = 4
	return d.header().without(
		tag.CompletionFlag, tag.VerificationFlag, tag.PerformedProcedureCodeSequence, tag.ReferencedRequestSequence,
		tag.ReferencedPerformedProcedureStepSequence,
	).with(
		str(tag.ConversionType, "WSD"),
		str(tag.ImageType, "DERIVED", "SECONDARY", "SCREEN SAVE"),
		str(tag.SeriesDescription, "Patient Protocol"),
		str(tag.PatientOrientation, ""),
		str(tag.Laterality, ""),
		numbers(tag.SamplesPerPixel, 1),
		str(tag.PhotometricInterpretation, "MONOCHROME2"),
		numbers(tag.Rows, side), numbers(tag.Columns, side),
		numbers(tag.BitsAllocated, 8), numbers(tag.BitsStored, 8), numbers(tag.HighBit, 7), numbers(tag.PixelRepresentation, 0),
		octets(tag.PixelData, string(make([]byte, side*side))),
	)
}

// measurementReport is TID 1500: an SR with NUM items and Procedure Reported = CT, and no dose.
func measurementReport(d document) elements {
	lesion := container(dcm("125007", "Measurement Group"), append(observes(
		text(dcm("112039", "Tracking Identifier"), "Lesion 1 of "+d.patient.name),
		uidref(dcm("112040", "Tracking Unique Identifier"), instanceUID("lesion "+d.study)),
	), num(sct("103339001", "Long Axis"), "12.4", mm))...)
	return report(dcm("126000", "Imaging Measurement Report"), "1500",
		modifies(code(dcm("121049", "Language of Content Item and Descendants"), concept{"en", "RFC5646", "English"})),
		personObserver(),
		modifies(code(procedureReported, tomography)),
		[]elements{container(dcm("126010", "Imaging Measurements"), lesion)},
	)
}

// basicText is what a radiologist wrote.
func basicText(d document) elements {
	return report(concept{"11528-7", "LN", "Radiology Report"}, "",
		personObserver(),
		[]elements{container(dcm("121070", "Findings"),
			text(dcm("121071", "Finding"), "No lesion in "+d.patient.name+". CTDIvol 9.06 mGy, DLP 427 mGy.cm."))},
	)
}

// doseSummary is a vendor's own dose table: figures of a dose under a root concept that nobody else knows.
func doseSummary(d document) elements {
	return report(privateCode("DS-100", "Dose Summary"), "",
		deviceObserver(d.scanner, d.scanner.station),
		[]elements{container(privateCode("DS-101", "Series"),
			num(dcm("113830", "Mean CTDIvol"), "9.06", mGy),
			num(dcm("113838", "DLP"), "426.73", mGyCm))},
	)
}
