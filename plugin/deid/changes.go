package deid

import (
	"bytes"
	"fmt"
	"strings"
	"sync"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/rdsr"
	"github.com/dosegate/dosegate/plugin/sr"
)

// OutcomeReplaced is any other value in the place of one: of a change alone, since
// the tables say more.
const OutcomeReplaced Outcome = "replaced"

// Change is an element or a content item that is not as it was. It holds
// nothing of the original's values: only what is in the de-identified copy.
type Change struct {
	Place   string  `json:"place"`   // in the original, as in "(0040,A730)[3].(0040,A160)"
	Name    string  `json:"name"`    // of the attribute, "" where the tables do not have it
	Concept string  `json:"concept"` // of the content item that goes or that the element is in
	Action  Outcome `json:"action"`
	Value   string  `json:"value"` // in the copy
}

// Changes says what a de-identification did to a report, in the order of the
// report. The result has to be what [Deidentifier.Deidentify] made of the same
// report in the same context.
func (x *Deidentifier) Changes(doc *rdsr.Document, ctx Context, r *Result) ([]Change, error) {
	after, err := dataset.Parse(r.File, dataset.Limits{Bytes: len(r.File) + 1})
	if err != nil {
		return nil, fmt.Errorf("read the de-identified report again: %w", err)
	}
	j := newJob(new(bench), x, doc, ctx)
	j.elements(dataset.Root, noValue)
	c := &comparison{before: doc.Dataset, after: after, plan: &j.plan}
	c.elements(dataset.Root, dataset.Root, "", "")
	return c.changes, nil
}

// comparison goes through a report and its copy side by side. The plan tells
// what was left out, so that what is left stands at the same place in both.
type comparison struct {
	before, after *dataset.Dataset
	plan          *dataset.Plan
	changes       []Change
}

func (c *comparison) note(place string, tag dataset.Tag, concept string, o Outcome, value string) {
	c.changes = append(c.changes, Change{Place: place, Name: attributeName(tag), Concept: concept, Action: o, Value: value})
}

// elements compares an item and its copy.
func (c *comparison) elements(before, after dataset.Ref, place, concept string) {
	met := make(map[dataset.Tag]bool)
	for e := range c.before.Children(before) {
		tag := c.before.Tag(e)
		at := strings.TrimPrefix(place+"."+tag.String(), ".")
		copied, ok := c.after.Find(after, tag)
		switch {
		case tag.GroupLength() && !c.plan.Removed(e): // a sum, written anew
			met[tag] = true
		case c.plan.Removed(e) || !ok:
			c.note(at, tag, concept, OutcomeRemoved, "")
		default:
			met[tag] = true
			c.element(e, copied, at, concept)
		}
	}
	for e := range c.after.Children(after) {
		if tag := c.after.Tag(e); !met[tag] {
			c.note(strings.TrimPrefix(place+"."+tag.String(), "."), tag, concept, OutcomeWritten, c.value(e))
		}
	}
}

func (c *comparison) element(before, after dataset.Ref, place, concept string) {
	if c.before.Container(before) {
		c.sequence(before, after, place, concept)
		return
	}
	if was, is := c.before.Trimmed(before), c.after.Trimmed(after); !bytes.Equal(was, is) {
		c.note(place, c.after.Tag(after), concept, c.outcome(after), c.value(after))
	}
}

// outcome is what was done to an element that has another value than before.
func (c *comparison) outcome(e dataset.Ref) Outcome {
	vr, text := c.after.Node(e).VR, c.after.Trimmed(e)
	switch {
	case len(text) == 0:
		return OutcomeEmptied
	case string(text) == replacement:
		return OutcomeDummy
	case vr == dataset.UI:
		return OutcomeDerivedUID
	case isText(vr) && bytes.Contains(text, []byte(cut)):
		return OutcomeCleaned
	}
	return OutcomeReplaced
}

// sequence compares the items of a sequence, which are as many in the copy as
// the plan has left.
func (c *comparison) sequence(before, after dataset.Ref, place, concept string) {
	var copies []dataset.Ref
	for item := range c.after.Children(after) {
		copies = append(copies, item)
	}
	tag, number := c.before.Tag(before), 0
	for item := range c.before.Children(before) {
		number++
		at := fmt.Sprintf("%s[%d]", place, number)
		inside := concept
		switch {
		case c.plan.Removed(item):
			if tag == sr.ContentSequence {
				inside = conceptWords(c.before, item)
			}
			c.note(at, tag, inside, OutcomeRemoved, "")
			continue
		case len(copies) == 0: // the sequence was emptied
			c.note(place, tag, concept, OutcomeEmptied, "")
			return
		case tag == sr.ContentSequence:
			inside = conceptWords(c.after, copies[0])
		}
		c.elements(item, copies[0], at, inside)
		copies = copies[1:]
	}
}

// value is that of an element of the copy; "" for what is no text.
func (c *comparison) value(e dataset.Ref) string {
	n := c.after.Node(e)
	if c.after.Container(e) || n.VR == dataset.SQ || !n.VR.Text() && n.VR != dataset.LT {
		return ""
	}
	return c.after.Charset(n.Parent).Decode(c.after.Trimmed(e))
}

// conceptWords names a content item's concept, if it is a listed one: any other
// code could be a word of somebody's.
func conceptWords(d *dataset.Dataset, item dataset.Ref) string {
	code := sr.CodeAt(d, item, sr.ConceptNameCodeSequence)
	if meaning, ok := meaningOf(code.Scheme, code.Value); ok {
		return fmt.Sprintf("%s %s, %s", code.Value, code.Scheme, meaning)
	}
	return "a concept of no list"
}

// attributeName is the keyword of a tag that the tables have.
func attributeName(tag dataset.Tag) string {
	if tag.Private() {
		return "private"
	}
	return keywords()[tag]
}

var keywords = sync.OnceValue(func() map[dataset.Tag]string {
	all := map[dataset.Tag]string{patientIdentityRemoved: "PatientIdentityRemoved",
		deidentificationMethodCodes: "DeidentificationMethodCodeSequence", longitudinalTemporalInformation: "LongitudinalTemporalInformationModified"}
	for _, row := range rows(annexE11, 14) {
		var tag dataset.Tag
		if n, err := fmt.Sscanf(row[0], "%08X", &tag); n == 1 && err == nil && len(row[0]) == 8 {
			all[tag] = row[1]
		}
	}
	for _, a := range attributes() {
		all[a.tag] = a.keyword
	}
	return all
})
