package browsertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// shared is the browser of a package's tests: to start one takes longer than most
// tests. Each tab has cookies and a cache of its own, as in a private window.
var shared struct {
	once    sync.Once
	ctx     context.Context
	end     func()
	profile string
	err     error
}

// End ends the browser that a package's tests share: its TestMain calls it.
func End() {
	if shared.end != nil {
		shared.end()
	}
	if shared.profile != "" {
		os.RemoveAll(shared.profile)
	}
}

// browser starts the shared browser. Without one the test is skipped, except where
// scripts/test has promised that it is there.
func browser(t testing.TB) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("DOSEGATE_TEST_REQUIRE") == "1" {
			t.Fatal("chromium is not installed")
		}
		t.Skip("chromium is not installed")
	}
	shared.once.Do(func() { shared.err = start(path) })
	if shared.err != nil {
		t.Fatalf("start the browser: %v", shared.err)
	}
	return shared.ctx
}

func start(path string) (err error) {
	if shared.profile, err = os.MkdirTemp("", "dosegate-browser"); err != nil {
		return err
	}
	flags := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.UserDataDir(shared.profile),
		chromedp.Flag("no-proxy-server", true), chromedp.WSURLReadTimeout(patience), chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("host-resolver-rules", "MAP * 127.0.0.1"))
	allocator, endBrowser := chromedp.NewExecAllocator(context.Background(), flags...)
	ctx, endTab := chromedp.NewContext(allocator)
	shared.ctx, shared.end = ctx, func() {
		_ = chromedp.Cancel(ctx) // waits for the browser's end
		endTab()
		endBrowser()
	}
	if err := chromedp.Run(ctx); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// newWindow opens a private window: chromium opens no tab in a new browser context
// but in a window of its own, which chromedp does not ask for.
func newWindow(t testing.TB) (context.Context, context.CancelFunc) {
	t.Helper()
	parent := browser(t)
	commands := cdp.WithExecutor(parent, chromedp.FromContext(parent).Browser)
	private, err := target.CreateBrowserContext().WithDisposeOnDetach(true).Do(commands)
	if err != nil {
		t.Fatalf("open a private window: %v", err)
	}
	window, err := target.CreateTarget("about:blank").WithBrowserContextID(private).WithNewWindow(true).Do(commands)
	if err != nil {
		t.Fatalf("open a private window: %v", err)
	}
	ctx, end := chromedp.NewContext(parent, chromedp.WithTargetID(window))
	return ctx, func() {
		end()
		if err := target.DisposeBrowserContext(private).Do(commands); err != nil {
			t.Errorf("close a private window: %v", err)
		}
	}
}

// evaluateOnNew has a script run in every page before its own.
func evaluateOnNew(ctx context.Context, script string) error {
	_, err := page.AddScriptToEvaluateOnNewDocument(script).Do(ctx)
	return err
}
