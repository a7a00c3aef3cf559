package web_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/web"
)

// Metrics are for whoever has a token or a session, by whatever name the page is
// asked, and for nobody else.
func TestMetricsAreForWhoMaySeeThePage(t *testing.T) {
	h := newHouse(t, func(h *house, o *web.Options) {
		withUsers(h, o)
		o.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "invented 1\n") })
	})
	asked := func(c *client, host string) reply {
		r, err := http.NewRequest("GET", h.url+"/metrics", nil)
		h.must(err)
		r.Host = host
		return c.do(r)
	}
	known := map[string]*client{"dosegate:8480": h.withToken(web.Viewer), "": h.as(viewer)}
	for name, c := range known {
		if a := asked(c, name); a.status != http.StatusOK || a.body != "invented 1\n" {
			t.Errorf("%s: %+v", name, a)
		}
	}
	wrong := h.client()
	wrong.token = "wrong"
	for name, c := range map[string]*client{"nobody": h.client(), "a wrong token": wrong} {
		if a := asked(c, ""); a.status != http.StatusUnauthorized || strings.Contains(a.body, "invented") || a.header.Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

// Before there are users who sits at this machine may see the metrics, and a foreign
// page that gave its own name our address may not.
func TestMetricsBeforeThereAreUsers(t *testing.T) {
	h := newHouse(t, func(_ *house, o *web.Options) {
		o.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "invented 1\n") })
	})
	for host, want := range map[string]int{"": http.StatusOK, "rebound.example": http.StatusUnauthorized} {
		r, err := http.NewRequest("GET", h.url+"/metrics", nil)
		h.must(err)
		if host != "" {
			r.Host = host
		}
		if a := h.client().do(r); a.status != want {
			t.Errorf("%q: %+v", host, a)
		}
	}
}

func TestReadyIsWhoseLedgerAnswers(t *testing.T) {
	well := true
	h := newHouse(t, func(_ *house, o *web.Options) {
		o.Health = func() (bool, string) { return well, "invented words" }
	})
	ask := func(path string, status int, words string) {
		t.Helper()
		if a := h.client().get(path); a.status != status || a.body != words+"\n" {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	ask("/readyz", http.StatusOK, "invented words")
	h.must(h.ledger.Close())
	ask("/healthz", http.StatusOK, "invented words")
	ask("/readyz", http.StatusServiceUnavailable, "the ledger does not answer")
	well = false
	ask("/readyz", http.StatusServiceUnavailable, "invented words")
}
