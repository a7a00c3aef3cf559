package web_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanctest"
	"github.com/dosegate/dosegate/plugin/web"
)

// Somebody comes from Orthanc, where a study lies whose reports are of all kinds.
func TestFromOrthancAPersonIsLedToTheReport(t *testing.T) {
	const study = "00000000-0a7bca00-0a7bca00-0a7bca00-0000000"
	inside := map[string][]string{} // of the gateway, by study
	h := newHouse(t, func(h *house, o *web.Options) {
		withUsers(h, o)
		o.Prefix = "/dosegate"
		o.Sources[0].StructuredReports = func(_ context.Context, level, id string) ([]string, bool, error) {
			ids, has := inside[id]
			return ids, has && level == "studies", nil
		}
		o.Sources = append(o.Sources, web.Source{Name: "pacs", Look: o.Sources[0].Look,
			StructuredReports: func(context.Context, string, string) ([]string, bool, error) {
				return nil, false, errors.New("it is down")
			}})
	})
	made := h.record(h.seen("CT1", "CT", ledger.Accepted, ""), h.seen("CT1", "CT", ledger.Accepted, ""), h.seen("CT9", "CT", ledger.Held, "station_not_configured"))
	h.delivered(made[0])
	inside[study+"1"] = []string{made[0].OrthancID, orthancID(99)}
	inside[study+"2"] = []string{made[0].OrthancID, made[1].OrthancID, made[2].OrthancID}
	inside[study+"5"] = []string{made[2].OrthancID}
	inside[study+"3"], inside[study+"4"] = []string{orthancID(99)}, nil

	c, program := h.as(viewer), h.withToken(web.Viewer)
	one := "/dosegate/reports/" + made[0].ID
	for path, leadsTo := range map[string]string{"/orthanc/instances/" + made[0].OrthancID: one, "/orthanc/studies/" + study + "1": one} {
		if got := c.get(path); got.status != http.StatusSeeOther || got.header.Get("Location") != leadsTo {
			t.Errorf("%s: %d, to %q", path, got.status, got.header.Get("Location"))
		}
		want(t, path, program.get("/api/v1"+path), http.StatusOK, `"state":"delivered"`, `"page":"`+one+`"`)
	}
	want(t, "one", program.get("/api/v1/orthanc/studies/"+study+"1"), http.StatusOK, "The dose report of this study is delivered.")
	want(t, "a held one", program.get("/api/v1/orthanc/studies/"+study+"5"), http.StatusOK, "The dose report of this study is held: station CT9 is not configured.")
	want(t, "several", c.get("/orthanc/studies/"+study+"2"), http.StatusOK, "3 dose reports of this study: 1 held, 1 queued, 1 delivered.", one,
		"has it, with 3 structured reports; 3 are dose reports", "does not answer now")
	want(t, "several", program.get("/api/v1/orthanc/studies/"+study+"2"), http.StatusOK, `"state":"held"`, `"page":"/dosegate/orthanc/studies/`+study+`2"`)
	want(t, "another structured report", c.get("/orthanc/studies/"+study+"3"), http.StatusOK, "No dose report of this study is known.", "none is a dose report that Dosegate knows")
	want(t, "images", c.get("/orthanc/studies/"+study+"4"), http.StatusOK, "no structured report in it")
	want(t, "nothing", program.get("/api/v1/orthanc/series/"+study+"4"), http.StatusOK, `"state":""`, `"reports":[]`, "does not have it")
	for _, path := range []string{"/orthanc/patients/" + study + "1", "/orthanc/studies/1", "/orthanc/studies/" + study + "1%2F..%2Fx", "/orthanc/studies/" + strings.ToUpper(study) + "1"} {
		want(t, path, c.get(path), http.StatusNotFound)
		want(t, path, program.get("/api/v1"+path), http.StatusNotFound, `"error"`)
	}
	if got := h.client().get("/orthanc/instances/" + made[0].OrthancID); !strings.HasPrefix(got.header.Get("Location"), "/dosegate/login?to=%2Forthanc%2Finstances%2F") {
		t.Errorf("nobody is led to %q", got.header.Get("Location"))
	}
}

// The buttons of Orthanc Explorer 2 lead to addresses that the page has. They are
// relative to /ui/app/, and the page is below /dosegate/ there.
func TestTheButtonsOfOrthancExplorer2LeadToThePage(t *testing.T) {
	h := newHouse(t, func(h *house, o *web.Options) {
		withUsers(h, o)
		o.Prefix = "/dosegate"
	})
	c := h.as(viewer)
	explorer := orthanctest.Shipped(t, "explorer2.json")["OrthancExplorer2"].(map[string]any)
	buttons := explorer["UiOptions"].(map[string]any)["CustomButtons"].(map[string]any)
	for _, level := range []string{"study", "series", "instance"} {
		address := buttons[level].([]any)[0].(map[string]any)["Url"].(string)
		path, ok := strings.CutPrefix(strings.ReplaceAll(address, "{UUID}", orthancID(1)), "../../dosegate")
		if !ok {
			t.Errorf("%s: %s", level, address)
		}
		want(t, address, c.get(path), http.StatusOK, "No dose report of this "+level+" is known.")
	}
}
