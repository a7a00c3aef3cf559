package web_test

import (
	"cmp"
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
// DOSEGATE_TEST_REPORTS says. Of a station's reports of a day one has been
// delivered, the others rest in the ledger; every tenth station is not configured.
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
	return h
}

func (h *house) bigDay(station string, held bool, reports int) {
	var page []ledger.Seen
	for i := range reports {
		one := h.seen(station, "CT", ledger.Accepted, "")
		if held {
			one = h.seen(station, "CT", ledger.Held, "station_not_configured")
		} else if i > 0 {
			one.Registries = []string{}
		}
		page = append(page, one)
	}
	h.must(h.ledger.Record(h.t.Context(), "main", ledger.Page{Seq: h.seq, Reports: page}))
	if r, _, err := h.ledger.Lookup(h.t.Context(), "main", page[0].Report.OrthancID); !held {
		h.must(err)
		h.delivered(r)
	}
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
