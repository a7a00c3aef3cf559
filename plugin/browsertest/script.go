package browsertest

import (
	"context"

	"github.com/chromedp/cdproto/page"
)

// evaluateOnNew has a script run in every page before its own.
func evaluateOnNew(ctx context.Context, script string) error {
	_, err := page.AddScriptToEvaluateOnNewDocument(script).Do(ctx)
	return err
}
