package ledger_test

import (
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/ledger"
)

// TestNoPageScansTheReports asks SQLite how it would run the queries that are
// asked again and again. With a million reports, a scan or a sort of them all
// would be felt; the only sorting allowed is that of one report's deliveries.
func TestNoPageScansTheReports(t *testing.T) {
	b := newBook(t)
	for query, args := range ledger.Queries() {
		rows, err := b.DB().Query("EXPLAIN QUERY PLAN "+query, args...)
		must(t, err)
		var plan []string
		for rows.Next() {
			var id, parent, unused int
			var step string
			must(t, rows.Scan(&id, &parent, &unused, &step))
			plan = append(plan, step)
		}
		must(t, rows.Err())
		must(t, rows.Close())
		for _, step := range plan {
			// Walking an index in the order asked for ends at the limit.
			scans := strings.HasPrefix(step, "SCAN r") && !strings.Contains(step, "USING INDEX")
			scans = scans || strings.HasPrefix(step, "SCAN d")
			if scans || step == "USE TEMP B-TREE FOR ORDER BY" {
				t.Errorf("%s\nis run as:\n%s", query, strings.Join(plan, "\n"))
				break
			}
		}
	}
}
