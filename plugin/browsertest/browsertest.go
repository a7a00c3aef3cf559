// Package browsertest lets tests look at a page in a real browser: Debian's
// chromium, without a window, in a profile of its own that goes with the tests.
//
//	tab := browsertest.Open(t, browsertest.Options{Dark: true})
//	tab.Go(url)
//	tab.Click("button.main")
//	tab.Sees("#rows", "CT1")
//
// Whatever a page does wrong, such as an error of its script or something that
// its Content-Security-Policy forbids, fails the test in the end.
package browsertest

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience bounds every wait; two shared cores can be slow.
const patience = 60 * time.Second

// Options say what the browser is like. The zero value is a window of 1280 by
// 900 in light colours.
type Options struct {
	Width, Height int64
	Dark          bool
	Scale         float64 // of the screen's pixels; 0: 1
	WithoutSocket bool    // WebSockets are refused, as behind some proxies
	Hasty         bool    // intervals of scripts are a tenth as long
}

// Tab is one tab of a browser.
type Tab struct {
	t   testing.TB
	ctx context.Context

	colours *emulation.SetEmulatedMediaParams

	mu       sync.Mutex
	problems []string
}

// Open opens a tab of the browser that the package's tests share; it goes with the
// test.
func Open(t testing.TB, o Options) *Tab {
	t.Helper()
	ctx, endTab := newWindow(t)
	tab := &Tab{t: t, ctx: ctx}
	chromedp.ListenTarget(ctx, tab.hear)
	t.Cleanup(func() {
		chromedp.Cancel(ctx) // waits for the tab's end
		endTab()
		for _, p := range tab.Problems() {
			t.Errorf("the browser says: %s", p)
		}
	})
	tab.must("open a tab", log.Enable(), runtime.Enable(), network.Enable(), tab.looks(o))
	return tab
}

// looks sets window and colours.
func (tab *Tab) looks(o Options) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		width, height, scale := o.Width, o.Height, o.Scale
		if width == 0 {
			width, height = 1280, 900
		}
		if scale == 0 {
			scale = 1
		}
		if err := emulation.SetDeviceMetricsOverride(width, height, scale, false).Do(ctx); err != nil {
			return err
		}
		if o.WithoutSocket {
			// Chromium has no switch for it; a page cannot tell this from a proxy.
			if err := evaluateOnNew(ctx, `window.WebSocket = class { constructor() { setTimeout(() => this.onclose && this.onclose(), 10); } };`); err != nil {
				return err
			}
		}
		if o.Hasty {
			if err := evaluateOnNew(ctx, `{ const usual = window.setInterval; window.setInterval = (f, ms, ...more) => usual(f, ms / 10, ...more); }`); err != nil {
				return err
			}
		}
		colours := "light"
		if o.Dark {
			colours = "dark"
		}
		tab.colours = emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: colours}})
		return tab.colours.Do(ctx)
	})
}

// Resize makes the window another width.
func (tab *Tab) Resize(width, height int64) {
	tab.t.Helper()
	tab.must("resize the window", emulation.SetDeviceMetricsOverride(width, height, 1, false))
}

// AsPrinted has the tab look as on paper.
func (tab *Tab) AsPrinted() {
	tab.t.Helper()
	tab.must("look as printed", tab.colours.WithMedia("print"))
}

// hear notes what the browser complains of. That an answer was an error is what
// tests ask for themselves.
func (tab *Tab) hear(event any) {
	problem := ""
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		problem = e.ExceptionDetails.Error()
	case *log.EventEntryAdded:
		if e.Entry.Source != log.SourceNetwork && (e.Entry.Level == log.LevelError || e.Entry.Source == log.SourceSecurity) {
			problem = fmt.Sprintf("%s: %s (%s)", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	}
	if problem != "" {
		tab.mu.Lock()
		defer tab.mu.Unlock()
		tab.problems = append(tab.problems, problem)
	}
}

// Problems gives what the browser has complained of, and forgets it.
func (tab *Tab) Problems() []string {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	said := tab.problems
	tab.problems = nil
	return said
}

func (tab *Tab) must(what string, actions ...chromedp.Action) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	if what == "open a tab" {
		ctx, cancel = tab.ctx, func() {} // a tab ends with the context that it was opened in
	}
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		text := ""
		_ = chromedp.Run(tab.ctx, chromedp.Text("body", &text, chromedp.ByQuery))
		tab.t.Fatalf("%s: %v; the page says:\n%.2000s", what, err, strings.TrimSpace(text))
	}
}

