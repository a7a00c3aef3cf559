package pipeline

import (
	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/registry"
)

// Preparation is what is done to a report before a registry gets it. The zero
// value is what the gate's own Deidentifier does.
type Preparation struct {
	Deidentifier *deid.Deidentifier
	// PassThrough gives it byte for byte what Orthanc holds: to an RDIM in the
	// house.
	PassThrough bool
}

// passedThrough stands in the ledger for the fingerprint of a profile.
const passedThrough = "none"

// prepared is a report as it is sent, and what the ledger keeps of it. That is
// the same for one that is passed through: the derived UID, and a digest that
// leads nowhere without the site key.
type prepared struct {
	object         registry.Object
	sent           ledger.Sent
	numbersDropped int
}

// prepare makes of a report what a registry gets.
func (g *Gate) prepare(to string, r ledger.Report, f *found, as deid.Context) (*prepared, error) {
	if g.Preparations[to].PassThrough {
		return passThrough(r, f), nil
	}
	x := g.deidentifier(to)
	result, err := x.Deidentify(f.doc, as)
	if err != nil {
		return nil, err
	}
	return &prepared{
		object: registry.Object{SOPClassUID: result.SOPClassUID, SOPInstanceUID: result.SOPInstanceUID, StudyInstanceUID: result.StudyInstanceUID,
			Facility: f.verdict.Facility, File: result.File},
		sent: ledger.Sent{SentSOPInstanceUID: result.SOPInstanceUID, SentSHA256: result.SHA256(), SentDigest: r.Digest,
			Profile: x.Policy().Fingerprint(), Facility: f.verdict.Facility},
		numbersDropped: result.Counts.NumbersDropped,
	}, nil
}

// profile is the fingerprint of what is done to reports for a registry.
func (g *Gate) profile(to string) string {
	if g.Preparations[to].PassThrough {
		return passedThrough
	}
	return g.deidentifier(to).Policy().Fingerprint()
}

func (g *Gate) deidentifier(to string) *deid.Deidentifier {
	if own := g.Preparations[to].Deidentifier; own != nil {
		return own
	}
	return g.Deidentifier
}

// SendsOtherwise says why a report that a registry has would not be the same
// object there if it were sent again, "" where it would.
func (g *Gate) SendsOtherwise(report ledger.Report, d ledger.Delivery) string {
	keepsUIDs := !g.Preparations[d.Registry].PassThrough && g.deidentifier(d.Registry).Policy().Retain.UIDs
	switch {
	case d.Profile != g.profile(d.Registry):
		return "de-identification is configured otherwise now, so it would be other bytes under the same UID"
	case !keepsUIDs && d.Edition == 0 && d.SentSOPInstanceUID != report.SOPInstance:
		return "it would get another UID now"
	}
	return ""
}

// passThrough sends the report's own UIDs, and notes the derived ones.
func passThrough(r ledger.Report, f *found) *prepared {
	text := func(tag dataset.Tag) string { return f.doc.Dataset.TextOf(dataset.Root, tag) }
	return &prepared{
		object: registry.Object{SOPClassUID: f.doc.SOPClassUID, SOPInstanceUID: text(sopInstanceUID), StudyInstanceUID: text(studyInstanceUID),
			Facility: f.verdict.Facility, File: f.file},
		sent: ledger.Sent{SentSOPInstanceUID: deid.SOPInstance(f.doc, f.key), SentSHA256: f.asFile, SentDigest: r.Digest, Profile: passedThrough, Facility: f.verdict.Facility},
	}
}

const (
	sopInstanceUID   dataset.Tag = 0x00080018
	studyInstanceUID dataset.Tag = 0x0020000D
)
