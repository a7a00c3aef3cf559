package deid_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/rdsr"
)

// tableRow is a row of one of the tables, by the names of its columns.
type tableRow map[string]string

// tableRows reads a table as the file has it, apart from the code under test.
func tableRows(name string) (all []tableRow) {
	text, err := os.ReadFile(name)
	if err != nil {
		panic(err)
	}
	var columns []string
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		switch {
		case strings.HasPrefix(line, "#"):
		case columns == nil:
			columns = cells
		default:
			row := tableRow{}
			for i, cell := range cells {
				row[columns[i]] = cell
			}
			all = append(all, row)
		}
	}
	return all
}

// annexPolicies are the Basic Profile with Clean Structured Content and Clean
// Descriptors alone, with each option of PS3.15 E.3, and some with several.
func annexPolicies() map[string]deid.Policy {
	all := map[string]deid.Policy{"registry": deid.Registry, "strict": deid.Strict}
	with := func(name string, dates deid.Dates, r deid.Retain) {
		all[name] = deid.Policy{Dates: dates, OldestAge: 89, Retain: r}
	}
	patient := deid.Retain{Sex: true, Age: true, Size: true, Weight: true}
	with("basic", deid.DatesRemoved, deid.Retain{})
	with("uids", deid.DatesRemoved, deid.Retain{UIDs: true})
	with("device", deid.DatesRemoved, deid.Retain{DeviceIdentity: true})
	with("institution", deid.DatesRemoved, deid.Retain{InstitutionIdentity: true})
	with("patient", deid.DatesRemoved, patient)
	with("sex alone", deid.DatesRemoved, deid.Retain{Sex: true})
	with("full dates", deid.DatesFull, deid.Retain{})
	with("modified dates", deid.DatesModified, deid.Retain{})
	with("year", deid.DatesYear, deid.Retain{})
	with("device, modified dates", deid.DatesModified, deid.Retain{DeviceIdentity: true})
	with("uids, institution, full dates", deid.DatesFull, deid.Retain{UIDs: true, InstitutionIdentity: true})
	patient.DeviceIdentity, patient.InstitutionIdentity, patient.UIDs = true, true, true
	with("all, full dates", deid.DatesFull, patient)
	with("all, modified dates", deid.DatesModified, patient)
	return all
}

// year is what DatesYear, which is no option of the standard's, makes of a date.
const year = "year"

// demanded says what a policy demands of a row: one letter of Table E.1-1a, or
// year. What an option keeps or cleans goes before the Basic Profile.
func demanded(row tableRow, p deid.Policy, typ string) string {
	date := row["full"] != ""
	switch {
	case p.Retain.UIDs && row["uids"] != "":
		return row["uids"]
	case p.Retain.DeviceIdentity && row["device"] != "" && !date && row["uids"] == "":
		// Stricter than the table: a device's dates follow the choice of dates,
		// its UIDs that of UIDs.
		return row["device"]
	case p.Retain.InstitutionIdentity && row["institution"] != "":
		return row["institution"]
	case row["patient"] != "" && characteristic(row["keyword"]+row["name"], p.Retain):
		return row["patient"]
	case date && p.Dates == deid.DatesFull:
		return row["full"]
	case date && p.Dates == deid.DatesModified:
		return row["modified"]
	case date && p.Dates == deid.DatesYear:
		return year
	case row["content"] != "":
		return row["content"]
	case row["descriptors"] != "" && row["device"] == "":
		// Stricter than the table: what identifies a device is no descriptor.
		return row["descriptors"]
	}
	return compound(row["basic"], typ)
}

// characteristic says which option keeps what is known of the patient.
func characteristic(name string, r deid.Retain) bool {
	return map[string]bool{"PatientSex": r.Sex, "Subject Sex": r.Sex, "PatientAge": r.Age, "Subject Age": r.Age,
		"PatientSize": r.Size, "PatientWeight": r.Weight}[name]
}

// compound chooses between the letters of a cell (PS3.15 E.3): what has to have
// a value gets a dummy, what has to be there is emptied, the rest is removed.
func compound(cell, typ string) string {
	letters := strings.Split(strings.TrimSuffix(cell, "*"), "/")
	for _, wanted := range map[string][]string{"1": {"D", "U", "Z"}, "2": {"Z", "D"}, "3": {"X", "Z"}}[typ] {
		if slices.Contains(letters, wanted) {
			return wanted
		}
	}
	if letters[0] == "X" && typ == "2" {
		return "Z" // stays there for the sake of the IOD, without anything of its own
	}
	return letters[0]
}

// planted is a value that was put into a report.
type planted struct {
	vr           string
	value, token string // the token is what betrays the value
}

// plantedName is the patient of the reports of these tests.
const plantedName = "Plantedname"

