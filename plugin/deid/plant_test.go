package deid_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"hash/maphash"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/dicomtest"
	"github.com/dosegate/dosegate/plugin/rdsr"
	"github.com/dosegate/dosegate/plugin/sr"
	"pgregory.net/rapid"
)

// Every form of a marker, with its number.
var markerForms = regexp.MustCompile(`QZX([A-J]{5})XZQ|1\.2\.826\.0\.1\.99\.(\d{7})|1\.2\.840\.10008\.5\.1\.4\.1\.1\.(\d{7})|Z(\d{6})Z`)

// markersIn gives the numbers of the markers in some bytes.
func markersIn(b []byte) (numbers []int) {
	for _, found := range markerForms.FindAllSubmatch(b, -1) {
		digits := strings.Map(func(c rune) rune {
			if c >= 'A' {
				return c - 'A' + '0'
			}
			return c
		}, string(slices.Concat(found[1:]...)))
		n, err := strconv.Atoi(digits)
		if err != nil {
			panic(err)
		}
		numbers = append(numbers, n)
	}
	return numbers
}

// outlet tells whether a marker may be in a value of the output: where the
// profile retains a text; no UID stays in one.
func outlet(d *dataset.Dataset, r dataset.Ref) bool {
	n := d.Node(r)
	if n.VR == dataset.UI || !n.VR.Text() || bytes.Contains(d.Bytes(r), []byte("1.2.8")) {
		return false
	}
	switch n.Tag {
	case sr.TextValue:
		return retained[sr.CodeAt(d, n.Parent, sr.ConceptNameCodeSequence).Value] != "" || descriptors()[sr.CodeAt(d, n.Parent, sr.ConceptNameCodeSequence)]
	case sr.CodeMeaning:
		c := sr.CodeOf(d, n.Parent)
		return !listedCodes()[c.Scheme+"\t"+c.Value]
	}
	return retained[n.Tag.String()] != ""
}

// descriptors are the concepts whose texts the registry profile keeps, cleaned,
// or keeps as the device's (Table E.3.4-1).
var descriptors = sync.OnceValue(func() map[sr.Code]bool {
	all := map[sr.Code]bool{}
	for _, row := range tableRows("annex_e341.tsv") {
		if row["descriptors"] != "" || row["device"] != "" && row["uids"] == "" {
			all[sr.Code{Value: row["code"], Scheme: row["scheme"]}] = true
		}
	}
	return all
})

// leaks lists the places of an output in which something planted is left.
func (p *planter) leaks(out []byte) (left []string) {
	d, err := dataset.Parse(out, dataset.Limits{})
	if err == nil {
		d, err = d.Flat()
	}
	if err != nil {
		return []string{"the output cannot be read"}
	}
	accounted := 0
	for r := dataset.Ref(1); int(r) < d.Len(); r++ {
		if d.Container(r) {
			continue
		}
		n := d.Node(r)
		numbers := markersIn(d.Bytes(r))
		if accounted += len(numbers); len(numbers) > 0 && !outlet(d, r) {
			left = append(left, fmt.Sprintf("%v %v: %+v", n.Tag, n.VR, p.spots[numbers[0]]))
		}
		if trace := p.trace(d, r, n); trace != "" {
			left = append(left, fmt.Sprintf("%v %v: %s of %+v in %q", n.Tag, n.VR, trace, p.who, d.Bytes(r)))
		}
	}
	if all := len(markersIn(out)); all != accounted {
		left = append(left, fmt.Sprintf("%d markers between the values", all-accounted))
	}
	return left
}

// trace looks for the people of the report in one text of the output.
func (p *planter) trace(d *dataset.Dataset, r dataset.Ref, n *dataset.Node) string {
	switch {
	case listedCodes()[d.TextOf(n.Parent, sr.CodingSchemeDesignator)+"\t"+d.Text(r)]:
		return "" // its digits may hold any number by chance
	case !n.VR.Text() && n.VR != dataset.UN, n.VR == dataset.UI, n.VR == dataset.DS, n.VR == dataset.TM, n.VR == dataset.DT,
		n.Tag == patientID && n.Parent == dataset.Root:
		return ""
	}
	flat := strings.Map(func(c rune) rune {
		switch {
		case c >= 'A' && c <= 'Z':
			return c + 'a' - 'A'
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			return c
		}
		return -1
	}, string(d.Bytes(r)))
	for _, trace := range p.who.traces() {
		if strings.Contains(flat, trace) {
			return trace
		}
	}
	return ""
}

