package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/rdsr"
)

const deidentifiedKeys = "input output error counts marks leak_check sop_instance_uid"

// inputs copies files of testdata/ into a folder.
func inputs(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		write(t, filepath.Join(dir, name), string(read(t, testdata(name))))
	}
	return dir
}

// files lists what lies below a folder, by its path in it.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(name string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			below, _ := filepath.Rel(dir, name)
			names = append(names, below)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func newKey(t *testing.T) string {
	t.Helper()
	key := filepath.Join(t.TempDir(), "key")
	dosegate(t, "key", "new", key).want(t, exitDone)
	return key
}

func TestDeidentifyNamesCopiesByTheirNewUID(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	in := inputs(t, "ct-small.dcm", "rf.dcm")
	said := dosegate(t, "deidentify", "--json", "--key-file", newKey(t), in, out).want(t, exitDone)
	var names []string
	for _, o := range said.objects(t) {
		wantKeys(t, o, deidentifiedKeys)
		if counts := o["counts"].(map[string]any); counts["kept"].(float64) == 0 || counts["removed"].(float64) == 0 {
			t.Errorf("%v: counts %v", o["input"], counts)
		}
		marks := o["marks"].(map[string]any)
		wantKeys(t, marks, "patient_identity_removed methods longitudinal_temporal_information_modified")
		if marks["patient_identity_removed"] != "YES" || len(marks["methods"].([]any)) != 6 || o["leak_check"] != "clean" {
			t.Errorf("%v: marks %v, leak check %v", o["input"], marks, o["leak_check"])
		}
		uid := o["sop_instance_uid"].(string)
		name := filepath.Join(out, uid+".dcm")
		if o["output"] != name || o["error"] != "" {
			t.Errorf("%v: output %v, error %v", o["input"], o["output"], o["error"])
		}
		doc, err := rdsr.Recognise(read(t, name), dataset.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if got := doc.Dataset.TextOf(dataset.Root, 0x00080018); got != uid {
			t.Errorf("the copy's UID is %s, its name %s", got, uid)
		}
		if mode(t, name) != 0o600 {
			t.Errorf("mode of a copy is %v", mode(t, name))
		}
		names = append(names, uid+".dcm")
	}
	slices.Sort(names)
	if have := files(t, out); !slices.Equal(have, names) {
		t.Errorf("there is %v, want %v", have, names)
	}
}

func TestNoPlantedIdentityIsInACopy(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	said := dosegate(t, "deidentify", "--json", "--key-file", newKey(t), testdata(""), out)
	copies := make(map[string][]byte)
	for _, o := range said.objects(t) {
		if o["error"] == "" {
			copies[filepath.Base(o["input"].(string))] = read(t, o["output"].(string))
		}
	}
	if len(copies) < 25 {
		t.Fatalf("only %d copies:\n%s", len(copies), said.stderr)
	}
	for line := range strings.Lines(string(read(t, testdata("planted.tsv")))) {
		cells := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(cells) != 4 || !slices.Contains([]string{"patient", "id", "person", "order", "address"}, cells[3]) {
			continue
		}
		if content := copies[cells[0]]; bytes.Contains(bytes.ToLower(content), bytes.ToLower([]byte(cells[2]))) {
			t.Errorf("%s: the %s of %s is in the copy", cells[0], cells[3], cells[1])
		}
	}
}

func TestWhatCannotBeMadeSafeIsListedAndNotWritten(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	in := inputs(t, "ct-small.dcm", "sc-dose-screen.dcm", "README.md")
	write(t, filepath.Join(in, "cut.dcm"), string(read(t, testdata("rf.dcm"))[:4000]))
	if err := os.Symlink(testdata("rf.dcm"), filepath.Join(in, "link.dcm")); err != nil {
		t.Fatal(err)
	}
	said := dosegate(t, "deidentify", "--json", "--key-file", newKey(t), in, out).want(t, exitFailed)
	for name, why := range map[string]string{"sc-dose-screen.dcm": "secondary capture", "README.md": "not a DICOM file",
		"cut.dcm": "cut short", "link.dcm": "symbolic links are not followed"} {
		if line := filepath.Join(in, name) + ": "; !strings.Contains(said.stderr, line) || !strings.Contains(said.stderr, why) {
			t.Errorf("%s (%s) is not listed in\n%s", name, why, said.stderr)
		}
	}
	for _, o := range said.objects(t) {
		wantKeys(t, o, deidentifiedKeys)
		if failed := filepath.Base(o["input"].(string)) != "ct-small.dcm"; failed != (o["error"] != "") ||
			failed && (o["output"] != "" || o["counts"] != nil || o["marks"] != nil || o["leak_check"] != "" || o["sop_instance_uid"] != "") {
			t.Errorf("%v", o)
		}
	}
	if have := files(t, out); len(have) != 1 {
		t.Errorf("there is %v, want one copy", have)
	}
}

func TestKeepNamesKeepsRelativeNames(t *testing.T) {
	key := newKey(t)
	in, out := inputs(t, "ct-small.dcm"), filepath.Join(t.TempDir(), "out")
	if err := os.Mkdir(filepath.Join(in, "day"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(in, "day", "no extension"), string(read(t, testdata("rf.dcm"))))
	dosegate(t, "deidentify", "--keep-names", "--key-file", key, in, out).want(t, exitDone)
	if have, want := files(t, out), []string{"ct-small.dcm", "day/no extension"}; !slices.Equal(have, want) {
		t.Errorf("there is %v, want %v", have, want)
	}
	dosegate(t, "deidentify", "--keep-names", "--key-file", key, testdata("nm.dcm"), out).want(t, exitDone, filepath.Join(out, "nm.dcm"))
}

func TestDeidentifyingAgainGivesTheSameBytes(t *testing.T) {
	key, out := newKey(t), t.TempDir()
	for range 2 {
		dosegate(t, "deidentify", "--key-file", key, testdata("ct-small.dcm"), out).want(t, exitDone)
	}
	if have := files(t, out); len(have) != 1 {
		t.Errorf("there is %v, want one copy", have)
	}
}

func TestDeidentifyNeverReplacesAFile(t *testing.T) {
	key := newKey(t)
	in := inputs(t, "ct-small.dcm")
	file := filepath.Join(in, "ct-small.dcm")
	before := read(t, file)
	dosegate(t, "deidentify", "--keep-names", "--key-file", key, file, in).want(t, exitFailed, "it is not overwritten")
	if !bytes.Equal(read(t, file), before) {
		t.Error("the input was overwritten")
	}
	for _, out := range []string{in, filepath.Join(in, "below", "out")} {
		dosegate(t, "deidentify", "--key-file", key, in, out).want(t, exitUsage, "would be read as inputs")
	}
	if have := files(t, in); len(have) != 1 {
		t.Errorf("there is %v, want the input alone", have)
	}
}

func TestTwoReportsUnderOneUIDAreAnErrorForTheSecond(t *testing.T) {
	in, out := inputs(t, "ct-small.dcm"), filepath.Join(t.TempDir(), "out")
	other := bytes.Replace(read(t, testdata("ct-small.dcm")), []byte("Torus 64"), []byte("Torus 65"), 1)
	write(t, filepath.Join(in, "ct-small-2.dcm"), string(other))
	dosegate(t, "deidentify", "--key-file", newKey(t), in, out).want(t, exitFailed, "the same SOP Instance UID and other content")
	if have := files(t, out); len(have) != 1 {
		t.Errorf("there is %v, want the first copy", have)
	}
}

func TestDeidentifyFollowsTheConfiguration(t *testing.T) {
	h := newHouse(t).withKey(t)
	dates := func(settings string) string {
		h.configure(t, settings)
		out := t.TempDir()
		h.run(t, "deidentify", testdata("ct-small.dcm"), out).want(t, exitDone)
		doc, err := rdsr.Recognise(read(t, filepath.Join(out, files(t, out)[0])), dataset.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return doc.Dataset.TextOf(dataset.Root, 0x00080020)
	}
	full, removed := dates(""), dates("deidentify: {dates: removed}\n")
	if full == "" || full == removed {
		t.Errorf("Study Date is %q with full dates and %q without", full, removed)
	}
}

func TestTheSameReportHasOnePseudonymUnderOneKeyOnly(t *testing.T) {
	names := make(map[string]bool)
	key := newKey(t)
	for _, k := range []string{key, key, newKey(t)} {
		out := t.TempDir()
		dosegate(t, "deidentify", "--key-file", k, testdata("ct-small.dcm"), out).want(t, exitDone)
		names[files(t, out)[0]] = true
	}
	if len(names) != 2 {
		t.Errorf("two keys gave %v", slices.Collect(maps.Keys(names)))
	}
}

func TestDeidentifyNeverMakesAKey(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key")
	dosegate(t, "deidentify", "--key-file", key, testdata("ct-small.dcm"), t.TempDir()).want(t, exitUsage, "there is no key file")
	if _, err := os.Stat(key); err == nil {
		t.Error("a key was made")
	}
	if err := os.WriteFile(key, read(t, newKey(t)), 0o644); err != nil {
		t.Fatal(err)
	}
	dosegate(t, "deidentify", "--key-file", key, testdata("ct-small.dcm"), t.TempDir()).want(t, exitUsage, "can be read by others")
}

func TestDiffTellsWhatIsThereNowAndNeverWhatWas(t *testing.T) {
	said := dosegate(t, "deidentify", "--diff", "--key-file", newKey(t), testdata(""), filepath.Join(t.TempDir(), "out"))
	for _, text := range []string{"(0010,0010)", "PatientName", "emptied", "(0012,0062)", "PatientIdentityRemoved", "written", "YES",
		"removed", "cleaned", "121022 DCM, Accession Number"} {
		if !strings.Contains(said.stdout, text) {
			t.Errorf("%q is not told", text)
		}
	}
	looked := 0
	for line := range strings.Lines(string(read(t, testdata("planted.tsv")))) {
		cells := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(cells) != 4 || !slices.Contains([]string{"patient", "id", "person", "order", "address"}, cells[3]) {
			continue
		}
		looked++
		if strings.Contains(strings.ToLower(said.stdout+said.stderr), strings.ToLower(cells[2])) {
			t.Errorf("the %s of %s in %s is told", cells[3], cells[1], cells[0])
		}
	}
	if looked < 100 {
		t.Errorf("only %d planted identities were looked for", looked)
	}
	dosegate(t, "deidentify", "--diff", "--json", "--key-file", newKey(t), testdata("nm.dcm"), t.TempDir()).want(t, exitUsage, "not both")
}

func TestTheLeakChecksAnswerIsTold(t *testing.T) {
	for want, d := range map[string]deidentified{leakFound: {}, "": {}} {
		err := error(errNoFile)
		if want == leakFound {
			err = fmt.Errorf("de-identify: %w", &deid.LeakError{Place: "(0008,1010)", What: "an identifier of the patient"})
		}
		if d.failed(err); d.LeakCheck != want || d.Error == "" {
			t.Errorf("%v is told as %q", err, d.LeakCheck)
		}
	}
}
