package main

import (
	"fmt"
	"slices"

	"github.com/suyashkumar/dicom/pkg/tag"
	"github.com/suyashkumar/dicom/pkg/uid"
)

// file is one test file: what it is, how it is encoded, and what recognition should say of it.
type file struct {
	name    string
	what    string // for the README
	trouble string
	planted string
	data    elements
	enc     encoding
	want    recognition
}

// recognition is the part of a row of expected.tsv that is decided and not merely copied from the header.
type recognition struct {
	template, kind string
	events         int
	why            string // why it is no dose report; "" where it is one
}

const (
	usual   = "header, request, order, observer's room"
	leapDay = "20240229"
)

var (
	latin1 = []string{"ISO_IR 100"}
	utf8   = []string{"ISO_IR 192"}
)

// exam is a document of the given class about a patient on a scanner; name makes its UIDs its own.
func exam(name, class string, p patient, s scanner, description string) document {
	return document{class: class, modality: "SR", uid: name, study: name, series: name, charset: latin1,
		patient: p, scanner: s, description: description, day: leapDay, time: "103045"}
}

func ct(name string) document { return exam(name, doseSR, ada, ct1, "CT Thorax and Abdomen") }
func rf(name string) document { return exam(name, doseSR, otto, rf1, "Barium swallow") }

// of joins a document's header and content.
func of(d document, content elements) elements { return add(d.header(), content) }

// catalogue is every file of testdata.
func catalogue() []file {
	return slices.Concat(ctFiles(), stationFiles(), cumulativeFiles(), encodedFiles(), xrayFiles(), nearMisses())
}

func ctFiles() []file {
	small, forty, big, full := ct("ct-small"), ct("ct-40-events"), ct("ct-250k"), ct("ct-identities")
	named := ct("ct-names-in-protocol")
	named.description, named.protocol = "CT Thorax "+ada.name, "Special for "+ada.name
	return []file{
		{name: "ct-small", what: "TID 10011, a scout and a head", planted: usual,
			data: of(small, ctContent(small, "10011", 2)), want: recognition{"10011", "CT", 2, ""}},
		{name: "ct-40-events", what: "TID 10011, a long day in one report, about 160 KB", planted: usual,
			data: of(forty, ctContent(forty, "10011", 40)), want: recognition{"10011", "CT", 40, ""}},
		{name: "ct-250k", what: "TID 10011, about 250 KB", planted: usual,
			data: of(big, ctContent(big, "10011", 65)), want: recognition{"10011", "CT", 65, ""}},
		{name: "ct-identities", what: "TID 10011 with identities in every place a CT's report has them",
			trouble: "private groups, encrypted attributes, a digital signature, text in the preamble",
			planted: "everywhere: header, nested, private, person observer, subject, participants, free text, code meanings",
			enc:     encoding{preamble: planted.aeTitle + " " + ada.id},
			data:    add(full.header(), ctContent(full, "10011", 2, ctNames(full)...), full.hiding()),
			want:    recognition{"10011", "CT", 3, ""}},
		{name: "ct-names-in-protocol", what: "TID 10011 whose Study Description and Acquisition Protocol hold the patient's name",
			trouble: "both are wanted by a registry: they leave cleaned, or the report is held",
			planted: usual + ", study description, acquisition protocol",
			data:    of(named, ctContent(named, "10011", 2)),
			want:    recognition{"10011", "CT", 2, ""}},
	}
}

