//go:build native

package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/browsertest"
	"github.com/dosegate/dosegate/plugin/orthanctest"
)

func TestOrthancExplorerLeadsToTheReportsPage(t *testing.T) {
	t.Parallel()
	o := orthanc(t, newDosegate(t).URL, map[string]any{"Window": true})
	instance := o.Store(t, orthanctest.DoseReport(t, orthanctest.Report{StationName: "CT1"}))[0]
	tab := browsertest.Open(t, browsertest.Options{})
	tab.Go(strings.Replace(o.URL, "http://", "http://"+orthanctest.Username+":"+o.Password+"@", 1) + "/system") // logs in
	explorer := o.URL + "/app/explorer.html"
	var study, series struct{ ID string }
	o.GetJSON(t, "/instances/"+instance+"/study", &study)
	o.GetJSON(t, "/instances/"+instance+"/series", &series)
	for level, id := range map[string]string{"study": study.ID, "series": series.ID} {
		tab.Go(explorer + "#" + level + "?uuid=" + id)
		tab.Sees("#"+level+" .dosegate-button", "Dose report: held")
		path := map[string]string{"study": "studies", "series": "series"}[level]
		var got string
		tab.Run(fmt.Sprintf("$('#%s .dosegate-button').attr('href')", level), &got)
		if got != "../dosegate/orthanc/"+path+"/"+id {
			t.Errorf("the button of a %s leads to %q", level, got)
		}
	}
	tab.Go(explorer + "#instance?uuid=" + instance)
	tab.Sees("#instance .ui-title", "Instance")
	var shown bool
	if tab.Run("$('#instance .dosegate-button').is(':visible')", &shown); shown {
		t.Error("there is a button where no report is known")
	}
	if dir := os.Getenv("DOSEGATE_TEST_PICTURES"); dir != "" {
		tab.Go(explorer + "#study?uuid=" + study.ID)
		tab.Sees("#study .dosegate-button", "held")
		tab.Run("new Promise(done => setTimeout(() => done(true), 2000))", new(bool)) // the page comes in slowly
		tab.Picture(filepath.Join(dir, "explorer.png"))
	}
}
