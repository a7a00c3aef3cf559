package main

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// nothingOfThePatients looks for what is planted in the reports on every page and
// in every answer. A device's own names may be shown: kind device.
func (h *house) nothingOfThePatients(t *testing.T, token string, files []string, more ...string) {
	t.Helper()
	rows := csv.NewReader(bytes.NewReader(read(t, testdata("planted.tsv"))))
	rows.Comma, rows.Comment, rows.LazyQuotes, rows.FieldsPerRecord = '\t', '#', true, -1
	all, err := rows.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var planted []string
	for _, row := range all {
		if len(row) > 3 && slices.Contains(files, row[0]) && row[3] != "device" && len(row[2]) > 3 {
			planted = append(planted, row[2])
		}
	}
	if len(planted) < 50 {
		t.Fatalf("only %d markers", len(planted))
	}
	planted = append(planted, h.gateway.Password, h.registry.Password, token)
	pages := append(more, "/page/", "/page/?all=1", "/page/stations", "/page/holding", "/page/holding?by=station", "/page/reports", "/page/registries", "/page/configuration",
		"/page/dictionary", "/page/history", "/page/stations/entry?station=dxroom3", "/page/stations/entry?place=0", "/page/metrics", "/page/readyz", "/reports.csv", "/dictionary.csv",
		"/overview", "/stations", "/holding", "/reports", "/registries", "/configuration", "/dictionary", "/history", "/state")
	for _, r := range h.run(t, "reports", "--json").objects(t) {
		pages = append(pages, "/page/reports/"+r["id"].(string), "/reports/"+r["id"].(string))
	}
	everyPage(t, pages)
	for _, path := range pages {
		a := h.api(t, token, "GET", path, "")
		if a.code != http.StatusOK {
			t.Errorf("%s: status %d", path, a.code)
		}
		for _, marker := range planted {
			if strings.Contains(a.stdout, marker) {
				t.Errorf("%s has %q", path, marker)
			}
		}
	}
}

// everyPage fails where a page or an answer of the API is not among those looked at.
func everyPage(t *testing.T, looked []string) {
	t.Helper()
	routes := string(read(t, filepath.Join("..", "..", "web", "routes.go")))
	found := regexp.MustCompile(`"(?:GET )?(/[^"]*)"`).FindAllStringSubmatch(regexp.MustCompile(`(?m)^.*(POST|s\.do).*$`).ReplaceAllString(routes, ""), -1)
	if len(found) < 25 {
		t.Fatalf("only %d routes", len(found))
	}
	var texts []string
	for _, path := range looked {
		if path, isPage := strings.CutPrefix(path, "/page"); isPage || strings.Contains(path, ".csv") {
			texts = append(texts, path)
		} else {
			texts = append(texts, "/api/v1"+path)
		}
	}
	shown := regexp.MustCompile(`\\\{[a-z]+\\\}`)
	for _, m := range found {
		is := regexp.MustCompile("^" + strings.ReplaceAll(shown.ReplaceAllString(regexp.QuoteMeta(m[1]), "[^/?]+"), `/\{\$\}`, "/") + `(\?.*)?$`)
		if !slices.ContainsFunc(texts, is.MatchString) && !slices.Contains(notOfReports, m[1]) {
			t.Errorf("%s is not looked at", m[1])
		}
	}
}

// notOfReports are the routes that show nothing of the ledger.
var notOfReports = []string{"/", "/api/", "/login", "/login?to=", "/first", "/live", "/healthz", "/doorbell", "/assets/{digest}/{name}", "/api/v1/openapi.yaml"}
