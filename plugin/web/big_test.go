package web_test

import (
	"cmp"
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/web"
)

// bigStations send every day for thirty days: ten thousand station-days.
const bigStations = 334

// bigHouse is one of 334 stations over thirty days, with about so many reports as
// DOSEGATE_TEST_REPORTS says. Every tenth station is not configured and its reports
// are held; all others are delivered.
func bigHouse(b *testing.B) *house {
	reports, err := strconv.Atoi(cmp.Or(os.Getenv("DOSEGATE_TEST_REPORTS"), "10020"))
	if err != nil {
		b.Fatal(err)
	}
	h := newHouse(b, withUsers)
	now := h.clock.now()
	for back := 29; back >= 0; back-- {
		h.clock.set(now.Add(-time.Duration(back) * 24 * time.Hour))
		var page []ledger.Seen
		for station := range bigStations {
			name := fmt.Sprintf("STATION %03d", station)
			if station%10 == 0 {
				page = append(page, h.seen(name, "CT", ledger.Held, "station_not_configured"))
			} else {
				page = append(page, h.seen(name, "CT", ledger.Accepted, ""))
			}
		}
		h.must(h.ledger.Record(b.Context(), "main", ledger.Page{Seq: h.seq, Reports: page}))
	}
	h.clock.set(now)
	h.multiply(max(1, reports/(bigStations*30)))
	return h
}

// multiply ends every delivery, and has every report many times: one after the other
// a million would take an hour.
func (h *house) multiply(times int) {
	db, err := sql.Open("sqlite", h.path("dosegate.db")+"?_pragma=busy_timeout(60000)")
	h.must(err)
	do := func(statement string) {
		h.t.Helper()
		_, err := db.Exec(statement)
		h.must(err)
	}
	do(`UPDATE deliveries SET state = 'delivered', attempts = 1, status = 200, object_count = 1, delivered_at = queued_at + 5000`)
	do(`UPDATE totals SET state = 'delivered' WHERE registry = 'dir'`)
	do(`INSERT INTO daily (day, source, station, registry, state, count)
		SELECT day, source, station, 'dir', 'delivered', count FROM daily WHERE state = 'accepted' AND registry = ''`)
	for _, of := range []struct{ table, keys string }{{"reports", " id orthanc_id sop_instance "}, {"deliveries", " report_id sent_sop_instance_uid "}, {"events", " id report_id "}} {
		var names, values []string
		rows, err := db.Query(`SELECT name FROM pragma_table_info('` + of.table + `')`)
		h.must(err)
		for rows.Next() {
			name := ""
			h.must(rows.Scan(&name))
			names, values = append(names, name), append(values, name)
			if strings.Contains(of.keys, " "+name+" ") {
				values[len(values)-1] = name + " || '-' || n"
			}
		}
		h.must(rows.Err())
		do(fmt.Sprintf(`WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %d)
			INSERT INTO %s (%s) SELECT %s FROM %s JOIN numbers WHERE n < %d`, times, of.table, strings.Join(names, ", "), strings.Join(values, ", "), of.table, times))
	}
	for _, table := range []string{"totals", "daily"} {
		do(fmt.Sprintf(`UPDATE %s SET count = count * %d`, table, times))
	}
	h.must(db.Close())
}

// BenchmarkPages draws the pages of a big house, and gives how many bytes each has.
func BenchmarkPages(b *testing.B) {
	h := bigHouse(b)
	c := h.withToken(web.Viewer)
	b.Run("a change, and then /", func(b *testing.B) {
		for b.Loop() {
			h.must(h.ledger.Note(b.Context(), "", "", "something has changed", "person:"+operator))
			want(b, "/", c.get("/"), http.StatusOK)
		}
	})
	for _, path := range []string{"/", "/?all=1", "/stations", "/holding", "/reports", "/reports?station=STATION+333&state=delivered", "/reports?state=held",
		"/history", "/api/v1/overview", "/api/v1/stations", "/api/v1/reports", "/api/v1/state"} {
		b.Run(path, func(b *testing.B) {
			bytes := 0
			for b.Loop() {
				got := c.get(path)
				if got.status != http.StatusOK {
					b.Fatalf("status %d", got.status)
				}
				bytes = len(got.body)
			}
			b.ReportMetric(float64(bytes), "bytes")
		})
	}
}
