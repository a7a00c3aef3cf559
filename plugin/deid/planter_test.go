package deid_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/rdsr"
	"github.com/dosegate/dosegate/plugin/sr"
)

// chance picks one of n.
type chance func(n int) int

func oneOf[T any](pick chance, from []T) T { return from[pick(len(from))] }

// soil is a dose report that markers are planted in.
type soil struct {
	name     string
	d        *dataset.Dataset
	encoding string
	items    []dataset.Ref // the root and all items
	leaves   []dataset.Ref // content items without content
	paths    []string      // of every node
}

// soils are all dose reports of testdata and of the corpus.
var soils = sync.OnceValue(func() (all []*soil) {
	var files []string
	for _, pattern := range []string{"../../testdata/*.dcm", corpusFolder + "/*/*.dcm", corpusFolder + "/*/*/*.dcm"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			panic(err)
		}
		files = append(files, found...)
	}
	for _, path := range files {
		file, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		doc, err := rdsr.Recognise(file, dataset.Limits{})
		if err != nil {
			continue
		}
		d, err := doc.Dataset.Flat() // a marker is planted in one place
		if err != nil {
			panic(err)
		}
		all = append(all, newSoil(filepath.Base(path), d))
	}
	return all
})

func newSoil(name string, d *dataset.Dataset) *soil {
	s := &soil{name: name, d: d, paths: make([]string, d.Len()), items: []dataset.Ref{dataset.Root},
		encoding: d.Syntax.UID + " " + d.TextOf(dataset.Root, dataset.SpecificCharacterSet)}
	numbers := map[dataset.Ref]int{}
	for r := dataset.Ref(1); int(r) < d.Len(); r++ {
		n := d.Node(r)
		if n.Tag != dataset.Item {
			s.paths[r] = s.paths[n.Parent] + n.Tag.String()
			continue
		}
		s.paths[r] = fmt.Sprintf("%s[%d].", s.paths[n.Parent], numbers[n.Parent])
		numbers[n.Parent]++
		s.items = append(s.items, r)
		if _, has := d.Find(r, sr.ContentSequence); !has && d.Tag(n.Parent) == sr.ContentSequence {
			s.leaves = append(s.leaves, r)
		}
	}
	return s
}

// people are those of one planted report, in words that nothing else has.
type people struct {
	family, given, doctor, place, id, birth string
}

func somebody(pick chance) people {
	word := func(head string) string {
		for range 6 {
			head += string(rune('a' + pick(26)))
		}
		return head
	}
	return people{word("Wq"), word("Jq"), word("Vq"), word("Xq"), fmt.Sprint(1_000_000 + pick(800_000_000)),
		fmt.Sprintf("%04d%02d%02d", 1911+pick(70), 1+pick(12), 13+pick(15))}
}

// at is what an attribute of the top level says of them.
func (w people) at(tag dataset.Tag) string {
	switch tag {
	case patientName:
		return w.family + "^" + w.given
	case patientID:
		return w.id
	case birthDate:
		return w.birth
	case 0x00080090: // Referring Physician's Name
		return w.doctor + "^Zed"
	case 0x00080080: // Institution Name
		return w.place
	}
	return ""
}

// spelled is one of them as texts have it.
func (w people) spelled(pick chance) string {
	y, m, d := w.birth[:4], w.birth[4:6], w.birth[6:]
	all := []string{w.family, strings.ToUpper(w.family), w.given + " " + w.family, w.family + ", " + w.given, w.family + w.given,
		"<op name='" + w.family + "'/>", "CT" + w.family + "2024", w.given[:1] + w.family, w.doctor, "Dr." + strings.ToLower(w.doctor), w.place,
		strings.ToUpper(w.given), w.id, w.id[:3] + "-" + w.id[3:], "x" + w.id + "y", w.id + "/3", "00" + w.id,
		w.birth, d + "." + m + "." + y, y + "-" + m + "-" + d, m + "/" + d + "/" + y}
	return oneOf(pick, all)
}

// traces are what may be nowhere in the output, without separators and in lower
// case.
func (w people) traces() []string {
	y, m, d := w.birth[:4], w.birth[4:6], w.birth[6:]
	return []string{strings.ToLower(w.family), strings.ToLower(w.given), strings.ToLower(w.doctor), strings.ToLower(w.place),
		w.id, w.birth, d + m + y, m + d + y}
}

// spot is where a marker was planted and how.
type spot struct{ path, kind, spelling string }

// planter plants markers in one report.
type planter struct {
	*soil
	pick  chance
	plan  *dataset.Plan
	who   people
	spots []spot
	added map[dataset.Ref]bool // leaves that have content now
}

func newPlanter(s *soil, pick chance) *planter {
	p := &planter{soil: s, pick: pick, plan: s.d.Plan(), who: somebody(pick), added: map[dataset.Ref]bool{}}
	for _, tag := range []dataset.Tag{patientName, patientID, birthDate, 0x00080090, 0x00080080} {
		value := p.who.at(tag)
		if e, ok := s.d.Find(dataset.Root, tag); ok {
			p.plan.Replace(e, []byte(value))
		} else {
			p.plan.Add(dataset.Root, tag, dataset.DictionaryVR(tag), []byte(value))
		}
	}
	return p
}

