package deid_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/rdsr"
)

// fuzzLimits keep one input cheap, so that many are tried.
var fuzzLimits = dataset.Limits{Bytes: 1 << 20, Inflated: 1 << 20, Elements: 1 << 14, Depth: 40}

// fixedKey is the same key in every process, so that a finding is found again.
var fixedKey = sync.OnceValue(func() deid.Key {
	dir, err := os.MkdirTemp("", "dosegate-key")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "key")
	if err := os.WriteFile(path, []byte("dosegate-key - "+strings.Repeat("A", 43)+"=\n"), 0o600); err != nil {
		panic(err)
	}
	ring, err := deid.LoadKeyring(path)
	if err != nil {
		panic(err)
	}
	return ring.Keys()[0]
})

var fuzzed = []*deid.Deidentifier{deid.New(deid.Registry), deid.New(deid.Strict)}

// seed gives the fuzzer the small files of testdata, and what is left of them
// with a few content items: the smaller an input, the more are tried.
func seed(f *testing.F) {
	f.Helper()
	files, err := filepath.Glob("../../testdata/*.dcm")
	must(f, err)
	for _, name := range files {
		file, err := os.ReadFile(name)
		must(f, err)
		if len(file) < 24<<10 {
			f.Add(file)
			f.Add(pruned(f, file))
		}
	}
}

// pruned leaves four items in every sequence of a file's content tree.
func pruned(f *testing.F, file []byte) []byte {
	f.Helper()
	d, err := dataset.Parse(file, dataset.Limits{})
	if err != nil {
		return file
	}
	plan := d.Plan()
	for r := dataset.Ref(1); int(r) < d.Len(); r++ {
		n := 0
		for item := range d.Children(r) {
			if n++; d.Tag(item) == dataset.Item && n > 4 {
				plan.Remove(item)
			}
		}
	}
	out, err := plan.Encode(dataset.AppendFileHeader(nil, rdsr.XRayRadiationDoseSR, "2.25.1", d.Syntax.Output()))
	must(f, err)
	return out
}

func FuzzDeidentify(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, file []byte) {
		doc, err := rdsr.Recognise(file, fuzzLimits)
		if err != nil {
			return
		}
		for _, x := range fuzzed {
			out, err := x.Deidentify(doc, deid.Context{Key: fixedKey()})
			if err != nil {
				continue // held
			}
			again, err := x.Deidentify(doc, deid.Context{Key: fixedKey()})
			if err != nil || !bytes.Equal(out.File, again.File) {
				t.Fatalf("the second time it gives other bytes (%v)", err)
			}
			d, err := dataset.Parse(out.File, dataset.Limits{})
			if err != nil {
				t.Fatalf("the output cannot be read: %v", err)
			}
			for _, who := range named(doc.Dataset) {
				if place := wordIn(d, who); place != "" {
					t.Fatalf("%q comes out at %s", who, place)
				}
			}
		}
	})
}

var plainWord = regexp.MustCompile(`[A-Za-z]{5,}`)

// named gives the plain words of the patient's name, and an ID of digits.
func named(d *dataset.Dataset) (all []string) {
	for _, tag := range []dataset.Tag{patientName, patientID} {
		e, ok := d.Find(dataset.Root, tag)
		if !ok || d.Container(e) {
			continue
		}
		value := d.Text(e)
		if tag == patientName && strings.Trim(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz^") == "" {
			all = append(all, plainWord.FindAllString(value, -1)...)
		}
		if _, err := strconv.ParseUint(value, 10, 64); tag == patientID && err == nil && len(value) >= 5 {
			all = append(all, value)
		}
	}
	return all
}

// nobodys are words that stand for no patient.
var nobodys = regexp.MustCompile(`(?i)^(anonym.*|unknown|removed|empty|noname|0+|deidentified|withheld|notavailable|.*xxxx.*)$`)

// wordIn looks for a whole word in the texts of an output, codes and numbers
// aside: those may be anybody's name by chance.
func wordIn(d *dataset.Dataset, who string) string {
	if nobodys.MatchString(who) {
		return ""
	}
	whole := regexp.MustCompile(`(?i)(^|[^A-Za-z0-9\x80-\xff])` + who + `($|[^A-Za-z0-9\x80-\xff])`)
	for r := dataset.Ref(1); int(r) < d.Len(); r++ {
		n := d.Node(r)
		switch n.VR {
		case dataset.LO, dataset.LT, dataset.PN, dataset.SH, dataset.ST, dataset.UC, dataset.UN, dataset.UT:
			if d.Container(r) || n.Tag>>8 == 0x000801 || n.Tag == patientID || !whole.Match(d.Bytes(r)) {
				continue
			}
			return n.Tag.String()
		}
	}
	return ""
}

// The last look reads what the rewriter made; it must stand anything, and find
// nothing in what it let through.
func FuzzLastLook(f *testing.F) {
	seed(f)
	original, err := os.ReadFile("../../testdata/ct-identities.dcm")
	must(f, err)
	patient, err := dataset.Parse(original, dataset.Limits{})
	must(f, err)
	f.Fuzz(func(t *testing.T, file []byte) {
		safe, _, err := deid.LastLook(patient, bytes.Clone(file), deid.Registry)
		if err != nil {
			return
		}
		again, replaced, err := deid.LastLook(patient, safe, deid.Registry)
		if err != nil || replaced != 0 || !bytes.Equal(again, safe) {
			t.Fatalf("the second look finds something (%d texts, %v)", replaced, err)
		}
	})
}

// TestNoInputCostsMoreThanItsShare replays a folder of inputs, by default
// testdata, in one process: at most 64 MiB for a MiB of input, at most a
// second. DOSEGATE_FUZZ_CORPUS names the folder of a grown fuzz corpus.
func TestNoInputCostsMoreThanItsShare(t *testing.T) {
	dir := os.Getenv("DOSEGATE_FUZZ_CORPUS")
	if dir == "" {
		dir = "../../testdata"
	}
	most, longest, inputs := uint64(0), time.Duration(0), 0
	must(t, filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		input, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		input, ok := fuzzInput(input)
		if !ok {
			return nil
		}
		inputs++
		from, bytes := time.Now(), allocated(func() { process(input) })
		took := time.Since(from)
		if bytes > 64<<20*uint64(1+len(input)>>20) || took > time.Second {
			t.Errorf("%s: %d bytes allocated in %v for %d bytes of input", filepath.Base(path), bytes, took, len(input))
		}
		most, longest = max(most, bytes), max(longest, took)
		return nil
	}))
	t.Logf("%d inputs, at most %d KiB in all and %v", inputs, most>>10, longest)
	if inputs == 0 {
		t.Error("no input")
	}
}

// fuzzInput is the bytes of a file of a fuzz corpus, or of a DICOM file.
func fuzzInput(file []byte) (input []byte, ok bool) {
	rest, corpus := bytes.CutPrefix(file, []byte("go test fuzz v1\n[]byte("))
	if !corpus {
		return file, bytes.Contains(file, []byte("DICM"))
	}
	quoted, err := strconv.Unquote(strings.TrimSuffix(strings.TrimSpace(string(rest)), ")"))
	return []byte(quoted), err == nil
}

// process is what is done with a report.
func process(file []byte) {
	doc, err := rdsr.Recognise(file, dataset.Limits{})
	if err != nil {
		return
	}
	for _, x := range fuzzed {
		if _, err := x.Deidentify(doc, deid.Context{Key: fixedKey()}); err != nil {
			continue
		}
	}
}

// allocated counts all bytes that fn allocates, which is never less than what
// it holds at once.
func allocated(fn func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fn()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
