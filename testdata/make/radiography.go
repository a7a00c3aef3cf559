package main

import "fmt"

// dxContent is TID 10001 of a cassette system: no fluoroscopy, an exposure index, TID 10006 and 10007.
func dxContent(d document, n int) elements {
	sums := container(dcm("113702", "Accumulated X-Ray Dose Data"), append(modifies(code(plane, singlePlane)),
		num(totalDAP, "0.0000107", gyM2),
		noNum(totalRP),
		code(dcm("113947", "Detector Type"), dcm("113949", "Storage Detector")),
		num(frames, fmt.Sprint(n), noUnits),
	)...)
	var its []elements
	for i := range n {
		its = append(its, xrayEvent(d, i, stationaryXA,
			text(protocol, "THORAX AP 90kV"),
			num(dap, "0.00000535", gyM2),
			num(doseRP, "0.00008", gy),
			num(pulses, "1", noUnits),
			num(kvp, "90", kV),
			num(tubeCurrent, "160", mA),
			num(exposureTime, "5", ms),
			num(exposure, "800", uAs),
			num(focalSpot, "1", mm),
			num(dcm("113845", "Exposure Index"), "312", noUnits),
			num(dcm("113846", "Target Exposure Index"), "350", noUnits),
			num(dcm("113847", "Deviation Index"), "-0.5", noUnits),
			image(acquiredImage, reference(dxImage, dxImageName(d, i))),
		))
	}
	return report(doseReport, "10001", xrayHead(d, projection, cassetteSystem, "PC"),
		[]elements{sums}, its, []elements{code(doseSource, automated)})
}

func dxImageName(d document, i int) string { return fmt.Sprintf("image %s %d", d.study, i) }

// mgContent is TID 10001 with Procedure Reported mammography and glandular dose per breast (TID 10005).
func mgContent(d document, what concept, sign string) elements {
	left, right := sct("7771000", "Left"), sct("24028007", "Right")
	side := sct("272741003", "Laterality")
	glandular := dcm("111637", "Accumulated Average Glandular Dose")
	sums := container(dcm("113702", "Accumulated X-Ray Dose Data"), append(modifies(code(plane, singlePlane)),
		num(glandular, "2.71", mGy, modifies(code(side, left))...),
		num(glandular, "2.64", mGy, modifies(code(side, right))...),
	)...)
	var its []elements
	for i, breast := range []concept{left, right, left, right} {
		its = append(its, mgEvent(d, i, breast, side, sign))
	}
	return report(doseReport, "10001", xrayHead(d, what, concept{}, ""),
		[]elements{sums}, its, []elements{code(doseSource, automated)})
}

func mgEvent(d document, i int, breast, side concept, sign string) elements {
	views := []concept{sct("399162004", "cranio-caudal"), sct("399368009", "medio-lateral oblique")}
	anatomy := code(sct("91723000", "Anatomical structure"), sct("76752008", "Breast"), modifies(code(side, breast))...)
	return xrayEvent(d, i, stationaryXA,
		text(protocol, "Routine screening"),
		anatomy,
		code(dcm("111031", "Image View"), views[i/2]),
		num(dcm("111634", "Half Value Layer"), "0.52", mm),
		num(dcm("111636", "Entrance Exposure at RP"), fmt.Sprintf("%d.4", 4+i), mGy),
		code(refPoint, dcm("113861", "30cm in Front of Image Input Surface")),
		num(dcm("111631", "Average Glandular Dose"), fmt.Sprintf("1.3%d", i), mGy),
		num(pulses, "1", noUnits),
		num(kvp, "29", kV),
		num(tubeCurrent, "120", mA),
		num(exposureTime, "812", ms),
		code(dcm("111632", "Anode Target Material"), sct("47989003", "Tungsten or Tungsten compound")),
		num(dcm("111633", "Compression Thickness"), "53", mm),
		num(dcm("112011", "Positioner Primary Angle"), fmt.Sprint(45*(i/2)), degree(sign)),
	)
}
