package main

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/suyashkumar/dicom/pkg/tag"
)

// ctScan is one line of an exam: what was scanned and with how much.
type ctScan struct {
	protocol           string
	region             concept
	kind               concept
	seconds, length    float64 // exposure time in s, scanning length in mm
	single, total      float64 // collimation widths in mm
	pitch              float64 // 0: none, as for a scout view
	kv, maxMA, ma, rot float64
	ctdi               float64 // mGy, 0 for a constant angle acquisition, which has none (TID 10013 row 21)
}

var (
	chest   = sct("51185008", "Chest")
	abdomen = sct("113345001", "Abdomen")
	head1   = sct("69536005", "Head")

	spiral        = sct("116152004", "Spiral Acquisition")
	ctAcquisition = dcm("113819", "CT Acquisition")

	constant   = dcm("113805", "Constant Angle Acquisition")
	stationary = dcm("113806", "Stationary Acquisition")
	sequenced  = dcm("113804", "Sequenced Acquisition")
)

// ctScans is an exam of chest and abdomen with a bolus watched, and a head before it.
var ctScans = []ctScan{
	{"Topogram", chest, constant, 7.6, 760, 0.6, 3.6, 0, 120, 36, 35, 0, 0},
	{"Head Seq", head1, sequenced, 14, 158.4, 1.2, 14.4, 1, 130, 250, 240, 1, 48.35},
	{"Thorax native", chest, spiral, 6.35, 342.5, 0.6, 38.4, 1.2, 100, 212, 148, 0.5, 4.87},
	{"PreMonitoring", chest, stationary, 0.5, 10, 10, 10, 0, 100, 40, 40, 0.5, 0.81},
	{"Monitoring", chest, stationary, 2.5, 10, 10, 10, 0, 100, 40, 40, 0.5, 4.05},
	{"Abdomen venous 70s", abdomen, spiral, 9.12, 471, 0.6, 38.4, 0.8, 110, 280, 187, 0.5, 9.06},
	{"Abdomen late", abdomen, spiral, 4.4, 228.5, 0.6, 38.4, 0.8, 110, 265, 171, 0.5, 8.22},
}

func fixed(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }

// ctContent is a TID 10011 tree of n events; the first name of event is its number, so that a cumulative report's events are
// those of the one before and more.
func ctContent(d document, template string, n int, extra ...elements) elements {
	scans := make([]ctScan, n)
	for i := range scans {
		scans[i] = ctScans[i%len(ctScans)]
		scans[i].ctdi *= 1 + float64(i%5)/100
	}
	return ctTree(d, template, scans, extra...)
}

// ctTree is a TID 10011 tree with an event for each scan.
func ctTree(d document, template string, scans []ctScan, extra ...elements) elements {
	var acquired []elements
	total := 0.0
	for i, scan := range scans {
		total += scan.ctdi * scan.length / 10
		acquired = append(acquired, ctEvent(d, scan, i))
	}
	what := tomography
	if d.retired {
		what = tomographySRT
	}
	sums := container(dcm("113811", "CT Accumulated Dose Data"),
		num(dcm("113812", "Total Number of Irradiation Events"), strconv.Itoa(len(scans)), events),
		num(dcm("113813", "CT Dose Length Product Total"), fixed(total), mGyCm),
	)
	return report(doseReport, template,
		procedure(what),
		deviceObserver(d.scanner, d.scanner.station),
		observes(
			datetime(dcm("113809", "Start of X-Ray Irradiation"), d.day+"101520"),
			datetime(dcm("113810", "End of X-Ray Irradiation"), d.day+"103010"),
		),
		[]elements{accumulated(d), sums},
		acquired,
		extra,
		[]elements{code(doseSource, automated)},
	)
}

