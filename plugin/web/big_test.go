package web_test

import (
	"cmp"
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"strconv"
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
		for station := range bigStations {
			h.bigDay(fmt.Sprintf("STATION %03d", station), station%10 == 0, (reports+bigStations*30-1)/(bigStations*30))
		}
	}
	h.clock.set(now)
	h.allDelivered()
	return h
}

// allDelivered ends every delivery at once, as a million would take an hour.
func (h *house) allDelivered() {
	db, err := sql.Open("sqlite", h.path("dosegate.db")+"?_pragma=busy_timeout(60000)")
	h.must(err)
	for _, statement := range []string{
		`UPDATE deliveries SET state = 'delivered', attempts = 1, status = 200, object_count = 1, delivered_at = queued_at + 5000`,
		`UPDATE totals SET state = 'delivered' WHERE registry = 'dir'`,
		`INSERT INTO daily (day, source, station, registry, state, count)
			SELECT day, source, station, 'dir', 'delivered', count FROM daily WHERE state = 'accepted' AND registry = ''`,
	} {
		_, err := db.Exec(statement)
		h.must(err)
	}
	h.must(db.Close())
}

func (h *house) bigDay(station string, held bool, reports int) {
	var page []ledger.Seen
	for range reports {
		if held {
			page = append(page, h.seen(station, "CT", ledger.Held, "station_not_configured"))
		} else {
			page = append(page, h.seen(station, "CT", ledger.Accepted, ""))
		}
	}
	h.must(h.ledger.Record(h.t.Context(), "main", ledger.Page{Seq: h.seq, Reports: page}))
}

// BenchmarkPages draws the pages of a big house, and gives how many bytes each has.
func BenchmarkPages(b *testing.B) {
	h := bigHouse(b)
	c := h.withToken(web.Viewer)
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
