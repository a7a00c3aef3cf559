package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/browsertest"
)

// foreign is a page of somebody else, which whoever is logged in to ours opens. What
// it gets of ours it writes down: by a form with a guess for the token, by a script
// that reads, by a WebSocket and by a frame.
const foreign = `<!doctype html><title>Elsewhere</title><form method=post action="%[1]s/registries/dir/pause"><input name=reason value=x><input name=csrf value=guess></form>
<iframe src="%[1]s/"></iframe><p id=said></p><script>
const tries = {
	read: () => fetch("%[1]s/api/v1/overview", { credentials: "include" }).then((r) => r.text()),
	act: () => fetch("%[1]s/registries/dir/pause", { method: "POST", credentials: "include", headers: { "X-CSRF-Token": "guess" }, body: new URLSearchParams({ reason: "x" }) }).then((r) => r.text()),
	socket: () => new Promise((done, no) => { const s = new WebSocket("%[1]s/live".replace("http", "ws")); s.onmessage = (m) => done(m.data); s.onerror = no; }),
};
Promise.all(Object.entries(tries).map(([name, one]) => one().then((got) => name + " got " + got, () => name + " got nothing")))
	.then((all) => { document.getElementById("said").textContent = all.join("; ") + "; that is all"; });
</script>`

func TestAForeignPageGetsNothingInTheBrowserOfAnOperator(t *testing.T) {
	h := newHouse(t, withUsers)
	h.leads()
	version := h.version()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, foreign, h.url)
	}))
	defer elsewhere.Close()
	tab := browsertest.Open(t, browsertest.Options{})
	login(tab, h, operator)
	tab.Go(strings.Replace(elsewhere.URL, "127.0.0.1", "evil.example", 1))
	tab.Sees("#said", "that is all")
	if said := tab.Text("#said"); said != "read got nothing; act got nothing; socket got nothing; that is all" {
		t.Errorf("the foreign page says: %s", said)
	}
	tab.Run(`document.forms[0].submit()`, nil)
	tab.Sees("body", "The request comes from another page")
	// With DNS rebinding its name is an address of ours.
	tab.Go(strings.Replace(h.url, "127.0.0.1", "evil.example", 1) + "/login")
	tab.Sees("body", "This name is not one of the page's")
	tab.Problems() // the browser has complained of the foreign page, rightly
	if h.version() != version {
		t.Error("something has changed")
	}
	tab.Go(h.url + "/registries")
	tab.Sees(".me", operator)
	tab.Sees("#registries", "working")
}

func TestAViewerSeesNothingToPress(t *testing.T) {
	h := newHouse(t, smallDemo)
	h.leads()
	c := h.as(viewer)
	for name, path := range h.pages() {
		if name == "dictionary" || name == "reports" {
			continue // they are searched
		}
		_, body, _ := strings.Cut(c.get(path).body, "<main")
		if press := regexp.MustCompile(`<(form|button|summary class="button")[^>]*>`).FindString(body); press != "" {
			t.Errorf("%s has %s", name, press)
		}
	}
	want(t, "the form of an entry", c.get("/stations/entry?place=0"), http.StatusForbidden, "Only an operator")
}