// sow plants one marker, sometimes several.
func (p *planter) sow() {
	switch p.pick(6) {
	case 0, 1:
		p.inValue()
	case 2:
		p.inNewAttribute()
	case 3:
		p.inPrivateSequence()
	default:
		p.inNewContent()
	}
}

// Spellings of a marker: alone, in other bytes, beside somebody's name.
var spellings = []string{"alone", "alone", "somebody", "somebody", "latin", "utf-8", "escape", "two values", "long", "lines"}

// uidForms are UIDs of somebody.
var uidForms = []string{"1.2.826.0.1.99.%07d", "1.2.840.10008.5.1.4.1.1.%07d"}

// value is a marker as a value of some VR has it.
func (p *planter) value(vr dataset.VR, path string) []byte {
	n := len(p.spots)
	how := "uid"
	var value string
	switch {
	case vr == dataset.UI:
		value = fmt.Sprintf(oneOf(p.pick, uidForms), n)
	case !vr.Text() && vr != dataset.PN && vr != dataset.UN:
		how, value = "binary", fmt.Sprintf("Z%06dZ", n)
	default:
		how = oneOf(p.pick, spellings)
		value = map[string]string{"latin": "\xdc", "utf-8": "Ü ", "escape": "\x1b(B", "two values": `1\`, "long": strings.Repeat("x", 70), "lines": "a\r\n"}[how] +
			"QZX" + letters(n) + "XZQ"
		if how == "somebody" {
			value += " thorax " + p.who.spelled(p.pick) + " 120 kV"
		}
	}
	p.spots = append(p.spots, spot{path, vr.String(), how})
	return []byte(value)
}

// letters writes a number so that it is one word with what is around it: words
// end between letters and digits, and of a marker in a person's name all others
// would be cut.
func letters(n int) string {
	return strings.Map(func(c rune) rune { return c - '0' + 'A' }, fmt.Sprintf("%05d", n))
}

// inValue puts a marker in the place of a value.
func (p *planter) inValue() {
	r := dataset.Ref(1 + p.pick(p.d.Len()-1))
	for ; int(r) < p.d.Len(); r++ {
		if n := p.d.Node(r); !p.d.Container(r) && n.Tag != dataset.Item && !(n.Parent == dataset.Root && p.who.at(n.Tag) != "") && (p.pick(200) == 0 || !structural(p.d, r)) {
			p.plan.Replace(r, p.value(n.VR, p.paths[r]))
			return
		}
	}
}

// everyVR is all of PS3.5 Table 6.2-1 but SQ.
var everyVR = []dataset.VR{dataset.AE, dataset.AS, dataset.AT, dataset.CS, dataset.DA, dataset.DS, dataset.DT, dataset.FD, dataset.FL, dataset.IS,
	dataset.LO, dataset.LT, dataset.OB, dataset.OD, dataset.OF, dataset.OL, dataset.OV, dataset.OW, dataset.PN, dataset.SH, dataset.SL, dataset.SS,
	dataset.ST, dataset.SV, dataset.TM, dataset.UC, dataset.UI, dataset.UL, dataset.UN, dataset.UR, dataset.US, dataset.UT, dataset.UV}

// inNewAttribute adds an element, in any item, under a tag that the tables
// have or that nobody knows, with a VR that fits it or not.
func (p *planter) inNewAttribute() {
	item := oneOf(p.pick, p.items)
	tag := oneOf(p.pick, knownTags())
	switch p.pick(4) {
	case 0:
		tag = dataset.Tag(p.pick(0x5000))<<17 | dataset.Tag(p.pick(0x10000))
	case 1:
		tag = dataset.Tag(p.pick(0x5000))<<17 | 1<<16 | dataset.Tag(p.pick(0x10000))
	}
	if _, has := p.d.Find(item, tag); has || tag.Group() < 8 || tag == sr.ContentSequence || item == dataset.Root && tag.Group() > 0x40 {
		return
	}
	vr := dataset.DictionaryVR(tag)
	if p.pick(3) == 0 || vr == dataset.SQ {
		vr = oneOf(p.pick, everyVR)
	}
	p.plan.Add(item, tag, vr, p.value(vr, p.paths[item]+tag.String()))
}

var knownTags = sync.OnceValue(func() (tags []dataset.Tag) {
	for _, table := range []string{"annex_e11.tsv", "attributes.tsv"} {
		text, err := os.ReadFile(table)
		if err != nil {
			panic(err)
		}
		for line := range strings.Lines(string(text)) {
			var tag dataset.Tag
			if _, err := fmt.Sscanf(line, "%08X\t", &tag); err == nil {
				tags = append(tags, tag)
			}
		}
	}
	return slices.Compact(tags)
})

// file is what was planted, as a file.
func (p *planter) file(t interface{ Fatal(...any) }) []byte {
	file, err := p.plan.Encode(dataset.AppendFileHeader(nil, rdsr.XRayRadiationDoseSR, "2.25.1", p.d.Syntax.Output()))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestTheSoilOfThePlantedReportsIsAllDoseReports(t *testing.T) {
	if got := len(soils()); got < 20 {
		t.Errorf("%d reports", got)
	}
	if got := len(knownTags()); got < 650 {
		t.Errorf("%d tags", got)
	}
}
