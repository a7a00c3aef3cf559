package web_test

import (
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/dosegate/dosegate/plugin/browsertest"
	"github.com/dosegate/dosegate/plugin/ledger"
)

func TestMain(m *testing.M) {
	code := m.Run()
	browsertest.End()
	os.Exit(code)
}

// login logs in as a person does.
func login(tab *browsertest.Tab, h *house, name string) {
	tab.Go(h.url + "/login")
	tab.Fill("input[name=name]", name)
	tab.Fill("input[name=password]", password)
	tab.Click("button.main")
	tab.Sees(".me", name)
}

func TestAPageShowsWhatIsNewOverAWebSocketAndWithoutOne(t *testing.T) {
	for words, o := range map[string]browsertest.Options{"live": {}, "up to date": {WithoutSocket: true, Hasty: true}} {
		t.Run(words, func(t *testing.T) {
			h := newHouse(t, withUsers)
			tab := browsertest.Open(t, o)
			login(tab, h, viewer)
			tab.Go(h.url + "/reports")
			tab.Sees("#rows", "No dose report has come yet")
			tab.Sees("#live", words)
			tab.Run("window.samePage = true", nil)
			made := h.record(h.seen("CT1", "CT", ledger.Accepted, ""))
			tab.Sees("#rows", "queued")
			h.delivered(made...)
			tab.Sees("#rows", "delivered")
			same := false
			if tab.Run("window.samePage === true", &same); !same {
				t.Error("the page was loaded again as a whole")
			}
		})
	}
}

func TestWhatSomebodyFillsInStaysWhileThePageChanges(t *testing.T) {
	h := newHouse(t, withUsers)
	h.leads()
	h.record(h.seen("CT9", "CT", ledger.Held, "station_not_configured"))
	tab := browsertest.Open(t, browsertest.Options{})
	login(tab, h, operator)
	tab.Go(h.url + "/holding")
	tab.Sees("#live", "live")
	tab.Click("#held summary")
	tab.Fill("#held input[name=reason]", "half a sen")
	h.record(h.seen("CT9", "CT", ledger.Held, "station_not_configured"), h.seen("CT9", "CT", ledger.Held, "leak"))
	tab.Sees(".badge", "1") // what is around it does change
	value := ""
	if tab.Run("document.querySelector('#held input[name=reason]').value", &value); value != "half a sen" {
		t.Errorf("the field has %q now", value)
	}
	tab.Fill("#held input[name=reason]", "a whole sentence")
	tab.Click("#held button[formaction$='/keep']")
	tab.Sees(".note.good", "2 reports kept for longer")
}

func TestUnusualNamesAreHarmlessInABrowser(t *testing.T) {
	h := newHouse(t, withUsers)
	h.leads()
	for _, name := range unusual {
		h.record(h.seen(name, "CT", ledger.Held, "station_not_configured"))
	}
	tab := browsertest.Open(t, browsertest.Options{})
	login(tab, h, operator)
	for _, path := range []string{"/", "/stations", "/holding", "/reports", "/stations/entry?station=" + queryEscape(unusual[0])} {
		tab.Go(h.url + path)
		bad := ""
		tab.Run(`[...document.querySelectorAll("main script, main img, [onerror]")].map((e) => e.outerHTML).join()`, &bad)
		if bad != "" {
			t.Errorf("%s has %s", path, bad)
		}
	}
	tab.Go(h.url + "/stations/entry?station=" + queryEscape(unusual[0]))
	tab.Click("form.card button.main")
	tab.Sees("main", "What will happen")
	tab.Click(".card form.inline button.main")
	tab.Sees("#configured", "<script>alert")
	if text := h.read("stations.yaml"); !strings.HasPrefix(text, someStations) || !strings.Contains(text, `<script>alert("x")</script>`) {
		t.Errorf("stations.yaml is\n%s", text)
	}
}

func TestAChangeMadeByHandMeanwhileIsShownAndStays(t *testing.T) {
	h := newHouse(t, withUsers)
	h.leads()
	h.record(h.seen("CT9", "CT", ledger.Held, "station_not_configured"))
	tab := browsertest.Open(t, browsertest.Options{})
	login(tab, h, operator)
	tab.Go(h.url + "/stations/entry?station=CT9")
	tab.Click("form.card button.main")
	tab.Sees("main", "1 report (CT) of CT9 will be released to dir")
	byHand := someStations + "  - {name: DX, send: false} # by hand\n"
	h.write("stations.yaml", byHand)
	tab.Click(".card form.inline button.main")
	tab.Sees("[role=alert]", "Somebody changed stations.yaml meanwhile")
	tab.Sees("pre", "# by hand")
	if h.read("stations.yaml") != byHand {
		t.Errorf("stations.yaml is\n%s", h.read("stations.yaml"))
	}
	tab.Click("form.card button.main")
	tab.Sees("main", "1 report (CT) of CT9 will be released to dir")
	tab.Click(".card form.inline button.main")
	tab.Sees(".note.good", "1 report will be released")
	if text := h.read("stations.yaml"); text != byHand+"  - name: CT9\n" {
		t.Errorf("stations.yaml is\n%s", text)
	}
	tab.Go(h.url + "/history")
	tab.Sees("#acts", "configured station CT9")
}

func TestEverythingIsDoneByKeyboard(t *testing.T) {
	h := newHouse(t, withUsers)
	h.leads()
	h.record(h.seen("CT9", "CT", ledger.Held, "station_not_configured"))
	tab := browsertest.Open(t, browsertest.Options{})
	tab.Go(h.url + "/login?to=%2Fholding")
	tab.Press(operator + kb.Tab + password + kb.Enter)
	tab.Sees("h1", "Holding area")
	focused := func() (what string) {
		tab.Run("document.activeElement.innerText || document.activeElement.name || document.activeElement.tagName", &what)
		return what
	}
	tab.Press(kb.Tab)
	if what := focused(); what != "To the content" {
		t.Errorf("the first stop is %q", what)
	}
	tab.Press(kb.Enter)
	for stop := 0; focused() != "Decide"; stop++ {
		if tab.Press(kb.Tab); stop == 20 {
			t.Fatal("no way to the decision")
		}
	}
	tab.Press(kb.Enter + kb.Tab + "by keyboard" + kb.Tab + kb.Tab + kb.Tab)
	if what := focused(); what != "Keep longer" {
		t.Fatalf("the focus is on %q", what)
	}
	tab.Press(kb.Enter)
	tab.Sees(".note.good", "1 report kept for longer")
}