func stationFiles() []file {
	bare, nested, nameless := ct("ct-no-template"), ct("ct-no-station"), ct("ct-no-device")
	sloppy := ct("ct-sloppy")
	nested.scanner.station = ""
	nested.patient.id, nested.patient.age = "", ""
	nameless.scanner = scanner{serial: ct1.serial}
	ge := exam("ct-enhanced-sr", enhancedSR, ada, ct2, "CT Abdomen")
	ge.retired = true
	observed := nested
	observed.scanner.station = "FLASH_ROOM01"
	equipment := nested.hidingHouse().find(tag.ContributingEquipmentSequence)
	return []file{
		{name: "ct-no-template", what: "TID 10011 without Content Template Sequence",
			trouble: "only root concept and Procedure Reported tell", planted: usual,
			data: of(bare, ctContent(bare, "", 3)), want: recognition{"10011", "CT", 3, ""}},
		{name: "ct-no-station", what: "TID 10011 without Station Name at the top; Device Observer Name is there",
			trouble: "a Station Name nested in Contributing Equipment that is not the scanner's; Patient ID empty; no age",
			planted: usual + ", contributing equipment",
			data:    add(nested.header(), ctContent(observed, "10011", 2), elements{equipment}),
			want:    recognition{"10011", "CT", 2, ""}},
		{name: "ct-no-device", what: "TID 10011 with neither Station Name nor Device Observer Name nor manufacturer",
			trouble: "only the serial number is left", planted: usual,
			data: of(nameless, ctContent(nameless, "10011", 2)).without(tag.Manufacturer, tag.ManufacturerModelName),
			want: recognition{"10011", "CT", 2, ""}},
		{name: "ct-enhanced-sr", what: "TID 10011 in Enhanced SR Storage, as older scanners of one vendor send it",
			trouble: "not in the dose SOP class; 121058 in the retired SRT scheme", planted: usual,
			data: of(ge, ctContent(ge, "10011", 3)), want: recognition{"10011", "CT", 3, ""}},
		{name: "ct-sloppy", what: "TID 10011 with content items that no rule allows",
			trouble: "a Value Type that is none, items without concept name, NUM that is no number or is empty, CODE without a code, a date that is none",
			planted: usual + ", under a false Value Type, without concept name, as a number",
			data:    of(sloppy, ctContent(sloppy, "10011", 2, sloppyItems(sloppy)...)), want: recognition{"10011", "CT", 2, ""}},
	}
}

// cumulativeFiles are three reports of one exam, each with the events of the one before and one more, and, as with
// real ones, each in a series of its own.
func cumulativeFiles() []file {
	var files []file
	var before []elements
	for i := range 3 {
		name := "ct-cumulative-" + string(rune('1'+i))
		d := ct("ct-cumulative")
		d.uid, d.series, d.time = name, name, fmt.Sprintf("10%d545", 1+i)
		data := of(d, ctContent(d, "10011", i+1))
		if before != nil {
			data = data.with(seq(tag.PredecessorDocumentsSequence, before...))
		}
		files = append(files, file{name: name, what: "TID 10011, cumulative: the same exam, a series of its own, event UIDs a nested subset",
			planted: usual, data: data, want: recognition{"10011", "CT", i + 1, ""}})
		before = append(before, evidence(d.study, d.series, reference(doseSR, name)))
	}
	return files
}

