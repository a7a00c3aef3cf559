package ledger_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/postgrestest"
)

// reportsVariable says how many reports the ledgers of TestABigLedgerIsAsFast
// have: 1000000 for the figures, few in a usual run.
const reportsVariable = "DOSEGATE_TEST_REPORTS"

// step is something that is asked of a ledger again and again.
type step struct {
	name string
	do   func(*ledger.Ledger) (rows int, err error)
}

// steps are those of a ledger with n reports.
func steps(n int) []step {
	list := func(q ledger.Query) func(*ledger.Ledger) (int, error) {
		return func(l *ledger.Ledger) (rows int, err error) {
			err = l.List(ctx, q, func(ledger.Row) error { rows++; return nil })
			return rows, err
		}
	}
	deep := ledger.Cursor{ReceivedAt: ledger.FilledAt(n / 2), ID: ledger.FilledID(n / 2)}
	later := ledger.FilledAt(2 * n)
	return append(pageSteps(n), []step{
		{"a page of reports", list(ledger.Query{Limit: 100})},
		{"a page in the middle", list(ledger.Query{Limit: 100, After: deep})},
		{"a page of held ones", list(ledger.Query{Limit: 100, State: ledger.Held})},
		{"a page of rejected ones", list(ledger.Query{Limit: 100, State: ledger.Rejected, After: deep})},
		{"next deliveries", func(l *ledger.Ledger) (int, error) { w, err := l.Due(ctx, later, "dir", 4); return len(w), err }},
		{"when the next one is due", func(l *ledger.Ledger) (int, error) { _, _, err := l.NextDue(ctx, "dir"); return 1, err }},
		{"sweep: a page of the holding area", func(l *ledger.Ledger) (int, error) {
			r, err := l.Held(ctx, ledger.FilledID(n/3), 200)
			return len(r), err
		}},
		{"sweep: a page of the queue", func(l *ledger.Ledger) (int, error) { r, err := l.Waiting(ctx, "", 200); return len(r), err }},
		{"sweep: delivered long ago", func(l *ledger.Ledger) (int, error) {
			r, err := l.ToClear(ctx, "gw", later, "", 200)
			return len(r), err
		}},
		{"overview: totals", func(l *ledger.Ledger) (int, error) { r, err := l.Totals(ctx); return len(r), err }},
		{"overview: 30 days", func(l *ledger.Ledger) (int, error) {
			r, err := l.Daily(ctx, ledger.FilledAt(n).AddDate(0, 0, -30))
			return len(r), err
		}},
		{"stations", func(l *ledger.Ledger) (int, error) { r, err := l.Stations(ctx); return len(r), err }},
		{"a delivery recorded", func(l *ledger.Ledger) (int, error) {
			w, err := l.Due(ctx, later, "dir", 1)
			if err != nil || len(w) == 0 {
				return 0, err
			}
			return 1, l.Delivered(ctx, w[0].Report.ID, "dir", sent("2.25.9"))
		}},
	}...)
}

// TestABigLedgerIsAsFast prints figures side by side, with DOSEGATE_TEST_REPORTS
// for a ledger of any size. That no question looks at every report is another test's,
// of the databases' plans.
func TestABigLedgerIsAsFast(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv(reportsVariable))
	if err != nil {
		n = 5000
	}
	kinds := []struct{ name, address string }{
		{"SQLite", filepath.Join(t.TempDir(), "dosegate.db")}, {"PostgreSQL", postgrestest.Database(t)}}
	figures := make([][]string, len(steps(n))+3)
	for _, kind := range kinds {
		at := time.Now()
		l := open(t, kind.address, ledger.Options{})
		must(t, l.Fill(ctx, n))
		must(t, l.Close())
		t.Logf("%s: a ledger of %d reports was made in %s", kind.name, n, time.Since(at).Round(time.Second))
		for i, figure := range measure(t, kind.address, n) {
			figures[i] = append(figures[i], figure)
		}
	}
	var table strings.Builder
	names := []string{"start"}
	for _, s := range steps(n) {
		names = append(names, s.name)
	}
	fmt.Fprintf(&table, "%d reports%*s %15s %15s\n", n, 27-len(strconv.Itoa(n)), "", kinds[0].name, kinds[1].name)
	for i, name := range append(names, "heap in use after it all") {
		fmt.Fprintf(&table, "%-35s %15s %15s\n", name, figures[i][0], figures[i][1])
	}
	t.Logf("\n%s", &table)
}

// measure gives the median time of each step, after one that warms up.
func measure(t *testing.T, address string, n int) (figures []string) {
	t.Helper()
	took := func(name string, do func() (int, error)) {
		var times []time.Duration
		for range 6 {
			at := time.Now()
			rows, err := do()
			must(t, err)
			times = append(times, time.Since(at))
			if rows == 0 {
				t.Errorf("%s: nothing is there to measure", name)
			}
		}
		d := median(times[1:])
		figures = append(figures, fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1000))
	}
	took("start", func() (int, error) {
		l, err := ledger.Open(ctx, address, ledger.Options{})
		if err == nil {
			err = l.Close()
		}
		return 1, err
	})
	l := open(t, address, ledger.Options{Now: func() time.Time { return ledger.FilledAt(n) }})
	for _, s := range steps(n) {
		took(s.name, func() (int, error) { return s.do(l) })
	}
	var memory runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&memory)
	return append(figures, fmt.Sprintf("%.1f MB", float64(memory.HeapInuse)/1e6))
}

func median(times []time.Duration) time.Duration {
	for i := range times {
		for j := i; j > 0 && times[j] < times[j-1]; j-- {
			times[j], times[j-1] = times[j-1], times[j]
		}
	}
	return times[len(times)/2]
}
