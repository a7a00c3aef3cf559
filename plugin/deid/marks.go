package deid

import (
	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/sr"
)

// The attributes that say what was done (PS3.15 E.1.1, PS3.3 C.7.1.1).
const (
	patientIdentityRemoved          dataset.Tag = 0x00120062
	deidentificationMethodCodes     dataset.Tag = 0x00120064
	longitudinalTemporalInformation dataset.Tag = 0x00280303
)

// methods are the codes of CID 7050 that a policy amounts to.
func (p Policy) methods() []string {
	codes := []string{"113100", "113104", "113105"} // Basic Profile, Clean Structured Content, Clean Descriptors
	for _, option := range []struct {
		chosen bool
		code   string
	}{
		{p.Dates == DatesFull, "113106"}, {p.Dates == DatesModified, "113107"},
		{p.Retain.Sex || p.Retain.Age || p.Retain.Size || p.Retain.Weight, "113108"},
		{p.Retain.DeviceIdentity, "113109"}, {p.Retain.UIDs, "113110"}, {p.Retain.InstitutionIdentity, "113112"},
	} {
		if option.chosen {
			codes = append(codes, option.code)
		}
	}
	return codes
}

// mark writes what was done. Marks of an earlier de-identification are not in
// attributes.tsv, so they are gone.
func (j *job) mark() {
	add := func(tag dataset.Tag, vr dataset.VR, value []byte) { j.plan.Add(dataset.Root, tag, vr, value) }
	add(patientIdentityRemoved, dataset.CS, []byte("YES"))
	var items []byte
	for _, code := range j.policy.methods() {
		meaning, _ := meaningOf("DCM", code)
		items = dataset.AppendItem(items, j.encodedCode(dataset.Root, sr.DCM(code), meaning))
	}
	add(deidentificationMethodCodes, dataset.SQ, items)
	temporal := map[Dates]string{DatesFull: "UNMODIFIED", DatesModified: "MODIFIED",
		DatesYear: "REMOVED", DatesRemoved: "REMOVED"}
	add(longitudinalTemporalInformation, dataset.CS, []byte(temporal[j.policy.Dates]))
}

// encodedCode is the content of an item of a code sequence (PS3.3 8.8), encoded
// as the children of an item are.
func (j *job) encodedCode(item dataset.Ref, c sr.Code, meaning string) (encoded []byte) {
	encoded = j.d.Append(encoded, item, sr.CodeValue, dataset.SH, []byte(c.Value))
	encoded = j.d.Append(encoded, item, sr.CodingSchemeDesignator, dataset.SH, []byte(c.Scheme))
	return j.d.Append(encoded, item, sr.CodeMeaning, dataset.LO, []byte(meaning))
}
