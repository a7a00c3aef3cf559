package web_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// described holds requests and answers to the OpenAPI file.
type described struct {
	t      *testing.T
	router routers.Router
	used   map[string]bool // operations that were asked for
	doc    *openapi3.T
}

func (h *house) described(t *testing.T) *described {
	t.Helper()
	reply := h.client().get("/api/v1/openapi.yaml")
	doc, err := openapi3.NewLoader().LoadFromData([]byte(reply.body))
	h.must(err)
	h.must(doc.Validate(context.Background()))
	router, err := gorillamux.NewRouter(doc)
	h.must(err)
	return &described{t, router, map[string]bool{}, doc}
}

// ask sends a request, and checks that it and its answer are as described.
func (d *described) ask(c *client, r *http.Request) reply {
	d.t.Helper()
	body := []byte(nil)
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	got := c.do(r)
	r.Body = io.NopCloser(bytes.NewReader(body))
	address := *r.URL
	r.URL.Host, r.URL.Scheme = "", ""
	route, params, err := d.router.FindRoute(r)
	if err != nil {
		d.t.Fatalf("%s %s: %v", r.Method, address.Path, err)
	}
	d.used[r.Method+" "+route.Path] = true
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true}}
	if got.status == http.StatusOK {
		if err := openapi3filter.ValidateRequest(context.Background(), in); err != nil {
			d.t.Errorf("%s %s: the request: %v", r.Method, address.Path, err)
		}
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: got.status, Header: got.header,
		Body: io.NopCloser(strings.NewReader(got.body)), Options: in.Options}
	if err := openapi3filter.ValidateResponse(context.Background(), out); err != nil {
		d.t.Errorf("%s %s answers %d: %v", r.Method, address.Path, got.status, err)
	}
	return got
}

func (d *described) get(c *client, path string) reply {
	d.t.Helper()
	r, err := http.NewRequest("GET", c.url+"/api/v1"+path, nil)
	c.must(err)
	return d.ask(c, r)
}

func (d *described) post(c *client, path string, pairs ...string) reply {
	d.t.Helper()
	return d.ask(c, c.form("/api/v1"+path, pairs...))
}

func TestTheAPIAnswersAsItIsDescribed(t *testing.T) {
	h := newHouse(t, smallDemo)
	h.leads()
	d, c := h.described(t), h.withToken("operator")
	id := func(state ledger.State) (id string) {
		h.must(h.ledger.List(context.Background(), ledger.Query{State: state, Limit: 1}, func(r ledger.Row) error { id = r.Report.ID; return nil }))
		return id
	}
	ok := func(r reply) {
		t.Helper()
		if r.status != http.StatusOK {
			t.Errorf("status %d: %s", r.status, r.body)
		}
	}
	for _, path := range []string{"/overview", "/stations", "/holding", "/reports", "/reports?state=rejected", "/reports?station=CT1&kind=CT&registry=dir&from=2020-01-01&to=2099-01-01",
		"/orthanc/instances/" + orthancID(1), "/orthanc/series/" + orthancID(0), "/registries", "/configuration", "/dictionary", "/dictionary?search=station", "/history", "/state",
		"/reports/" + id(ledger.Delivered), "/reports/" + id(ledger.Held), "/reports/" + id(ledger.Rejected)} {
		ok(d.get(c, path))
	}
	for _, path := range []string{"/reports?from=yesterday", "/reports?after=x", "/reports/none"} {
		if r := d.get(c, path); r.status < 400 || r.status >= 500 {
			t.Errorf("%s: status %d", path, r.status)
		}
	}
	ok(d.post(c, "/registries/dir/pause", "reason", "moving"))
	ok(d.post(c, "/registries/dir/resume", "reason", "moved"))
	ok(d.post(c, "/registries/dir/test"))
	ok(d.post(c, "/reports/"+id(ledger.Delivered)+"/resend", "reason", "they asked for it"))
	ok(d.post(c, "/holding/keep", "source", "main", "station", "CT9", "reason_code", "station_not_configured", "days", "7", "reason", "vacation"))
	var before string
	h.must(decode(c.get("/api/v1/stations"), func(s map[string]any) { before = s["fingerprint"].(string) }))
	ok(d.post(c, "/stations", "place", "12", "fingerprint", before, "name", "CT9", "all_registries", "1"))
	ok(d.post(c, "/stations", "place", "12", "fingerprint", before, "name", "CT9", "step", "save", "all_registries", "1"))
	if r := d.post(c, "/stations", "place", "12", "fingerprint", before, "name", "CT10", "step", "save", "all_registries", "1"); r.status != http.StatusConflict {
		t.Errorf("an old fingerprint: status %d", r.status)
	}
	if r := d.post(c, "/reports/"+id(ledger.Held)+"/keep", "days", "7"); r.status != http.StatusBadRequest {
		t.Errorf("without a reason: status %d", r.status)
	}
	d.nothingIsLeftOut()
}

// nothingIsLeftOut fails where an answer is not described, or was not asked for.
func (d *described) nothingIsLeftOut() {
	d.t.Helper()
	routes, err := os.ReadFile("routes.go")
	if err != nil {
		d.t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`/api/v1(/[^"]+)"`).FindAllStringSubmatch(string(routes), -1) {
		if path := m[1]; d.doc.Paths.Find(path) == nil && path != "/openapi.yaml" {
			d.t.Errorf("%s is not described", path)
		}
	}
	for path, item := range d.doc.Paths.Map() {
		for method := range item.Operations() {
			if !d.used[method+" "+path] && !d.used[method+" /api/v1"+path] {
				d.t.Errorf("%s %s is described and was not asked for", method, path)
			}
		}
	}
}
