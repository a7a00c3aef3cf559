package web_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/web"
)

// BenchmarkPages draws the pages of a house of 334 stations over thirty days, ten
// thousand station-days, and gives how many bytes each has.
func BenchmarkPages(b *testing.B) {
	h := newHouse(b, withUsers)
	now := h.clock.now()
	for back := 29; back >= 0; back-- {
		h.clock.set(now.Add(-time.Duration(back) * 24 * time.Hour))
		var page []ledger.Seen
		for station := range 334 {
			state, code := ledger.Accepted, ""
			if station%10 == 0 {
				state, code = ledger.Held, "station_not_configured"
			}
			page = append(page, h.seen(fmt.Sprintf("STATION %03d", station), "CT", state, code))
		}
		h.record(page...)
	}
	h.clock.set(now)
	c := h.withToken(web.Viewer)
	for _, path := range []string{"/", "/?all=1", "/stations", "/holding", "/reports", "/api/v1/overview", "/api/v1/stations"} {
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