// harvest counts what was planted.
type harvest struct {
	seed                          maphash.Seed
	distinct                      map[uint64]bool
	kinds, why                    map[string]int
	reports, markers, held, wrong int
}

func (h *harvest) count(p *planter, file []byte) {
	h.reports++
	for _, n := range markersIn(file) {
		s := p.spots[n]
		h.markers++
		h.kinds[s.kind]++
		h.distinct[maphash.String(h.seed, strings.Join([]string{p.name, s.path, s.kind, p.encoding, s.spelling}, "\x00"))] = true
	}
}

// TestNothingPlantedAnywhereComesOut takes any report and plants markers of
// every VR and value type at any depth. DOSEGATE_PLANT is how many markers to
// plant at least, for a long run.
func TestNothingPlantedAnywhereComesOut(t *testing.T) {
	want := 5_000
	if n, err := strconv.Atoi(os.Getenv("DOSEGATE_PLANT")); err == nil {
		want = n
	}
	must(t, flag.Set("rapid.checks", strconv.Itoa(1+want/25)))
	x, key := deid.New(deid.Registry), newKey(t)
	h := &harvest{seed: maphash.MakeSeed(), distinct: map[uint64]bool{}, kinds: map[string]int{}, why: map[string]int{}}
	rapid.Check(t, func(rt *rapid.T) {
		pick := func(n int) int { return rapid.IntRange(0, n-1).Draw(rt, "pick") }
		p := newPlanter(oneOf(pick, soils()), pick)
		for range 10 + pick(30) {
			p.sow()
		}
		file := p.file(rt)
		doc, err := rdsr.Recognise(file, dataset.Limits{})
		if err != nil {
			h.wrong++
			return // nothing leaves
		}
		h.count(p, file)
		out, err := x.Deidentify(doc, deid.Context{Key: key})
		var leak *deid.LeakError
		switch {
		case errors.As(err, &leak):
			h.held++
			h.why[leak.What+" in "+leak.Place[strings.LastIndex(leak.Place, "("):]]++
		case err != nil:
			rt.Fatal(err)
		default:
			for _, left := range p.leaks(out.File) {
				rt.Errorf("%s: %s", p.name, left)
			}
		}
	})
	t.Logf("%d reports (and %d that are none any more), %d held; %d markers, %d of them distinct; %v", h.reports, h.wrong, h.held, h.markers, len(h.distinct), h.kinds)
	t.Logf("held for %v", h.why)
	if !t.Failed() && (h.held > h.reports/20 || h.wrong > h.reports/5 || h.markers < want/2) {
		t.Error("too little was tested")
	}
}

// An independent reader confirms that what is planted is in the input.
func TestPydicomSeesWhatIsPlanted(t *testing.T) {
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(1, 2))
	planters := map[string]*planter{}
	var paths []string
	for i := range 40 {
		p := newPlanter(soils()[i%len(soils())], random.IntN)
		for range 20 {
			p.sow()
		}
		path := filepath.Join(dir, fmt.Sprintf("%d.dcm", i))
		must(t, os.WriteFile(path, p.file(t), 0o600))
		planters[path] = p
		paths = append(paths, path)
	}
	seen, planted := 0, 0
	for path, reading := range dicomtest.Pydicom(t, paths...) {
		file, err := os.ReadFile(path)
		must(t, err)
		planted += len(markersIn(file))
		var text bytes.Buffer
		for _, e := range reading.Texts {
			text.WriteString(e[1] + "\n")
		}
		seen += len(markersIn(text.Bytes()))
	}
	t.Logf("%d planted, %d seen", planted, seen)
	if seen < planted*9/10 {
		t.Error("too few")
	}
}
