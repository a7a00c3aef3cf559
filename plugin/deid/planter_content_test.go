package deid_test

import (
	"encoding/binary"
	"os"
	"strings"
	"sync"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/sr"
)

// inPrivateSequence adds a sequence of a private group, with markers at some
// depth in it.
func (p *planter) inPrivateSequence() {
	item := oneOf(p.pick, p.items)
	tag := dataset.Tag(0x00090000+p.pick(0x10)<<17) | dataset.Tag(0x1000+p.pick(0x1000))
	path := p.paths[item] + tag.String()
	inside := p.elements(item, path)
	for range p.pick(6) {
		path += "[0]."
		inside = p.d.Append(nil, item, tag, dataset.SQ, dataset.AppendItem(nil, inside))
	}
	p.plan.Add(item, tag, dataset.SQ, dataset.AppendItem(nil, inside))
}

// elements writes a few elements with markers, in the order of their tags.
func (p *planter) elements(item dataset.Ref, path string) (out []byte) {
	for _, tag := range []dataset.Tag{0x00081030, 0x00100010, 0x00104000, 0x00111001, 0x00200010} {
		if vr := dataset.DictionaryVR(tag); p.pick(2) == 0 {
			out = p.d.Append(out, item, tag, vr, p.value(vr, path+tag.String()))
		}
	}
	return out
}

// inNewContent puts content items below one that had none.
func (p *planter) inNewContent() {
	if len(p.leaves) == 0 {
		return
	}
	leaf := oneOf(p.pick, p.leaves)
	if p.added[leaf] {
		return
	}
	p.added[leaf] = true
	var items []byte
	for range 1 + p.pick(3) {
		items = dataset.AppendItem(items, p.contentItem(leaf, p.paths[leaf]+sr.ContentSequence.String(), 0))
	}
	p.plan.Add(leaf, sr.ContentSequence, dataset.SQ, items)
}

// valueAttributes are those that may hold a content item's value (PS3.3
// C.17.3.2.1).
var valueAttributes = []struct {
	valueType string
	tag       dataset.Tag
	vr        dataset.VR
}{
	{"TEXT", sr.TextValue, dataset.UT}, {"PNAME", sr.PersonName, dataset.PN}, {"UIDREF", sr.UID, dataset.UI},
	{"DATETIME", sr.DateTime, dataset.DT}, {"DATE", sr.Date, dataset.DA}, {"TIME", sr.Time, dataset.TM},
	{"NUM", sr.MeasuredValueSequence, dataset.SQ}, {"CODE", sr.ConceptCodeSequence, dataset.SQ}, {"CONTAINER", 0x0040A050, dataset.CS},
	{"COMPOSITE", 0x0040A170, dataset.SQ}, {"IMAGE", 0x00081199, dataset.SQ}, {"WAVEFORM", 0x0040A0B0, dataset.US},
	{"SCOORD", 0x00700022, dataset.FL}, {"FOO", sr.TextValue, dataset.UT}, {"", sr.TextValue, dataset.UT},
}

// contentItem writes a content item with a marker in its value, its concept's
// meaning, or both; sometimes the value stands in the attribute of another
// value type.
func (p *planter) contentItem(in dataset.Ref, path string, depth int) (item []byte) {
	kind := oneOf(p.pick, valueAttributes)
	holder := kind
	if p.pick(8) == 0 {
		holder = oneOf(p.pick, valueAttributes)
	}
	concept := oneOf(p.pick, knownConcepts())
	path += kind.valueType + concept.Value
	add := func(tag dataset.Tag, vr dataset.VR, value []byte) { item = p.d.Append(item, in, tag, vr, value) }
	if holder.tag == 0x00081199 {
		add(holder.tag, dataset.SQ, p.reference(in, path))
	}
	add(0x0040A010, dataset.CS, []byte("CONTAINS"))
	add(sr.ValueType, dataset.CS, []byte(kind.valueType))
	add(sr.ConceptNameCodeSequence, dataset.SQ, p.code(in, concept, path))
	switch holder.tag {
	case 0x00081199:
	case sr.MeasuredValueSequence:
		add(holder.tag, dataset.SQ, p.measured(in, path))
	case sr.ConceptCodeSequence, 0x0040A170:
		add(holder.tag, dataset.SQ, p.code(in, oneOf(p.pick, knownConcepts()), path+"value"))
	default:
		add(holder.tag, holder.vr, p.value(holder.vr, path))
	}
	switch {
	case p.pick(8) == 0:
		item = append(item, p.unknown(in, path)...)
	case depth < 4 && p.pick(3) == 0:
		add(sr.ContentSequence, dataset.SQ, dataset.AppendItem(nil, p.contentItem(in, path+">", depth+1)))
	}
	return item
}