// Go opens an address.
func (tab *Tab) Go(url string) {
	tab.t.Helper()
	tab.must("open "+url, chromedp.Navigate(url))
}

// Click clicks on what a selector finds, and waits for the page that follows
// where that is another.
func (tab *Tab) Click(selector string) {
	tab.t.Helper()
	tab.must("click on "+selector, chromedp.ScrollIntoView(selector, chromedp.ByQuery), chromedp.Click(selector, chromedp.ByQuery, chromedp.NodeVisible))
}

// Fill writes into a field, as typing does.
func (tab *Tab) Fill(selector, text string) {
	tab.t.Helper()
	tab.must("fill in "+selector, chromedp.Focus(selector, chromedp.ByQuery), chromedp.Evaluate(fmt.Sprintf(
		"{ const f = document.querySelector(%q); f.value = %q; f.dispatchEvent(new Event('input', {bubbles: true})); f.dispatchEvent(new Event('change', {bubbles: true})); }",
		selector, text), nil))
}

// Press sends keys to what has the focus.
func (tab *Tab) Press(keys string) {
	tab.t.Helper()
	tab.must("press keys", chromedp.KeyEvent(keys))
}

// Run evaluates a script, and reads what it gives.
func (tab *Tab) Run(script string, into any) {
	tab.t.Helper()
	tab.must("run a script", chromedp.Evaluate(script, into, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
}

// Address is where the tab is.
func (tab *Tab) Address() (url string) {
	tab.t.Helper()
	tab.must("ask for the address", chromedp.Location(&url))
	return url
}

// Text is what a person reads of what a selector finds, "" where there is nothing.
func (tab *Tab) Text(selector string) (text string) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	script := fmt.Sprintf("(document.querySelector(%q) || {}).innerText || ''", selector)
	if err := chromedp.Run(ctx, chromedp.Evaluate(script, &text)); err != nil {
		return "" // the page is just changing
	}
	return text
}

// Sees waits until what a selector finds says a text.
func (tab *Tab) Sees(selector, text string) {
	tab.t.Helper()
	tab.until(fmt.Sprintf("%s says %q", selector, text), selector, func(says string) bool { return strings.Contains(says, text) })
}

// SeesNot waits until what a selector finds does not say a text.
func (tab *Tab) SeesNot(selector, text string) {
	tab.t.Helper()
	tab.until(fmt.Sprintf("%s does not say %q", selector, text), selector, func(says string) bool { return !strings.Contains(says, text) })
}

func (tab *Tab) until(what, selector string, so func(string) bool) {
	tab.t.Helper()
	for give := time.Now().Add(patience); ; {
		says := tab.Text(selector)
		if so(says) {
			return
		}
		if time.Now().After(give) {
			tab.t.Fatalf("waited in vain until %s; it says:\n%s\nthe page:\n%.3000s", what, says, tab.Text("body"))
		}
		pause := time.NewTimer(30 * time.Millisecond)
		select {
		case <-pause.C:
		case <-tab.ctx.Done():
			tab.t.Fatal("the browser has ended")
		}
	}
}

// Picture writes a picture of the whole page, as PNG.
func (tab *Tab) Picture(path string) {
	tab.t.Helper()
	var png []byte
	tab.must("take a picture", chromedp.FullScreenshot(&png, 100))
	if err := os.WriteFile(path, png, 0o644); err != nil {
		tab.t.Fatal(err)
	}
}
