package deid_test

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/rdsr"
	"github.com/dosegate/dosegate/plugin/sr"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newKey(t testing.TB) deid.Key {
	t.Helper()
	ring, err := deid.NewKeyring()
	must(t, err)
	return ring.Keys()[0]
}

func read(t testing.TB, name string) *rdsr.Document {
	t.Helper()
	file, err := os.ReadFile("../../testdata/" + name + ".dcm")
	must(t, err)
	return recognise(t, file)
}

func recognise(t testing.TB, file []byte) *rdsr.Document {
	t.Helper()
	doc, err := rdsr.Recognise(file, dataset.Limits{})
	must(t, err)
	return doc
}

// edited is a report of testdata with some attributes of the top level set.
func edited(t testing.TB, name string, set map[dataset.Tag]string) *rdsr.Document {
	t.Helper()
	d := read(t, name).Dataset
	plan := d.Plan()
	for tag, value := range set {
		if r, ok := d.Find(dataset.Root, tag); ok {
			plan.Replace(r, []byte(value))
		} else {
			plan.Add(dataset.Root, tag, dataset.DictionaryVR(tag), []byte(value))
		}
	}
	file, err := plan.Encode(dataset.AppendFileHeader(nil, rdsr.XRayRadiationDoseSR, "2.25.1", d.Syntax.Output()))
	must(t, err)
	return recognise(t, file)
}

func deidentify(t testing.TB, p deid.Policy, doc *rdsr.Document, ctx deid.Context) (*deid.Result, *dataset.Dataset) {
	t.Helper()
	r, err := deid.New(p).Deidentify(doc, ctx)
	must(t, err)
	return r, flat(t, r.File)
}

// flat reads a file with a node for every element wherever it stands.
func flat(t testing.TB, file []byte) *dataset.Dataset {
	t.Helper()
	d, err := dataset.Parse(file, dataset.Limits{})
	must(t, err)
	d, err = d.Flat()
	must(t, err)
	return d
}

// Attributes that the tests look at.
const (
	patientID   dataset.Tag = 0x00100020
	issuerOfID  dataset.Tag = 0x00100021
	patientAge  dataset.Tag = 0x00101010
	studyDate   dataset.Tag = 0x00080020
	studyUID    dataset.Tag = 0x0020000D
	stationName dataset.Tag = 0x00081010
	description dataset.Tag = 0x00081030
)

func TestTheSameReportGivesTheSameBytes(t *testing.T) {
	key := newKey(t)
	a, _ := deidentify(t, deid.Registry, read(t, "rf"), deid.Context{Key: key})
	b, _ := deidentify(t, deid.Registry, read(t, "rf"), deid.Context{Key: key})
	if !bytes.Equal(a.File, b.File) || a.SHA256() != b.SHA256() {
		t.Error("two runs differ")
	}
	if a.SOPInstanceUID != deid.SOPInstance(read(t, "rf"), key) {
		t.Error("SOPInstance gives another UID")
	}
	c, _ := deidentify(t, deid.Registry, read(t, "rf"), deid.Context{Key: newKey(t)})
	if c.SOPInstanceUID == a.SOPInstanceUID {
		t.Error("another site's key gives the same UID")
	}
	d, _ := deidentify(t, deid.Registry, read(t, "rf"), deid.Context{Key: key, Edition: 1})
	if d.SOPInstanceUID == a.SOPInstanceUID || d.StudyInstanceUID == a.StudyInstanceUID {
		t.Error("sent as new it has the same UIDs")
	}
}

// eventUIDs are the Irradiation Event UIDs of a report.
func eventUIDs(d *dataset.Dataset) []string {
	var uids []string
	for _, item := range sr.Read(d).Walk() {
		if item.Concept == sr.DCM("113769") {
			uids = append(uids, d.TextOf(item.Ref, sr.UID))
		}
	}
	return uids
}

func TestCumulativeReportsComeOutWithNestedEventUIDs(t *testing.T) {
	key := newKey(t)
	var before []string
	for i, name := range []string{"ct-cumulative-1", "ct-cumulative-2", "ct-cumulative-3"} {
		doc := read(t, name)
		_, d := deidentify(t, deid.Registry, doc, deid.Context{Key: key})
		uids := eventUIDs(d)
		if len(uids) != i+1 {
			t.Fatalf("%s: %d events, want %d", name, len(uids), i+1)
		}
		for j, uid := range uids {
			if !strings.HasPrefix(uid, "2.25.") || !dataset.ValidUID(uid) {
				t.Errorf("%s: event UID %s is not a derived one", name, uid)
			}
			if j < len(before) && !slices.Contains(uids, before[j]) {
				t.Errorf("%s: an event of the report before is missing", name)
			}
		}
		before = uids
	}
}

func TestTheSamePatientIDOfTwoHospitalsStaysTwoPeople(t *testing.T) {
	key := newKey(t)
	pseudonym := func(set map[dataset.Tag]string, issuer string) string {
		_, d := deidentify(t, deid.Registry, edited(t, "ct-small", set), deid.Context{Key: key, Issuer: issuer})
		id := d.TextOf(dataset.Root, patientID)
		if len(id) != 22 || !strings.HasPrefix(id, "DG") {
			t.Errorf("the pseudonym is %q", id)
		}
		return id
	}
	id := func(v, issuer string) map[dataset.Tag]string {
		return map[dataset.Tag]string{patientID: v, issuerOfID: issuer}
	}
	a := pseudonym(id("000123", ""), "north")
	if b := pseudonym(id("000123", ""), "south"); a == b {
		t.Error("two sources' patients are one person")
	}
	if b := pseudonym(id("000123", "north"), "south"); a != b {
		t.Error("the issuer in the report does not win over the source's")
	}
	if b := pseudonym(id("000124", ""), "north"); a == b {
		t.Error("two patients are one person")
	}
	for _, none := range []string{"", "0", "UNKNOWN", "000000", "Anonymous"} {
		one := pseudonym(map[dataset.Tag]string{patientID: none, studyUID: "1.2.3.4"}, "north")
		other := pseudonym(map[dataset.Tag]string{patientID: none, studyUID: "1.2.3.5"}, "north")
		if one == other {
			t.Errorf("everybody under the ID %q is one person", none)
		}
	}
}