func xrayFiles() []file {
	plainRF, all := rf("rf"), rf("rf-identities")
	plainRF.patient = aged(otto, "37Y ")
	undeclared, ir87 := rf("rf-latin1-undeclared"), rf("rf-ir87")
	undeclared.charset, ir87.charset = nil, []string{"", "ISO 2022 IR 87"}
	undeclared.retired = true
	dx := exam("dx", doseSR, aged(cyr, "162Y"), dx1, "Chest AP")
	mg := exam("mg", doseSR, ada, mg1, "Mammography screening")
	mg.charset = utf8
	nm := exam("nm", radiopharmSR, nora, nm1, "PET/CT whole body")
	cone := exam("enhanced-xray", enhancedXRay, cyr, cbct, "Cone beam CT wrist")
	xa := func(n int) recognition { return recognition{"10001", "XA/RF", n, ""} }
	return []file{
		{name: "rf", what: "TID 10001 of a fluoroscopy system", trouble: "age \"37Y\", not padded to four; NUM without a value",
			planted: usual, data: of(plainRF, rfContent(plainRF, latin1Degree, 8)), want: xa(8)},
		{name: "rf-identities", what: "TID 10001 with identities in every place a projection report has them",
			trouble: "121114, 121008, 121012 and 121126 as TEXT; the physician under a private code as well",
			planted: "everywhere: header, nested, private, subject, participants, calibration, free text",
			data:    add(all.header(), rfContent(all, latin1Degree, 3, rfNames(all)...), all.hiding()), want: xa(4)},
		{name: "rf-latin1-undeclared", what: "TID 10001", trouble: "no Specific Character Set, yet a Latin-1 degree sign; fluoroscopy in the retired SRT scheme",
			planted: usual, data: of(undeclared, rfContent(undeclared, latin1Degree, 3)), want: xa(3)},
		{name: "rf-ir87", what: "TID 10001", trouble: "declares ISO 2022 IR 87 and holds a Latin-1 degree sign",
			planted: usual, data: of(ir87, rfContent(ir87, latin1Degree, 3)), want: xa(3)},
		{name: "dx", what: "TID 10001 of a cassette system", trouble: "age \"162Y\"; NUM without a value",
			planted: usual + ", referenced images", data: of(dx, dxContent(dx, 2)).with(
				seq(tag.CurrentRequestedProcedureEvidenceSequence, evidence(dx.study, "images dx",
					reference(dxImage, dxImageName(dx, 0)), reference(dxImage, dxImageName(dx, 1))))), want: recognition{"10001", "DX", 2, ""}},
		{name: "mg", what: "TID 10001 of a mammography system", trouble: "UTF-8; no Device Observer Name; station of digits only",
			planted: usual, data: of(mg, mgContent(mg, mammography, utf8Degree)), want: recognition{"10001", "MG", 4, ""}},
		{name: "nm", what: "TID 10021 of a PET/CT", trouble: "no 121058, no 121013; a patient's name with accents in Latin-1",
			planted: usual + ", administering person, prescription", data: of(nm, nmContent(nm)),
			want: recognition{"10021", "NM", 1, ""}},
		{name: "enhanced-xray", what: "Enhanced X-Ray Radiation Dose SR, after TID 10040 as far as it could be verified",
			trouble: "root as in TID 10001; events of TID 10042", planted: usual,
			data: of(cone, enhancedContent(cone, 2)), want: recognition{"10040", "XA/RF", 2, ""}},
	}
}

// wrapped are sequences for the files in which they go out as UN: of the request, of the equipment, and around every figure.
func wrapped(how inside) map[tag.Tag]inside {
	return map[tag.Tag]inside{
		tag.ReferencedRequestSequence:     how,
		tag.ContributingEquipmentSequence: how,
		tag.MeasuredValueSequence:         how,
		{Group: 0x0029, Element: 0x1015}:  how,
	}
}