// ctEvent is TID 10013.
func ctEvent(d document, s ctScan, i int) elements {
	name := cmp.Or(d.protocol, s.protocol)
	its := []elements{
		text(protocol, name),
		code(targetRegion, s.region),
		code(dcm("113820", "CT Acquisition Type"), s.kind),
		uidref(irradiationUID, ctEventUID(d, i)),
		ctParameters(s),
	}
	if s.ctdi > 0 {
		its = append(its, container(dcm("113829", "CT Dose"),
			num(dcm("113830", "Mean CTDIvol"), fixed(s.ctdi), mGy),
			code(dcm("113835", "CTDIw Phantom Type"), dcm("113691", "IEC Body Dosimetry Phantom")),
			num(dcm("113838", "DLP"), fixed(s.ctdi*s.length/10), mGyCm),
		))
	}
	if s.kind == spiral {
		its = append(its, text(dcm("113842", "X-Ray Modulation Type"), "XYZ_EC"))
	}
	return container(ctAcquisition, its...)
}

func ctEventUID(d document, i int) string {
	return instanceUID(fmt.Sprintf("event %s %d", d.study, i+1))
}

func ctParameters(s ctScan) elements {
	its := []elements{
		num(dcm("113824", "Exposure Time"), fixed(s.seconds), second),
		num(dcm("113825", "Scanning Length"), fixed(s.length), mm),
		num(dcm("113826", "Nominal Single Collimation Width"), fixed(s.single), mm),
		num(dcm("113827", "Nominal Total Collimation Width"), fixed(s.total), mm),
		num(dcm("113823", "Number of X-Ray Sources"), "1", sources),
	}
	if s.pitch > 0 {
		its = append(its, num(dcm("113828", "Pitch Factor"), fixed(s.pitch), ratio))
	}
	tube := []elements{
		text(dcm("113832", "Identification of the X-Ray Source"), "A"),
		num(dcm("113733", "KVP"), fixed(s.kv), kV),
		num(dcm("113833", "Maximum X-Ray Tube Current"), fixed(s.maxMA), mA),
		num(dcm("113734", "X-Ray Tube Current"), fixed(s.ma), mA),
	}
	if s.rot > 0 {
		tube = append(tube, num(dcm("113834", "Exposure Time per Rotation"), fixed(s.rot), second))
	}
	its = append(its, container(dcm("113831", "CT X-Ray Source Parameters"), tube...))
	return container(dcm("113822", "CT Acquisition Parameters"), its...)
}

// ctNames are the places of a CT's content tree in which identities were seen, beyond the observer.
func ctNames(d document) []elements {
	its := append(personObserver(), whoseExam(d)...)
	its = append(its, properties(text(privateCode("PHYS", "Physician"), planted.performing))...)
	its = append(its,
		text(physician, planted.performing),
		text(stepUID, instanceUID("step "+d.study)),
		participant(administering, planted.operator),
		vendorXML(d, true),
		ctNamedEvent(d),
		code(privateCode("SITE", "Site"), concept{"NG1", "99MADEUP", planted.institution}),
		deviceTaking(d),
	)
	return its
}

// ctNamedEvent is an event that names everybody; its index is far from those of ctContent.
func ctNamedEvent(d document) elements {
	its := items(ctEvent(d, ctScans[0], 1000).find(tag.ContentSequence))
	its = append(its,
		text(dcm("113605", "Irradiation Event Label"), "Scan of "+d.patient.name),
		text(comment, "Held by "+planted.operator),
		participant(administering, planted.operator),
		text(privateCode("OP", "Operator"), planted.operator).with(
			private(0x2001, 0x0010, "LO", "MADE UP ITEM 1"), private(0x2001, 0x10c1, "LO", planted.operator)),
	)
	return container(ctAcquisition, its...)
}

// deviceTaking is a device named for its role (TID 1021), serial number and all.
func deviceTaking(d document) elements {
	return code(deviceRole, irradiating, properties(
		text(participantName, d.scanner.station),
		text(participantSN, d.scanner.serial),
		uidref(deviceUID, instanceUID("device "+d.scanner.serial)),
	)...)
}
