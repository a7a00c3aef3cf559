package deid_test

import (
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/sr"
)

// Devices write the code of a concept where a template's number belongs.
func TestATemplateIdentifierOfSixDigitsStaysUnlessItIsThePatients(t *testing.T) {
	for _, c := range []struct {
		id, written string
		stays       bool
	}{
		{"INVENTED", "113706", true}, {"113706", "113706", false}, {"0113706", "113706", false}, {"11370", "113706", false},
		{"INV-113706", "113706", false}, {"INVENTED", "1137066", false}, {"INVENTED", "050361", false},
	} {
		doc := plantedReport(t, func(d *dataset.Dataset, plan *dataset.Plan) {
			id, _ := d.Find(dataset.Root, patientID)
			plan.Replace(id, []byte(c.id))
			sequence, _ := d.Find(dataset.Root, sr.ContentSequence)
			template := d.Append(nil, dataset.Root, sr.TemplateIdentifier, dataset.CS, []byte(c.written))
			item := d.Append(nil, dataset.Root, sr.ValueType, dataset.CS, []byte("CONTAINER"))
			item = d.Append(item, dataset.Root, sr.ContentTemplateSequence, dataset.SQ, dataset.AppendItem(nil, template))
			plan.Replace(sequence, dataset.AppendItem(append([]byte(nil), d.Bytes(sequence)...), item))
		})
		_, d := deidentify(t, deid.Registry, doc, deid.Context{Key: newKey(t)})
		item, _ := placed(d, inContentItem)
		template, _ := d.First(item, sr.ContentTemplateSequence)
		if after := d.TextOf(template, sr.TemplateIdentifier); (after == c.written) != c.stays {
			t.Errorf("the identifier %s in a report of the patient %s became %q", c.written, c.id, after)
		}
	}
}

func TestAContentSequenceWhoseItemsAllGoGoesToo(t *testing.T) {
	below := sr.ContentSequence
	doc := plantedReport(t, func(d *dataset.Dataset, plan *dataset.Plan) {
		sequence, _ := d.Find(dataset.Root, below)
		unknown := d.Append(nil, dataset.Root, sr.ValueType, dataset.CS, []byte("TEXT"))
		unknown = d.Append(unknown, dataset.Root, sr.TextValue, dataset.UT, []byte(plantedName))
		item := d.Append(nil, dataset.Root, sr.ValueType, dataset.CS, []byte("CONTAINER"))
		item = d.Append(item, dataset.Root, below, dataset.SQ, dataset.AppendItem(dataset.AppendItem(nil, unknown), unknown))
		plan.Replace(sequence, dataset.AppendItem(append([]byte(nil), d.Bytes(sequence)...), item))
	})
	_, d := deidentify(t, deid.Registry, doc, deid.Context{Key: newKey(t)})
	item, ok := placed(d, inContentItem)
	if _, left := d.Find(item, below); !ok || left {
		t.Errorf("the container is there: %v; its empty Content Sequence is: %v", ok, left)
	}
}