// reference writes an item of a Referenced SOP Sequence.
func (p *planter) reference(in dataset.Ref, path string) []byte {
	item := p.d.Append(nil, in, 0x00081150, dataset.UI, p.value(dataset.UI, path+"class"))
	return dataset.AppendItem(nil, p.d.Append(item, in, 0x00081155, dataset.UI, p.value(dataset.UI, path+"instance")))
}

// measured writes an item of a Measured Value Sequence: a number, or none.
func (p *planter) measured(in dataset.Ref, path string) []byte {
	item := p.d.Append(nil, in, 0x004008EA, dataset.SQ, p.code(in, sr.Code{Value: "mGy", Scheme: "UCUM"}, path+"unit"))
	number := []byte("1.5")
	if p.pick(4) == 0 {
		number = p.value(dataset.DS, path+"number")
	}
	item = p.d.Append(item, in, 0x0040A161, dataset.FD, p.value(dataset.FD, path+"double"))
	return dataset.AppendItem(nil, p.d.Append(item, in, sr.NumericValue, dataset.DS, number))
}

// code writes an item of a code sequence, with a marker in its meaning, its
// value or both.
func (p *planter) code(in dataset.Ref, c sr.Code, path string) []byte {
	value, meaning := []byte(c.Value), []byte("meaning")
	if p.pick(4) == 0 {
		value = p.value(dataset.SH, path+"code")
	}
	if p.pick(2) == 0 {
		meaning = p.value(dataset.LO, path+"meaning")
	}
	item := p.d.Append(nil, in, sr.CodeValue, dataset.SH, value)
	item = p.d.Append(item, in, sr.CodingSchemeDesignator, dataset.SH, []byte(c.Scheme))
	return dataset.AppendItem(nil, p.d.Append(item, in, sr.CodeMeaning, dataset.LO, meaning))
}

// unknown writes a Content Sequence as UN of undefined length, implicit inside
// (PS3.5 6.2.2); in an implicit item it is only of undefined length.
func (p *planter) unknown(in dataset.Ref, path string) []byte {
	value := p.value(dataset.UT, path+"un")
	implicit := binary.LittleEndian.AppendUint32([]byte{0x40, 0, 0x60, 0xA1}, uint32(len(value)+len(value)&1))
	implicit = append(append(implicit, value...), make([]byte, len(value)&1)...)
	out := []byte{0x40, 0, 0x30, 0xA7}
	if probe := p.d.Append(nil, in, sr.TextValue, dataset.UT, nil); len(probe) > 8 {
		out = append(out, 'U', 'N', 0, 0)
	}
	out = append(out, 0xFF, 0xFF, 0xFF, 0xFF)
	out = dataset.AppendItem(out, implicit)
	return append(out, 0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0)
}

// knownConcepts are those of Table E.3.4-1, some of the dose templates, and
// some that nobody knows.
var knownConcepts = sync.OnceValue(func() []sr.Code {
	all := []sr.Code{sr.DCM("113701"), sr.DCM("113811"), sr.DCM("113829"), sr.DCM("113764"), sr.DCM("113819"), {Value: "T-D3000", Scheme: "SRT"},
		{Value: "41806003", Scheme: "SCT"}, {Value: "12", Scheme: ownScheme}, {Value: "999999", Scheme: "DCM"}, {}}
	text, err := os.ReadFile("annex_e341.tsv")
	if err != nil {
		panic(err)
	}
	for line := range strings.Lines(string(text)) {
		if cells := strings.Split(line, "\t"); len(cells) > 3 && cells[0] != "scheme" {
			all = append(all, sr.Code{Value: cells[1], Scheme: cells[0]})
		}
	}
	return all
})

// listedCodes is codes.tsv: scheme, tab, value.
var listedCodes = sync.OnceValue(func() map[string]bool {
	text, err := os.ReadFile("codes.tsv")
	if err != nil {
		panic(err)
	}
	all := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if cells := strings.Split(line, "\t"); len(cells) == 3 {
			all[cells[0]+"\t"+cells[1]] = true
		}
	}
	return all
})
