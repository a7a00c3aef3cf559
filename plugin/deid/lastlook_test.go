package deid_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/rdsr"
)

// What the rewriter would overlook, the last look finds: these put into a
// finished report what must not be there.
func TestTheLastLookFindsWhatTheRewriterOverlooked(t *testing.T) {
	original := read(t, "ct-identities").Dataset
	name, _, _ := strings.Cut(original.TextOf(dataset.Root, patientName), "^")
	id, uid := original.TextOf(dataset.Root, patientID), original.TextOf(dataset.Root, studyUID)
	for what, c := range map[string]struct {
		tag   dataset.Tag
		vr    dataset.VR
		value string
		mends bool // a text goes, the report stays
	}{
		"nothing":                      {description, dataset.LO, "CT Thorax", true},
		"the name in a text":           {description, dataset.LO, "CT of " + strings.ToUpper(name), true},
		"the ID in a text":             {stationName, dataset.SH, id, true},
		"a UID in a text":              {description, dataset.LO, "see " + uid, true},
		"the name of a person":         {0x00080090, dataset.PN, name, false},
		"a name that is nobody's":      {0x00080090, dataset.PN, "Somebody^Else", false},
		"a UID of the original":        {0x0020000E, dataset.UI, uid, false},
		"the name under a private tag": {0x00091001, dataset.LO, name, false},
		"nothing under a private tag":  {0x00091001, dataset.LO, "1", false},
		"the name as a defined term":   {0x00080008, dataset.CS, strings.ToUpper(name), false},
	} {
		d := parsed(t, deid.Registry, "ct-identities")
		plan := d.Plan()
		if e, ok := d.Find(dataset.Root, c.tag); ok {
			plan.Remove(e)
		}
		plan.Add(dataset.Root, c.tag, c.vr, []byte(c.value))
		file, err := plan.Encode(dataset.AppendFileHeader(nil, rdsr.XRayRadiationDoseSR, "2.25.1", d.Syntax.Output()))
		must(t, err)
		safe, replaced, err := deid.LastLook(original, file, deid.Registry)
		var leak *deid.LeakError
		switch {
		case errors.As(err, &leak):
			if c.mends || strings.Contains(leak.Error(), name) {
				t.Errorf("%s: %v", what, err)
			}
		case err != nil:
			t.Errorf("%s: %v", what, err)
		case !c.mends:
			t.Errorf("%s is overlooked", what)
		case what == "nothing" && replaced != 0, what != "nothing" && (replaced != 1 || strings.Contains(string(safe), c.value)):
			t.Errorf("%s: %d texts were taken out", what, replaced)
		}
	}
}

// parsed is a report of testdata after de-identification.
func parsed(t *testing.T, p deid.Policy, name string) *dataset.Dataset {
	t.Helper()
	_, d := deidentify(t, p, read(t, name), deid.Context{Key: newKey(t)})
	return d
}
