package main

import (
	"crypto/sha256"
	"math/big"
)

// patient is somebody who never was. The invented words are unlike anything a dose report says, so that a test that looks
// for them finds them only where something let them through.
type patient struct {
	name, id, issuer, birth, sex, age string
	size, weight                      string
}

var (
	ada = patient{name: "Testpatient^Ada^Mock", id: "ZZ-000123", issuer: "NOWHERE-MPI", birth: "19870314",
		sex: "F", age: "037Y", size: "1.68", weight: "64.5"}
	otto = patient{name: "Sampleperson^Otto^Fictus", id: "ZZ-004711", issuer: "NOWHERE-MPI", birth: "19310502",
		sex: "M", age: "092Y", size: "1.81", weight: "88"}
	cyr = patient{name: "Fabricatus^Cyr", id: "ZZ-000123", issuer: "ELSEWHERE-MPI", birth: "19620930",
		sex: "M", age: "061Y", size: "1.75", weight: "79"}
	nora = patient{name: "N\xf6tperson^N\xf3ra", id: "ZZ-000815", issuer: "NOWHERE-MPI", birth: "19990909",
		sex: "F", age: "024Y", size: "1.59", weight: "51"}
)

// planted holds what is said of the house, the people in it and the order, in every file.
var planted = struct {
	institution, address, department, location      string
	referring, performing, reading, operator        string
	requesting, verifying, author, login, staffID   string
	accession, placer, filler, studyID, stepID      string
	admission, requestedID, scheduledID             string
	aeTitle, remoteAE, url, phone, home, history    string
	remark, occupation, organization, organization2 string
	otherID, otherName, birthName, mother           string
	serial, station                                 string
}{
	institution: "Nowhere General", address: "1 Imaginary Lane, Nowhere", department: "Imaginary Radiology",
	location:  "Room Nonesuch 7",
	referring: "Inventedname^Doc", performing: "Madeupski^Perform", reading: "Fantasia^Reader", operator: "Pretendova^Op",
	requesting: "Supposedly^Req", verifying: "Allegedly^Veri", author: "Ghostwriter^Auth", login: "ghostlogin7",
	staffID:   "STAFF-55501",
	accession: "ACC-7700421", placer: "PLACER-881", filler: "FILLER-882", studyID: "STUDY-993", stepID: "STEP-774",
	admission: "ADM-6650", requestedID: "RQP-5561", scheduledID: "SPS-4472",
	aeTitle: "NOWHERE_AE", remoteAE: "ELSEWHERE_AE", url: "http://10.99.0.1/wado?patient=ZZ-000123 ",
	phone: "+00 555 0100", home: "99 Fancied Road, Nowhere", history: "Imaginary history of a fictitious cough",
	remark: "Remarkable fictitious remark", occupation: "Unicorn keeper", organization: "Custodia Fictitia",
	organization2: "Elsewhere Clinic",
	otherID:       "ZZ-OLD-9", otherName: "Testalias^Ada", birthName: "Testmaiden^Ada", mother: "Testmother^Eve",
	serial: "SN-90210-ZZ", station: "NOWHERE-NESTED",
}

// instanceUID derives a UID from a name, below the root that needs no registration (PS3.5 B.2). The same name gives the same
// UID, which is how reports of one study come to refer to one another.
func instanceUID(name string) string {
	sum := sha256.Sum256([]byte("dosegate testdata " + name))
	return "2.25." + new(big.Int).SetBytes(sum[:16]).String()
}

// needle is a planted identity to look for, and what kind of thing it is.
type needle struct{ kind, value string }

// needles are the shortest tokens that still betray their owner: a test that finds none of them finds no longer form either.
var needles = []needle{
	{"patient", "Testpatient"}, {"patient", "Sampleperson"}, {"patient", "Fabricatus"}, {"patient", "tperson^N"},
	{"patient", "Testalias"}, {"patient", "Testmaiden"}, {"patient", "Testmother"},
	{"id", "ZZ-000123"}, {"id", "ZZ-004711"}, {"id", "ZZ-000815"}, {"id", "ZZ-OLD-9"},
	{"issuer", "NOWHERE-MPI"}, {"issuer", "ELSEWHERE-MPI"},
	{"birth", ada.birth}, {"birth", otto.birth}, {"birth", cyr.birth}, {"birth", nora.birth},
	{"person", "Inventedname"}, {"person", "Madeupski"}, {"person", "Fantasia"}, {"person", "Pretendova"},
	{"person", "Supposedly"}, {"person", "Allegedly"}, {"person", "Ghostwriter"},
	{"person", planted.login}, {"person", planted.staffID},
	{"institution", planted.institution}, {"institution", "Imaginary Lane"}, {"institution", planted.department},
	{"institution", "Nonesuch"}, {"institution", planted.organization}, {"institution", planted.organization2},
	{"order", planted.accession}, {"order", planted.placer}, {"order", planted.filler}, {"order", planted.studyID},
	{"order", planted.stepID}, {"order", planted.admission}, {"order", planted.requestedID}, {"order", planted.scheduledID},
	{"address", planted.aeTitle}, {"address", planted.remoteAE}, {"address", "10.99.0.1"},
	{"address", planted.phone}, {"address", "Fancied Road"},
	{"freetext", planted.history}, {"freetext", planted.remark}, {"freetext", planted.occupation},
	{"device", planted.serial}, {"device", planted.station},
}