// plantedDay is the day of the reports, bornOn that of the patient's birth.
const plantedDay, bornOn = "20260310", "19610305"

// plantedValue is a value that fits a VR, one of its own for every number.
func plantedValue(vr string, n int) planted {
	token := "Qz" + string([]byte{'a' + byte(n/676%26), 'a' + byte(n/26%26), 'a' + byte(n%26)}) + "x"
	p := planted{vr: vr, value: "Thorax " + token + " " + plantedName, token: token}
	switch vr {
	case "PN":
		p.value = token + "^" + plantedName
	case "AE", "CS":
		p.value = strings.ToUpper(token)
	case "UR":
		p.value = "http://planted.example/" + token
	case "UI":
		p.value = fmt.Sprintf("1.2.826.0.1.3680043.10.99.%d", 1000+n)
	case "OB", "OW", "OB or OW", "UN", "US":
		p.vr, p.value = strings.TrimSuffix(vr, " or OW"), token
	case "":
		p.vr, p.value = "UN", token
	default:
		if v := map[string]string{"DA": plantedDay, "TM": "101112", "DT": plantedDay + "101112", "AS": "037Y", "DS": "7.5", "IS": "7"}[vr]; v != "" {
			p.value, p.token = v, v
		}
	}
	return p
}

// offset is how far the dates of one report were moved, "" before the first is
// seen.
type offset string

// wrong says in what way a value that was found does not obey its letter; ""
// where it does.
func wrong(letter string, p planted, found bool, value string, moved *offset) string {
	switch {
	case letter == "X" && found:
		return "was not removed"
	case letter == "X":
		return ""
	case !found:
		return "was removed"
	case letter == "Z" && value != "":
		return "was not emptied"
	case letter == "Z":
		return ""
	case p.vr == "SQ":
		return "" // what is in it is looked at on its own
	case letter == "D" || letter == "U":
		return wrongDummy(letter, p, value)
	case letter == year:
		return wrongYear(p, value)
	case letter == "C" && (p.vr == "DA" || p.vr == "DT"):
		return wrongDate(p.value, value, moved)
	case slices.Contains([]string{"SH", "LO", "ST", "LT", "UC", "UT"}, p.vr) && strings.HasSuffix(p.value, plantedName):
		if strings.Contains(value, plantedName) || !strings.HasPrefix(value, "Thorax "+p.token) {
			return fmt.Sprintf("was not cleaned: it is %q", value)
		}
	case value != p.value:
		return fmt.Sprintf("was not kept: it is %q", value)
	}
	return ""
}

func wrongDummy(letter string, p planted, value string) string {
	switch {
	case value == "":
		return "has no dummy"
	case strings.Contains(value, p.token):
		return "has its original value in its dummy"
	case p.vr == "UI" && (!dataset.ValidUID(value) || !strings.HasPrefix(value, "2.25.")):
		return fmt.Sprintf("has no derived UID: it is %q", value)
	case letter == "U" && p.vr != "UI":
		return "is no UID"
	}
	return ""
}

// wrongYear: the year stays, a time of day says nothing without its day.
func wrongYear(p planted, value string) string {
	want := map[string]string{"DA": p.value[:4] + "0101", "DT": p.value[:4]}[p.vr]
	if want == "" && value == p.value || want != "" && value != want {
		return fmt.Sprintf("is %q", value)
	}
	return ""
}

// wrongDate wants a date moved by as much as all others of the report, into the
// past, with the time of day as it was.
func wrongDate(before, after string, moved *offset) string {
	if len(after) != len(before) || after[8:] != before[8:] {
		return fmt.Sprintf("is %q", after)
	}
	from, err := time.Parse("20060102", before[:8])
	to, errTo := time.Parse("20060102", after[:8])
	if err != nil || errTo != nil {
		return fmt.Sprintf("is no date: %q", after)
	}
	days := int(from.Sub(to).Hours() / 24)
	if days < 1 || days > 3650 || *moved != "" && string(*moved) != strconv.Itoa(days) {
		return fmt.Sprintf("was moved by %d days, others by %s", days, *moved)
	}
	*moved = offset(strconv.Itoa(days))
	return ""
}

// plantedReport is ct-small of the patient of these tests, with changes.
func plantedReport(t testing.TB, change func(*dataset.Dataset, *dataset.Plan)) *rdsr.Document {
	t.Helper()
	d := edited(t, "ct-small", map[dataset.Tag]string{patientName: plantedName + "^Quasi", birthDate: bornOn, studyDate: plantedDay}).Dataset
	plan := d.Plan()
	change(d, plan)
	file, err := plan.Encode(dataset.AppendFileHeader(nil, rdsr.XRayRadiationDoseSR, "2.25.1", d.Syntax.Output()))
	must(t, err)
	return recognise(t, file)
}
