package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/ledger"
)

// A line for every report of a long queue would drown what is wrong.
func TestAPassEndsWhereTheLedgerIsAwayAndGoesOnWhereOneReportFails(t *testing.T) {
	query := func(context.Context, string, int) ([]ledger.Report, error) { return make([]ledger.Report, 3), nil }
	for _, c := range []struct {
		fails              error
		looks, lines, ends int
	}{{nil, 3, 0, 0}, {errors.New("odd"), 3, 3, 0}, {ledger.ErrConflict, 3, 0, 0}, {fmt.Errorf("accept: %w", ledger.ErrAway), 1, 0, 1}} {
		var log bytes.Buffer
		s := &sweeper{log: slog.New(slog.NewTextHandler(&log, nil))}
		looks, ends := 0, 0
		if s.pages(t.Context(), query, func(context.Context, ledger.Report) error { looks++; return c.fails }) != nil {
			ends = 1
		}
		if lines := strings.Count(log.String(), "\n"); looks != c.looks || lines != c.lines || ends != c.ends {
			t.Errorf("%v: %d looks, %d lines, %d ends, want %d, %d, %d", c.fails, looks, lines, ends, c.looks, c.lines, c.ends)
		}
	}
}
