package main

import "fmt"

// degree is the unit that puts a byte above 127 into nearly every projection report; sign is the degree sign in the bytes of the
// report's character set.
func degree(sign string) concept { return concept{"deg", "UCUM", sign} }

const (
	latin1Degree = "\xb0"
	utf8Degree   = "\xc2\xb0"
)

var (
	fluoroscopy   = sct("44491008", "Fluoroscopy")
	fluoroSRT     = concept{"P5-06000", "SRT", "Fluoroscopy"}
	stationaryXA  = dcm("113611", "Stationary Acquisition")
	singlePlane   = dcm("113622", "Single Plane")
	plane         = dcm("113764", "Acquisition Plane")
	eventKind     = dcm("113721", "Irradiation Event Type")
	started       = dcm("111526", "DateTime Started")
	refPoint      = dcm("113780", "Reference Point Definition")
	below         = dcm("113860", "15cm from Isocenter toward Source")
	totalDAP      = dcm("113722", "Dose Area Product Total")
	totalRP       = dcm("113725", "Dose (RP) Total")
	frames        = dcm("113731", "Total Number of Radiographic Frames")
	dap           = dcm("122130", "Dose Area Product")
	doseRP        = dcm("113738", "Dose (RP)")
	kvp           = dcm("113733", "KVP")
	tubeCurrent   = dcm("113734", "X-Ray Tube Current")
	exposureTime  = dcm("113824", "Exposure Time")
	exposure      = dcm("113736", "Exposure")
	focalSpot     = dcm("113766", "Focal Spot Size")
	pulses        = dcm("113768", "Number of Pulses")
	acquiredImage = dcm("113795", "Acquired Image")
)

// xrayHead is what every TID 10001 tree begins with; system "" leaves Acquisition Device Type out.
func xrayHead(d document, what, system concept, name string) []elements {
	its := append(procedure(what), deviceObserver(d.scanner, name)...)
	if system != (concept{}) {
		its = append(its, code(deviceType, system))
	}
	its = append(its, accumulated(d))
	return its
}

func xrayEvent(d document, i int, kind concept, its ...elements) elements {
	common := append(modifies(code(plane, singlePlane)),
		uidref(irradiationUID, instanceUID(fmt.Sprintf("event %s %d", d.study, i+1))),
		datetime(started, fmt.Sprintf("%s1016%02d.500", d.day, i)),
		code(eventKind, kind),
		code(targetRegion, chest),
	)
	return container(dcm("113706", "Irradiation Event X-Ray Data"), append(common, its...)...)
}

// rfContent is TID 10001 of a fluoroscopy system with n events, every third of them a series of pictures.
func rfContent(d document, sign string, n int, extra ...elements) elements {
	sums := container(dcm("113702", "Accumulated X-Ray Dose Data"), append(modifies(code(plane, singlePlane)),
		num(totalDAP, "0.00015356", gyM2),
		num(totalRP, "0.00412", gy),
		num(dcm("113726", "Fluoro Dose Area Product Total"), "0.0000105", gyM2),
		num(dcm("113728", "Fluoro Dose (RP) Total"), "0.00029", gy),
		num(dcm("113730", "Total Fluoro Time"), "74.5", second),
		num(dcm("113727", "Acquisition Dose Area Product Total"), "0.00014306", gyM2),
		num(dcm("113729", "Acquisition Dose (RP) Total"), "0.00383", gy),
		num(dcm("113855", "Total Acquisition Time"), "14.75", second),
		num(frames, "27", noUnits),
		code(refPoint, below),
	)...)
	var its []elements
	for i := range n {
		its = append(its, rfEvent(d, sign, i))
	}
	return report(doseReport, "10001", xrayHead(d, projection, fluoroSystem, "rf-console"),
		[]elements{sums}, its, extra, []elements{code(doseSource, automated)})
}

func rfEvent(d document, sign string, i int) elements {
	deg := degree(sign)
	its := []elements{
		text(protocol, "Barium swallow"),
		num(dap, fmt.Sprintf("0.0000%02d", 12+i), gyM2),
		num(doseRP, fmt.Sprintf("0.000%02d", 31+i), gy),
		code(refPoint, below),
		num(kvp, fmt.Sprintf("%d.5", 70+i), kV),
		num(tubeCurrent, "11.2", mA),
		num(exposureTime, "95", ms),
		num(pulses, "45", noUnits),
		num(dcm("112011", "Positioner Primary Angle"), "-0.1", deg),
		num(dcm("112012", "Positioner Secondary Angle"), "25.0", deg),
		num(dcm("113754", "Table Head Tilt Angle"), "-5.0", deg),
		num(dcm("113748", "Distance Source to Isocenter"), "785", mm),
		noNum(dcm("113750", "Distance Source to Detector")),
		container(dcm("113771", "X-Ray Filters"),
			code(dcm("113757", "X-Ray Filter Material"), sct("66925006", "Copper or Copper compound")),
			num(dcm("113758", "X-Ray Filter Thickness Minimum"), "0.2", mm),
		),
	}
	if i%3 == 2 {
		return xrayEvent(d, i, stationaryXA, its...)
	}
	its = append(its,
		code(dcm("113732", "Fluoro Mode"), dcm("113631", "Pulsed")),
		num(dcm("113791", "Pulse Rate"), "15", perSec),
	)
	if d.retired {
		return xrayEvent(d, i, fluoroSRT, its...)
	}
	return xrayEvent(d, i, fluoroscopy, its...)
}

// rfNames are the places in which projection reports were seen to hold identities: the same physician in every event, whatever
// the value type, and identifiers sent as TEXT that the standard wants as UIDREF.
func rfNames(d document) []elements {
	everyEvent := xrayEvent(d, 50, fluoroscopy,
		text(physician, planted.performing),
		text(privateCode("027", "Performing Physicians Name"), planted.performing),
		pname(dcm("113850", "Irradiation Authorizing"), planted.referring),
		participant(administering, planted.operator),
		text(comment, "For "+d.patient.name),
	)
	return append(whoseExam(d),
		everyEvent,
		text(physician, planted.performing),
		text(deviceUID, instanceUID("device "+d.scanner.serial)),
		text(stepUID, instanceUID("step "+d.study)),
		text(observerName, planted.operator),
		participant(administering, planted.operator),
		container(dcm("122505", "Calibration"),
			text(dcm("113724", "Calibration Responsible Party"), planted.verifying),
			datetime(dcm("113723", "Calibration DateTime"), d.day+"070000"),
		),
		vendorXML(d, false),
		text(comment, "Unit "+planted.serial+" at "+planted.institution),
	)
}
