package deid_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/sr"
)

// A listed Code Value does not vouch for a second value beside it, under Long or
// URN Code Value (PS3.3 8.8), which no list has.
func TestASecondValueOfACodeIsNoHidingPlace(t *testing.T) {
	doc := plantedReport(t, func(d *dataset.Dataset, plan *dataset.Plan) {
		for r := dataset.Ref(1); int(r) < d.Len(); r++ {
			if d.Tag(r) != sr.CodeMeaning {
				continue
			}
			item := d.Node(r).Parent
			plan.Add(item, sr.LongCodeValue, dataset.UC, []byte("QZXINVENTED thorax"))
			plan.Add(item, sr.URNCodeValue, dataset.UR, []byte("QZXINVENTED 13.01.1911"))
		}
	})
	result, d := deidentify(t, deid.Registry, doc, deid.Context{Key: newKey(t)})
	if bytes.Contains(result.File, []byte("QZX")) {
		t.Error("what stood in a second value of a code is in the output")
	}
	if codes := values(d, sr.CodeValue); !strings.Contains(strings.Join(codes, " "), "113701") {
		t.Errorf("the codes themselves are %v", codes)
	}
}

// A date of birth is a date in any order that it is written in; the last look
// shares no spelling with the rewriter.
func TestTheLastLookKnowsADateOfBirthInTheOrdersThatItIsWrittenIn(t *testing.T) {
	for _, spelt := range []string{"13.01.1911", "01/13/1911", "1911-01-13", "19110113"} {
		if what := deid.LooksLikeALeak("date", "19110113", "thorax "+spelt+" 120 kV"); what == "" {
			t.Errorf("%s is not found", spelt)
		}
	}
	if what := deid.LooksLikeALeak("date", "19110113", "thorax 14.01.1911 120 kV"); what != "" {
		t.Errorf("another date is %s", what)
	}
}
