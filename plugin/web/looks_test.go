package web_test

import (
	"os"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/browsertest"
	"github.com/dosegate/dosegate/plugin/web"
)

// widest names what is wider than the window, "" where all fits.
const widest = `document.documentElement.scrollWidth > innerWidth ? [...document.querySelectorAll("body *")].filter((e) => !e.closest(".scroll") &&
	e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.tagName + "." + e.className).slice(0, 5).join() || "?" : ""`

// axe tells the serious and critical findings of axe-core, "" where there are none.
// What is in the page is the same in the dark.
const axe = `axe.run({ resultTypes: ["violations"], preload: false, iframes: false, runOnly: matchMedia("(prefers-color-scheme: dark)").matches ? ["color-contrast"] :
	["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }).then((r) =>
	r.violations.filter((v) => v.impact === "serious" || v.impact === "critical")
	.map((v) => v.id + ": " + v.help + "\n  " + v.nodes.slice(0, 4).map((n) => n.html.slice(0, 160) + " " + (n.any[0] ? n.any[0].message : "")).join("\n  ")).join("\n"))`

// TestEveryPageIsForEverybody looks at every page of a filled house, below a prefix:
// axe-core looks at it in both modes, and nothing of it is wider than a phone, nor
// than a window at twice the zoom. Axe-core is a tool of development: scripts/test
// says where it comes from.
func TestEveryPageIsForEverybody(t *testing.T) {
	script, err := os.ReadFile(os.Getenv("DOSEGATE_AXE"))
	if err != nil {
		t.Log("accessibility is not checked: DOSEGATE_AXE does not name axe-core's axe.min.js")
	}
	h := newHouse(t, func(h *house, o *web.Options) { smallDemo(h, o); o.Prefix = "/dosegate" })
	h.leads()
	for _, dark := range []bool{false, true} {
		tab := browsertest.Open(t, browsertest.Options{Dark: dark})
		look := func(name string) {
			found := ""
			if script != nil {
				tab.Run(string(script), nil)
				tab.Run(axe, &found)
			}
			if found != "" {
				t.Errorf("%s (dark %t):\n%s", name, dark, found)
			}
			if dark {
				return // as wide as in light
			}
			for _, width := range []int64{360, 640} { // 640 units are a window of 1280 at a zoom of 200 %
				tab.Resize(width, 800)
				wide := ""
				if tab.Run(widest, &wide); wide != "" {
					t.Errorf("%s at %d is wider than the window: %s", name, width, wide)
				}
			}
			tab.Resize(1280, 900)
		}
		tab.Go(h.url + "/login")
		look("login")
		login(tab, h, operator)
		tab.Sees("#live", "live")
		for name, path := range h.pages() {
			if dark && name != "overview" && name != "report-held" && name != "stations" {
				continue // the same colours again
			}
			tab.Go(h.url + path)
			look(name)
		}
		tab.Go(h.url + "/stations/entry?station=CT9")
		tab.Click("form.card button.main")
		tab.Sees("main", "What will happen")
		look("preview")
	}
}

// What a policy forbids does not happen, and fails whatever test it happens in.
func TestABrowserObeysThePolicyAndTellsOfIt(t *testing.T) {
	h := newHouse(t, withUsers)
	tab := browsertest.Open(t, browsertest.Options{})
	tab.Go(h.url + "/login")
	ran := true
	tab.Run(`new Promise((done) => { addEventListener("securitypolicyviolation", () => done(window.ran === true));
		const evil = document.createElement("script"); evil.textContent = "window.ran = true"; document.head.append(evil); })`, &ran)
	if ran {
		t.Error("a script within the page runs")
	}
	tab.Run(`console.clear()`, nil) // the log comes in order
	if said := strings.Join(tab.Problems(), "\n"); !strings.Contains(said, "Content Security Policy") {
		t.Errorf("the browser says %q", said)
	}
}

// On paper there is what a person reads, dark on white, and nothing to press.
func TestAPageIsPrintedDarkOnWhite(t *testing.T) {
	h := newHouse(t, smallDemo)
	h.leads()
	tab := browsertest.Open(t, browsertest.Options{Dark: true})
	login(tab, h, operator)
	tab.Go(h.url + "/stations")
	tab.AsPrinted()
	seen := ""
	tab.Run(`[...document.querySelectorAll("nav, button, .button, form, .me")].filter((e) => e.offsetParent !== null).map((e) => e.outerHTML.slice(0, 80)).join("\n")`, &seen)
	if seen != "" {
		t.Errorf("on paper there is\n%s", seen)
	}
	colours := ""
	tab.Run(`[document.body, document.querySelector(".card"), document.querySelector(".hint")].map((e) => getComputedStyle(e).backgroundColor + " " + getComputedStyle(e).color).join("; ")`, &colours)
	if want := "rgb(255, 255, 255) rgb(0, 0, 0); rgb(255, 255, 255) rgb(0, 0, 0); rgba(0, 0, 0, 0) rgb(132, 82, 3)"; colours != want {
		t.Errorf("the colours on paper are %s, want %s", colours, want)
	}
	if text := tab.Text("#configured"); !strings.Contains(text, "MG-SCREEN") || !strings.Contains(text, "100002") {
		t.Errorf("on paper one reads\n%s", text)
	}
}
