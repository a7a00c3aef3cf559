package deid_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/orthanctest"
	"github.com/dosegate/dosegate/plugin/rdsr"
)

// contestants are everybody, Dosegate first. scripts/README.md says what each
// does.
func contestants(t testing.TB) []contestant {
	library := deid.NewLibrary(newKey(t))
	return []contestant{
		dosegate(t),
		inProcess("suyashkumar/dicom, same policy", library.Deidentify),
		inProcess("suyashkumar/dicom, no edit at all", library.Copy),
		{name: "dcmodify, a process a report", times: dcmodifyEach},
		{name: "dcmodify, a process for many", times: dcmodifyMany},
		{name: "pydicom, a process for many", times: pydicom},
		anonymize(t),
	}
}

// dosegate is what deliver does to a report, from the bytes that Orthanc gave to
// the bytes that a registry gets.
func dosegate(t testing.TB) contestant {
	x, key := deid.New(deid.Registry), newKey(t)
	return inProcess("Dosegate, with the leak check", func(file []byte) ([]byte, error) {
		doc, err := rdsr.Recognise(file, dataset.Limits{})
		if err != nil {
			return nil, err
		}
		r, err := x.Deidentify(doc, deid.Context{Key: key})
		if err != nil {
			return nil, err
		}
		return r.File, nil
	})
}

// erased are what somebody with PS3.15 beside him would have erased by tag: the
// people, the institution and the orders. dcmodify does so at every level;
// neither it nor Orthanc can tell one text of the content tree from another.
var erased = strings.Fields("0008,0054 0008,0055 0008,0080 0008,0081 0008,0082 0008,0092 0008,0094 0008,0096 0008,009C 0008,1032 " +
	"0008,1040 0008,1048 0008,1049 0008,1050 0008,1052 0008,1060 0008,1062 0008,1070 0008,1072 0008,1080 0008,1110 0008,1120 0008,1190 " +
	"0010,0021 0010,0032 0010,1000 0010,1001 0010,1002 0010,1005 0010,1040 0010,1060 0010,2000 0010,2110 0010,2154 0010,2160 0010,2180 " +
	"0010,21B0 0010,4000 0018,1002 0018,A001 0020,4000 0032,1030 0032,1032 0032,1033 0032,4000 0038,0010 0038,0300 0038,0500 0040,0009 " +
	"0040,0241 0040,0253 0040,0275 0040,0280 0040,1001 0040,1002 0040,1400 0040,2016 0040,2017 0040,A027 0040,A073 0040,A075 0040,A078 " +
	"0040,A07A 0040,A07C 0040,A088 0040,A360 0040,A370 0040,A375 0400,0500 0400,0561 4FFE,0001 FFFA,FFFA")

// personName is the value of a content item that is a person (PS3.3 C.18.2).
const personName = "0040,A123"

func dcmodifyArgs() []string {
	args := []string{"--no-backup", "--ignore-missing-tags", "--erase-private", "--gen-stud-uid", "--gen-ser-uid", "--gen-inst-uid"}
	for _, emptied := range []string{"0008,0050", "0008,0090", "0010,0010", "0010,0030", "0020,0010"} {
		args = append(args, "--modify-all", "("+emptied+")=")
	}
	args = append(args, "--modify-all", "(0010,0020)=PSEUDONYM")
	for _, tag := range append([]string{personName}, erased...) {
		args = append(args, "--erase-all", "("+tag+")")
	}
	return args
}

// dcmodify edits copies in place: as many processes as there are groups.
func dcmodify(t testing.TB, r *benchReport, groups, copies int) (cpu time.Duration, output []byte) {
	dir, err := os.MkdirTemp(t.TempDir(), "")
	must(t, err)
	defer os.RemoveAll(dir)
	for range groups {
		args := dcmodifyArgs()
		for i := range copies {
			path := filepath.Join(dir, fmt.Sprintf("%d.dcm", i))
			must(t, os.WriteFile(path, r.file, 0o600))
			args = append(args, path)
		}
		cpu += cpuOfCommand(t, "dcmodify", args...)
	}
	output, err = os.ReadFile(filepath.Join(dir, "0.dcm"))
	must(t, err)
	return cpu, output
}

func dcmodifyEach(t testing.TB, r *benchReport, n int) (time.Duration, []byte) {
	return dcmodify(t, r, n, 1)
}

func dcmodifyMany(t testing.TB, r *benchReport, n int) (time.Duration, []byte) {
	return dcmodify(t, r, 1, n)
}

// cpuOfCommand runs a program to its end.
func cpuOfCommand(t testing.TB, name string, args ...string) time.Duration {
	cmd := exec.CommandContext(t.Context(), name, args...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

// pydicom counts the time that the script itself says: without that of starting
// Python and loading pydicom and the tables.
func pydicom(t testing.TB, r *benchReport, n int) (cpu time.Duration, output []byte) {
	path := filepath.Join(t.TempDir(), "pydicom.dcm")
	out, err := exec.CommandContext(t.Context(), "/usr/bin/python3", "../../scripts/lib/deid-pydicom.py", strconv.Itoa(n), r.path, path).Output()
	must(t, err)
	seconds, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	must(t, err)
	output, err = os.ReadFile(path)
	must(t, err)
	return time.Duration(seconds * float64(time.Second)), output
}

// anonymizeRequest is what /anonymize is told: without Keep=ContentSequence it
// deletes the content tree. Paths reach each level of the tree by itself.
func anonymizeRequest() []byte {
	keep := strings.Fields("ContentSequence ConceptNameCodeSequence ContentTemplateSequence ValueType ContinuityOfContent StudyDate SeriesDate " +
		"ContentDate StudyTime SeriesTime ContentTime PatientSex PatientAge PatientSize PatientWeight StationName DeviceSerialNumber " +
		"StudyDescription SeriesDescription")
	remove := slices.Clone(erased)
	path := ""
	for range 5 {
		path += "ContentSequence[*]."
		remove = append(remove, path+"PersonName")
	}
	body, err := json.Marshal(map[string]any{"Keep": keep, "Remove": remove})
	if err != nil {
		panic(err)
	}
	return body
}

// anonymize starts an Orthanc. Its CPU time is that of its process while it
// answers; storing the report before is not counted.
func anonymize(t testing.TB) contestant {
	o := orthanctest.Start(t, orthanctest.Options{})
	request, ids := anonymizeRequest(), make(map[*benchReport]string)
	return contestant{name: "Orthanc /anonymize", times: func(t testing.TB, r *benchReport, n int) (cpu time.Duration, output []byte) {
		if ids[r] == "" {
			ids[r] = o.Store(t, r.file)[0]
		}
		from := cpuOf(t, o.PID())
		for range n {
			output = bytes.Clone(o.Must(t, "POST", "/instances/"+ids[r]+"/anonymize", request))
		}
		return cpuOf(t, o.PID()) - from, output
	}}
}
