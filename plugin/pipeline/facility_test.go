package pipeline_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanctest"
	"github.com/dosegate/dosegate/plugin/registry"
)

// What is wanted in the report is wanted of every one: it waits until somebody says
// which facility its station belongs to.
func TestAReportWaitsForTheFacilityThatItsRegistryWantsInIt(t *testing.T) {
	w := newWorld(t, nil)
	w.policy.Sponsor = "dir"
	w.start()
	w.gateway.Store(t, w.report("CT1"))
	w.eventually("it waits, and says why", func() bool {
		return len(w.rows()) == 1 && strings.Contains(w.row("CT1").Delivery.LastError, "the registry wants the facility in the report")
	})
	w.stations("stations:\n  - {name: CT1, facility: \"100001\"}\n")
	w.eventuallyStates("CT1 delivered station_configured")
	var tags map[string]any
	w.registry.GetJSON(t, "/instances/"+w.registry.Instances(t)[0]+"/simplified-tags", &tags)
	if tags["ClinicalTrialSiteID"] != "100001" {
		t.Errorf("the registry is told the facility %v", tags["ClinicalTrialSiteID"])
	}
	if got := w.row("CT1").Delivery.Facility; got != "100001" {
		t.Errorf("the receipt has the facility %q", got)
	}
}

// The registry is not asked for them, so its queue is not slowed down as for one that fails.
func TestReportsWithoutTheFacilityThatAnAddressAsksForHoldUpNoOthers(t *testing.T) {
	w := newWorld(t, nil)
	var err error
	w.send, err = registry.NewSTOW(registry.STOWOptions{Name: "dir", URL: w.registry.URL + "/dicom-web/studies", Headers: map[string]string{"X-Site": "{facility}"},
		Username: orthanctest.Username, Password: w.registry.Password})
	must(t, err)
	w.stations("stations:\n  - name: CT1\n  - {name: CT2, facility: \"100001\"}\n")
	for range 6 {
		w.gateway.Store(t, w.report("CT1"))
	}
	w.gateway.Store(t, w.report("CT2"))
	w.start()
	w.eventually("the one is delivered, and the others say why they wait", func() bool {
		return w.count("CT2", ledger.Delivered) == 1 && !slices.ContainsFunc(w.rows(), func(r ledger.Row) bool {
			return r.State != ledger.Delivered && !strings.Contains(r.Delivery.LastError, "registry dir: its address or a header asks for the facility")
		})
	})
	if strings.Contains(w.log.String(), "not delivered, trying again") {
		t.Error("it is taken for a failure of the registry")
	}
}
