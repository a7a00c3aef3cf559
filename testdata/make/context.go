package main

// deviceObserver is the scanner speaking of itself (PS3.16 TID 1004).
func deviceObserver(s scanner, name string) []elements {
	its := []elements{
		code(observerType, device),
		uidref(deviceUID, instanceUID("device "+s.serial)),
	}
	for _, attribute := range []struct {
		name  concept
		value string
	}{
		{deviceName, name}, {deviceMaker, s.maker}, {deviceModel, s.model}, {deviceSerial, s.serial},
		{deviceLocation, planted.location + ", " + planted.institution},
	} {
		if attribute.value != "" {
			its = append(its, text(attribute.name, attribute.value))
		}
	}
	return observes(its...)
}

// personObserver is somebody at the console (TID 1003).
func personObserver() []elements {
	return observes(
		code(observerType, person),
		pname(observerName, planted.operator),
		text(observerLogin, planted.login),
		text(observerOrg, planted.institution),
		code(observerRole, concept{"RT", "99NOWHERE", "Radiographer " + planted.operator}),
	)
}

// whoseExam repeats the patient and the order inside the content tree (TID 1005, TID 1007).
func whoseExam(d document) []elements {
	return observes(
		uidref(procedureStudy, instanceUID("study "+d.study)),
		text(placerNumber, planted.placer),
		text(fillerNumber, planted.filler),
		text(accession, planted.accession),
		pname(subjectName, d.patient.name),
		text(subjectID, d.patient.id),
		date(subjectBirth, d.patient.birth),
		num(subjectAge, "37", years),
	)
}

// participant is a person named for a role (TID 1020).
func participant(role concept, name string) elements {
	return pname(personName, name, properties(
		code(personRole, role),
		text(personID, planted.staffID),
		text(personIssuer, planted.organization2),
		text(organization, planted.institution),
	)...)
}

// accumulated says over what the figures are summed up (TID 10001 row 6, TID 10011 row 7).
func accumulated(d document) elements {
	return observes(code(scope, scopeStudy, properties(uidref(studyUID, instanceUID("study "+d.study)))...))[0]
}

// procedure is Procedure Reported with its intent (TID 10001 row 2, TID 10011 row 2).
func procedure(what concept) []elements {
	return modifies(code(procedureReported, what, modifies(code(hasIntent, diagnostic))...))
}

// vendorXML is a Comment as some vendors write it: a little document of their own (121106).
func vendorXML(d document, named bool) elements {
	who := ""
	if named {
		who = "<Patient name=\"" + d.patient.name + "\" id=\"" + d.patient.id + "\"/><Operator>" + planted.operator + "</Operator>"
	}
	return text(comment, "<Doc xmlns=\"urn:made-up\">"+who+"<Console serial=\""+planted.serial+"\" station=\""+
		planted.station+"\"/><Dose phantom=\"BODY32\" alert=\"0\"/></Doc>")
}