func encodedFiles() []file {
	one := func(name, trouble string, enc encoding) file {
		d := ct(name)
		more := elements{d.hidingHouse().find(tag.ContributingEquipmentSequence)}
		return file{name: name, what: "TID 10011", trouble: trouble, planted: usual + ", contributing equipment, private group", enc: enc,
			data: add(d.header(), ctContent(d, "10011", 2), more, hidingPrivate()), want: recognition{"10011", "CT", 2, ""}}
	}
	big := exam("mg-big-endian", doseSR, aged(ada, "100Y"), mg1, "Mammography screening")
	implicit, stray := one("ct-implicit", "implicit VR little endian", encoding{syntax: uid.ImplicitVRLittleEndian}),
		one("ct-implicit-stray", "", encoding{syntax: uid.ImplicitVRLittleEndian})
	elsewhere := ct("ct-implicit")
	elsewhere.patient = cyr
	implicit.data = implicit.data.with(elsewhere.who()...)
	implicit.trouble += "; Patient ID as in ct-small, but of another issuer: another person"
	stray.trouble = "implicit VR; (0040,A170), a sequence by the dictionary, holds a CS string: dcmdump gives up there"
	stray.data = stray.data.with(private(0x0040, 0xa170, "CS", "DEMONSTRATION"))
	return []file{
		implicit, stray,
		one("ct-deflated", "deflated explicit VR little endian", encoding{syntax: uid.DeflatedExplicitVRLittleEndian}),
		one("ct-undefined-lengths", "every sequence and item of undefined length", encoding{undefined: true}),
		one("ct-un-undefined", "sequences as UN of undefined length, implicit VR inside, among them every Measured Value Sequence",
			encoding{unknown: wrapped(implicitInside)}),
		one("ct-un-explicit", "the same with explicit VR inside, against CP-246: dcmdump gives up there",
			encoding{unknown: wrapped(explicitInside)}),
		one("ct-no-preamble", "implicit VR little endian without preamble and file meta information",
			encoding{syntax: uid.ImplicitVRLittleEndian, noMeta: true}),
		one("ct-no-group-length", "file meta information without (0002,0000)", encoding{noGroupLength: true}),
		one("ct-wrong-vr", "Contributing Equipment Sequence under VR OB, and a code sequence under VR CS",
			encoding{misnamed: map[tag.Tag]string{tag.ContributingEquipmentSequence: "OB", tag.ScheduledProtocolCodeSequence: "CS"}}).
			withProtocolCode(),
		{name: "mg-big-endian", what: "TID 10001 of a mammography system",
			trouble: "explicit VR big endian; 121058 in the retired SRT scheme; age \"100Y\"", planted: usual,
			data: of(big, mgContent(big, mammographySRT, latin1Degree)), enc: encoding{syntax: uid.ExplicitVRBigEndian},
			want: recognition{"10001", "MG", 4, ""}},
	}
}

// withProtocolCode adds a scheduled protocol code to the request attributes, with a name in its meaning.
func (f file) withProtocolCode() file {
	d := ct(f.name)
	scheduled := d.scheduled().with(seq(tag.ScheduledProtocolCodeSequence, concept{"P1", "99NOWHERE", "As " + planted.referring + " likes"}.coded()))
	f.data = f.data.with(seq(tag.RequestAttributesSequence, scheduled))
	return f
}

func nearMisses() []file {
	screen := exam("sc-dose-screen", secondary, ada, ct1, "CT Thorax")
	screen.modality = "CT"
	lesion := exam("measurement-report", compSR, ada, ct1, "CT Thorax")
	empty := exam("empty-enhanced-sr", enhancedSR, ada, ct2, "CT Thorax")
	words := exam("basic-text", basicTextSR, ada, ct1, "CT Thorax")
	vendor := exam("private-root", enhancedSR, ada, ct2, "CT Thorax")
	hollow := of(empty, report(concept{"18748-4", "LN", "Diagnostic Imaging Report"}, "")).without(tag.ContentSequence)
	return []file{
		{name: "sc-dose-screen", what: "a dose screen: Secondary Capture, Modality CT", planted: usual,
			data: doseScreen(screen), want: recognition{why: "secondary capture"}},
		{name: "measurement-report", what: "Comprehensive SR, TID 1500, with Procedure Reported = CT", planted: usual + ", person observer, tracking identifier",
			data: of(lesion, measurementReport(lesion)), want: recognition{why: "measurement report (TID 1500)"}},
		{name: "empty-enhanced-sr", what: "Enhanced SR with no content at all", planted: usual,
			data: hollow, want: recognition{why: "Enhanced SR without content"}},
		{name: "basic-text", what: "Basic Text SR whose prose speaks of dose", planted: usual + ", person observer, finding",
			data: of(words, basicText(words)), want: recognition{why: "Basic Text SR"}},
		{name: "private-root", what: "Enhanced SR: a vendor's dose summary under a private root concept", planted: usual,
			data: of(vendor, doseSummary(vendor)), want: recognition{why: "Enhanced SR with a private root concept"}},
	}
}
