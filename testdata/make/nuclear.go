package main

import "fmt"

// nmContent is TID 10021, which has neither Procedure Reported nor a device observer: one administration and its people.
func nmContent(d document) elements {
	agent := code(sct("349358000", "Radiopharmaceutical agent"), sct("35321007", "Fluorodeoxyglucose F^18^"),
		properties(
			code(sct("89457008", "Radionuclide"), sct("77004003", "^18^Fluorine")),
			num(sct("304283002", "Radionuclide Half Life"), "6586.2", second),
		)...)
	route := code(sct("410675002", "Route of administration"), sct("47625008", "Intravenous route"),
		properties(code(sct("272737002", "Site of"), sct("20699002", "Cephalic vein")))...)
	dose := container(dcm("113502", "Radiopharmaceutical Administration"),
		agent,
		uidref(dcm("113503", "Radiopharmaceutical Administration Event UID"), instanceUID("administration "+d.study)),
		datetime(dcm("123003", "Radiopharmaceutical Start DateTime"), d.day+"091200"),
		num(dcm("113507", "Administered activity"), "287.4", mBq),
		num(dcm("113508", "Pre-Administration Measured Activity"), "291.0", mBq),
		num(dcm("113509", "Post-Administration Measured Activity"), "3.6", mBq),
		organ("39607008", "Lung", "2.9"),
		organ("302509004", "Heart", "19.3"),
		route,
		participant(dcm("113851", "Irradiation Administering"), planted.operator),
		text(dcm("113511", "Radiopharmaceutical Dispense Unit Identifier"), "VIAL-"+planted.staffID),
		text(dcm("113516", "Prescription Identifier"), planted.placer),
	)
	body := container(dcm("121118", "Patient Characteristics"),
		num(subjectAge, "24", years),
		num(concept{"8302-2", "LN", "Patient Height"}, "159", unit("cm")),
		num(concept{"29463-7", "LN", "Patient Weight"}, "51", unit("kg")),
		text(dcm("113552", "Recent Physical Activity"), planted.remark),
	)
	procedure := modifies(code(sct("363589002", "Associated Procedure"), sct("44139004", "PET study for localization of tumor"),
		modifies(code(hasIntent, diagnostic))...))
	return report(radiopharmReport, "10021", procedure, []elements{dose, body})
}

func organ(value, name, dose string) elements {
	its := modifies(code(sct("363698007", "Finding Site"), sct(value, name)))
	its = append(its, num(dcm("113518", "Organ Dose"), dose, mGy,
		properties(text(dcm("121406", "Reference Authority"), "ICRP Publication 106"))...))
	return container(dcm("113517", "Organ Dose Information"), its...)
}

// enhancedContent is like TID 10040 as far as public sources agree: the root of 10001 with its own template identifier, event
// summaries (TID 10042) and radiation output (TID 10048).
func enhancedContent(d document, n int) elements {
	its := append(procedure(projection), deviceObserver(d.scanner, d.scanner.station)...)
	its = append(its, accumulated(d))
	for i := range n {
		start, end := fmt.Sprintf("%s1020%02d", d.day, 2*i), fmt.Sprintf("%s1020%02d", d.day, 2*i+1)
		its = append(its,
			container(dcm("130501", "Irradiation Event Summary Data"),
				uidref(irradiationUID, instanceUID(fmt.Sprintf("event %s %d", d.study, i+1))),
				datetime(started, start),
				datetime(dcm("111527", "DateTime Ended"), end),
				text(dcm("113832", "Identification of the X-Ray Source"), "A"),
				code(eventKind, fluoroscopy),
				num(doseRP, fmt.Sprintf("0.00%d", 41+i), gy),
			),
			container(dcm("130514", "Radiation Output"),
				datetime(started, start),
				datetime(dcm("111527", "DateTime Ended"), end),
				text(dcm("113832", "Identification of the X-Ray Source"), "A"),
				num(dcm("130515", "Air Kerma at Output Measurement Point"), fmt.Sprintf("1.%d", 3+i), mGy),
			),
		)
	}
	its = append(its, code(doseSource, automated))
	return report(doseReport, "10040", its)
}
