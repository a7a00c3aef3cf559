package chaos

import (
	"fmt"
	"maps"

	"github.com/dosegate/dosegate/plugin/dicomtest"
	"github.com/dosegate/dosegate/plugin/ledger"
)

// evidence is what there is in the end.
type evidence struct {
	reports []report                       // all that were acknowledged
	figures func(report) dicomtest.Figures // of the original
	gateway map[string]string              // SOP Instance UID to Orthanc ID
	rows    []ledger.Row
	counts  counts
	copies  map[string]finished // at the registry, by SOP Instance UID
}

// finished is a report as the registry has it.
type finished struct {
	sha256  string
	figures dicomtest.Figures
}

// verdict is what is wrong, as sentences.
type verdict struct {
	evidence
	lost, doubled, stray []string

	delivered, held, ignored int // reports that are as they should be
	rowsOf                   map[string][]ledger.Row
	owner                    map[string]int // of a copy: a report's number
}

// judge holds the evidence against what must be.
func (v *verdict) judge() {
	v.rowsOf, v.owner = make(map[string][]ledger.Row), make(map[string]int)
	for _, row := range v.rows {
		v.rowsOf[row.Report.OrthancID] = append(v.rowsOf[row.Report.OrthancID], row)
	}
	known := make(map[string]bool)
	for _, r := range v.reports {
		known[r.uid] = true
		v.report(r)
	}
	for uid := range v.gateway {
		if !known[uid] {
			v.stray = append(v.stray, "the gateway has an instance that nobody sent: "+uid)
		}
	}
	for uid := range v.copies {
		if _, ok := v.owner[uid]; !ok {
			v.doubled = append(v.doubled, "the registry has an object that no row of the ledger explains: "+uid)
		}
	}
	for id, rows := range v.rowsOf {
		v.stray = append(v.stray, fmt.Sprintf("the ledger has %d rows of an instance that it should not know: %s", len(rows), id))
	}
	v.miscounted()
}

func (v *verdict) report(r report) {
	id, ok := v.gateway[r.uid]
	if !ok {
		v.lost = append(v.lost, r.says("the gateway does not have it any more"))
		return
	}
	rows := v.rowsOf[id]
	delete(v.rowsOf, id)
	if len(rows) > 1 {
		v.doubled = append(v.doubled, r.says("has %d rows in the ledger", len(rows)))
		return
	}
	switch {
	case r.fate == ignored && len(rows) == 0:
		v.ignored++
	case r.fate == ignored:
		v.stray = append(v.stray, r.says("is in the ledger"))
	case len(rows) == 0:
		v.lost = append(v.lost, r.says("is not in the ledger"))
	case string(rows[0].State) != string(r.fate):
		v.lost = append(v.lost, r.says("is %s (%s)", rows[0].State, rows[0].Report.ReasonCode))
	case r.fate == waits:
		v.held++
	default:
		v.copy(r, rows[0].Delivery.Sent)
	}
}

// copy compares the registry's copy with the original and the ledger.
func (v *verdict) copy(r report, s ledger.Sent) {
	have, ok := v.copies[s.SentSOPInstanceUID]
	if !ok {
		v.lost = append(v.lost, r.says("is delivered, and the registry does not have it"))
		return
	}
	if other, taken := v.owner[s.SentSOPInstanceUID]; taken {
		v.doubled = append(v.doubled, r.says("was sent under the UID of report %d", other))
	}
	v.owner[s.SentSOPInstanceUID] = r.number
	want := v.figures(r)
	switch {
	case have.sha256 != s.SentSHA256:
		v.lost = append(v.lost, r.says("is at the registry with other bytes than the ledger says"))
	case !maps.Equal(have.figures.Numbers, want.Numbers):
		v.lost = append(v.lost, r.says("has other figures at the registry"))
	case len(have.figures.Events) != len(want.Events):
		v.lost = append(v.lost, r.says("has %d of %d irradiation events at the registry", len(have.figures.Events), len(want.Events)))
	default:
		v.delivered++
	}
}

func (r report) says(format string, args ...any) string {
	return fmt.Sprintf("report %d (%s) %s", r.number, r.kind, fmt.Sprintf(format, args...))
}
