package chaos

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/dicomtest"
	"github.com/dosegate/dosegate/plugin/ledger"
)

func figures(number string) dicomtest.Figures {
	return dicomtest.Figures{Numbers: map[string]int{number: 1}, Events: []string{"1"}}
}

// wellEvidence is a run in which all went well.
func wellEvidence() evidence {
	row := func(id string, state ledger.State, uid string) ledger.Row {
		r := ledger.Row{Report: ledger.Report{ID: "id " + id, OrthancID: id, State: state}, State: state}
		if uid != "" {
			r.Report.State = ledger.Accepted
			r.Delivery = ledger.Delivery{Registry: "dir", State: state, Sent: ledger.Sent{SentSOPInstanceUID: uid, SentSHA256: "sum " + uid}}
		}
		return r
	}
	return evidence{
		reports: []report{{number: 0, fate: sent, uid: "A"}, {number: 1, fate: sent, uid: "B"}, {number: 2, fate: waits, uid: "C"},
			{number: 3, fate: ignored, uid: "D"}},
		figures: func(r report) dicomtest.Figures { return figures(r.uid) },
		gateway: map[string]string{"A": "a", "B": "b", "C": "c", "D": "d"},
		rows:    []ledger.Row{row("a", ledger.Delivered, "x"), row("b", ledger.Delivered, "y"), row("c", ledger.Held, "")},
		copies:  map[string]finished{"x": {"sum x", figures("A")}, "y": {"sum y", figures("B")}},
	}
}

// spoilt are runs in which one thing each is not as it should be, and what the
// verdict must say of it.
var spoilt = map[string]struct {
	spoil                func(*evidence)
	miscount             func(*counts)
	lost, doubled, stray string
}{
	"nothing":                 {},
	"not in the ledger":       {spoil: func(e *evidence) { e.rows = e.rows[1:] }, lost: "report 0 () is not in the ledger", doubled: "no row of the ledger explains: x"},
	"held, not in the ledger": {spoil: func(e *evidence) { e.rows = e.rows[:2] }, lost: "report 2 () is not in the ledger"},
	"still queued":            {spoil: func(e *evidence) { e.rows[0].State = ledger.Queued }, lost: "report 0 () is queued", doubled: "explains: x"},
	"not at the registry":     {spoil: func(e *evidence) { delete(e.copies, "x") }, lost: "the registry does not have it"},
	"other bytes":             {spoil: func(e *evidence) { e.rows[1].Delivery.SentSHA256 = "other" }, lost: "other bytes"},
	"other figures":           {spoil: func(e *evidence) { e.copies["x"] = finished{"sum x", figures("B")} }, lost: "report 0 () has other figures"},
	"an event less": {spoil: func(e *evidence) {
		e.copies["x"] = finished{"sum x", dicomtest.Figures{Numbers: figures("A").Numbers}}
	}, lost: "0 of 1 irradiation events"},
	"held, gone from the gateway":   {spoil: func(e *evidence) { delete(e.gateway, "C") }, lost: "the gateway does not have it any more", stray: "should not know: c"},
	"twice at the registry":         {spoil: func(e *evidence) { e.copies["z"] = e.copies["x"] }, doubled: "no row of the ledger explains: z"},
	"twice in the ledger":           {spoil: func(e *evidence) { e.rows = append(e.rows, e.rows[2]) }, doubled: "report 2 () has 2 rows"},
	"two under one UID":             {spoil: func(e *evidence) { e.rows[1].Delivery = e.rows[0].Delivery }, doubled: "under the UID of report 0", lost: "other figures"},
	"no report, yet in the ledger":  {spoil: func(e *evidence) { e.rows[2].Report.OrthancID = "d" }, lost: "report 2 () is not", stray: "report 3 () is in the ledger"},
	"unknown in the ledger":         {spoil: func(e *evidence) { e.rows = append(e.rows, ledger.Row{Report: ledger.Report{OrthancID: "q"}}) }, stray: "should not know: q"},
	"unknown in the gateway":        {spoil: func(e *evidence) { e.gateway["Q"] = "q" }, stray: "nobody sent: Q"},
	"an instance counted twice":     {miscount: func(c *counts) { c.ignored++ }, stray: "the ledger counts"},
	"a report counted twice":        {miscount: func(c *counts) { c.seen++ }, stray: "the ledger counts"},
	"a total that is wrong":         {miscount: func(c *counts) { c.totals["reports held"]++ }, stray: "the ledger counts"},
	"delivered that should be held": {spoil: func(e *evidence) { e.reports[0].fate = waits }, lost: "report 0 () is delivered", doubled: "explains: x"},
}

func TestTheVerdictFindsWhateverIsNotAsItShouldBe(t *testing.T) {
	for name, c := range spoilt {
		t.Run(name, func(t *testing.T) {
			v := &verdict{evidence: wellEvidence()}
			if c.spoil != nil {
				c.spoil(&v.evidence)
			}
			v.counts = v.recount()
			if c.miscount != nil {
				c.miscount(&v.counts)
			}
			v.judge()
			for _, x := range []struct {
				what, want string
				have       []string
			}{{"lost", c.lost, v.lost}, {"doubled", c.doubled, v.doubled}, {"stray", c.stray, v.stray}} {
				if (x.want == "") != (len(x.have) == 0) || !strings.Contains(strings.Join(x.have, "; "), x.want) {
					t.Errorf("%s: %v, want %q", x.what, x.have, x.want)
				}
			}
			if sum := v.delivered + v.held + v.ignored; name == "nothing" && sum != 4 {
				t.Errorf("%d of 4 are as they should be", sum)
			}
		})
	}
}

// The plan is the same from the same seed, with as many kills as were asked for.
func TestThePlanIsRepeatable(t *testing.T) {
	for _, o := range []options{{reports: 300, kills: 20, seed: 7, ledger: "sqlite", dosegates: 1}, {reports: 5000, kills: 200, seed: 7, ledger: "postgres", dosegates: 3}} {
		plan := newPlan(o)
		if !slices.Equal(plan, newPlan(o)) {
			t.Error("the plan is another the second time")
		}
		counts := make(map[deed]int)
		for _, h := range plan {
			counts[h.deed]++
		}
		if kills := counts[killLeader] + counts[killAny] + counts[killGateway] + counts[killRegistry]; kills != o.kills {
			t.Errorf("%d kills, want %d", kills, o.kills)
		}
		want := []deed{killGateway, killLeader, killRegistry}
		if o.ledger == "postgres" {
			want = []deed{killAny, killGateway, killLeader, killRegistry, cutLeader, freezeLeader, crashServer}
		}
		slices.Sort(want)
		if have := slices.Sorted(maps.Keys(counts)); !slices.Equal(have, want) {
			t.Errorf("the plan has %v, want %v", have, want)
		}
	}
}
