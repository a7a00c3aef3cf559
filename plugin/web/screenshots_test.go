package web_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/dosegate/dosegate/plugin/browsertest"
	"github.com/dosegate/dosegate/plugin/ledger"
)

// TestScreenshots takes pictures of all pages, in both modes, for scripts/screenshots.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("DOSEGATE_SCREENSHOTS")
	if dir == "" {
		t.Skip("scripts/screenshots takes them")
	}
	h := newHouse(t, demo)
	h.leads()
	for mode, o := range map[string]browsertest.Options{"light": {Width: 1360, Height: 900}, "dark": {Width: 1360, Height: 900, Dark: true},
		"phone": {Width: 390, Height: 844, Scale: 2}} {
		tab := browsertest.Open(t, o)
		tab.Go(h.url + "/login")
		tab.Picture(filepath.Join(dir, "login-"+mode+".png"))
		login(tab, h, operator)
		for name, path := range h.pages() {
			tab.Go(h.url + path)
			tab.Sees("#live", "live")
			tab.Picture(filepath.Join(dir, name+"-"+mode+".png"))
		}
		tab.Go(h.url + "/stations/entry?station=CT9")
		tab.Click("form.card button.main")
		tab.Sees("main", "What will happen")
		tab.Picture(filepath.Join(dir, "preview-"+mode+".png"))
	}
	empty := newHouse(t, withUsers)
	empty.leads()
	tab := browsertest.Open(t, browsertest.Options{Width: 1360, Height: 900})
	login(tab, empty, operator)
	tab.Sees("#live", "live")
	tab.Picture(filepath.Join(dir, "first-day-light.png"))
}

// pages are all pages of a filled house.
func (h *house) pages() map[string]string {
	h.t.Helper()
	report := func(state ledger.State) string {
		id := ""
		h.must(h.ledger.List(context.Background(), ledger.Query{State: state, Limit: 1}, func(r ledger.Row) error { id = r.Report.ID; return nil }))
		return "/reports/" + id
	}
	return map[string]string{"overview": "/", "stations": "/stations", "entry": "/stations/entry?place=0", "holding": "/holding", "holding-station": "/holding?by=station",
		"reports": "/reports", "report": report(ledger.Delivered), "report-held": report(ledger.Held), "registries": "/registries",
		"configuration": "/configuration", "dictionary": "/dictionary", "history": "/history",
		"orthanc": "/orthanc/studies/" + orthancID(0)}
}