func TestAgesAreWholeYearsAndTheOldestOneGroup(t *testing.T) {
	for age, want := range map[string]string{"037Y": "037Y", "37Y": "037Y", "089Y": "089Y", "090Y": "090Y", "100Y": "090Y", "162Y": "090Y",
		"018M": "001Y", "010D": "000Y", "052W": "000Y", "053W": "001Y", "Y": "", "abc": "", "45": ""} {
		_, d := deidentify(t, deid.Registry, edited(t, "ct-small", map[dataset.Tag]string{patientAge: age}), deid.Context{Key: newKey(t)})
		if got := d.TextOf(dataset.Root, patientAge); got != want {
			t.Errorf("%s becomes %q, want %q", age, got, want)
		}
	}
}

func TestDatesAreAsConfigured(t *testing.T) {
	key := newKey(t)
	set := map[dataset.Tag]string{studyDate: "20260310"}
	for dates, want := range map[deid.Dates]string{deid.DatesFull: "20260310", deid.DatesRemoved: ""} {
		p := deid.Registry
		p.Dates = dates
		_, d := deidentify(t, p, edited(t, "ct-small", set), deid.Context{Key: key})
		if got := d.TextOf(dataset.Root, studyDate); got != want {
			t.Errorf("%s: Study Date is %q, want %q", dates, got, want)
		}
	}
	p := deid.Registry
	p.Dates = deid.DatesModified
	moved := func(date string) time.Time {
		_, d := deidentify(t, p, edited(t, "ct-small", map[dataset.Tag]string{studyDate: date}), deid.Context{Key: key})
		at, err := time.Parse("20060102", d.TextOf(dataset.Root, studyDate))
		must(t, err)
		return at
	}
	first, second := moved("20260310"), moved("20260317")
	if second.Sub(first) != 7*24*time.Hour {
		t.Errorf("a week became %v", second.Sub(first))
	}
	original, _ := time.Parse("20060102", "20260310")
	if back := original.Sub(first); back < 24*time.Hour || back > 3650*24*time.Hour {
		t.Errorf("moved by %v", back)
	}
}

func TestStrictKeepsNeitherDevicesNorDates(t *testing.T) {
	doc := read(t, "ct-identities")
	r, d := deidentify(t, deid.Strict, doc, deid.Context{Key: newKey(t)})
	for _, text := range []string{doc.StationName, doc.SerialNumber} {
		if text != "" && bytes.Contains(r.File, []byte(text)) {
			t.Errorf("the device's %q comes out", text)
		}
	}
	if got, want := d.TextOf(dataset.Root, studyDate), doc.Dataset.TextOf(dataset.Root, studyDate)[:4]+"0101"; got != want {
		t.Errorf("Study Date is %q, want %q", got, want)
	}
	_, again := deidentify(t, deid.Strict, read(t, "ct-small"), deid.Context{Key: newKey(t)})
	if one, other := d.TextOf(dataset.Root, stationName), again.TextOf(dataset.Root, stationName); len(one) != 16 || one == other {
		t.Errorf("the stations of two sites are %q and %q", one, other)
	}
}

func TestNamesAreCutOutOfDescriptorsAndTheRestStays(t *testing.T) {
	doc := edited(t, "ct-small", map[dataset.Tag]string{
		0x00100010: "Müller-Lüdenscheidt^Ännchen", 0x00080005: "ISO_IR 192", patientID: "AB-1234567", 0x00100030: "19600402",
		description: "CT Abdomen MULLER aennchen Annchen luedenscheidt Ludenscheidt (ab 1234567) 1234567/3 geb. 02.04.1960 1.2.840.113619.2.55.3.99"})
	_, d := deidentify(t, deid.Registry, doc, deid.Context{Key: newKey(t)})
	got := d.TextOf(dataset.Root, description)
	if !strings.HasPrefix(got, "CT Abdomen ") {
		t.Errorf("%q lost what names nobody", got)
	}
	for _, identifier := range []string{"MULLER", "Annchen", "Ludenscheidt", "1234567", "1960", "113619"} {
		if strings.Contains(got, identifier) {
			t.Errorf("%q still holds %s", got, identifier)
		}
	}
}

func TestAReportWithTheNameInACodeIsHeldOrCleaned(t *testing.T) {
	// A station that bears the patient's name would be kept as the device's.
	doc := edited(t, "ct-small", map[dataset.Tag]string{0x00100010: "Inventedperson^Zed", stationName: "INVENTEDPERSON"})
	r, err := deid.New(deid.Registry).Deidentify(doc, deid.Context{Key: newKey(t)})
	var leak *deid.LeakError
	switch {
	case errors.As(err, &leak):
		if strings.Contains(strings.ToLower(leak.Error()), "inventedperson") {
			t.Error("the error tells the name")
		}
	case err != nil:
		t.Fatal(err)
	case bytes.Contains(bytes.ToLower(r.File), []byte("inventedperson")):
		t.Error("the name comes out")
	}
}
