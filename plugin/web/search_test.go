package web_test

import (
	"encoding/csv"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
)

// hours are how many there are of which each has a report of both stations.
const hours, total = 60, 2 * 60

// twoStations makes a report an hour of each, from a day on; every second is
// delivered.
func (h *house) twoStations(day time.Time) {
	for i := range hours {
		h.clock.set(day.Add(time.Duration(i) * time.Hour))
		made := h.record(h.seen("CT1", "CT", ledger.Accepted, ""), h.seen("RF Lab 1", "XA/RF", ledger.Accepted, ""))
		if i%2 == 0 {
			h.delivered(made...)
		}
	}
}

func TestReportsAreSearchedAndPagedWithoutGaps(t *testing.T) {
	h := newHouse(t, withUsers)
	day := h.clock.now().Add(-10 * 24 * time.Hour)
	h.twoStations(day)
	c := h.as(viewer)
	count := func(query string) (n int) {
		seen := map[string]bool{}
		for after := ""; ; {
			var next string
			h.must(decode(c.get("/api/v1/reports?"+query+"&after="+queryEscape(after)), func(p struct {
				Reports []struct {
					ID, OrthancID string
				}
				Next string
			}) {
				for _, r := range p.Reports {
					if seen[r.ID] {
						t.Errorf("%s: %s stands on two pages", query, r.ID)
					}
					seen[r.ID] = true
				}
				next = p.Next
			}))
			if after = next; after == "" {
				return len(seen)
			}
		}
	}
	first := day.Format(time.DateOnly)
	for query, want := range map[string]int{"": total, "station=ct1": hours, "station=lab": hours, "station=none": 0, "state=delivered": hours, "state=queued&station=CT1": hours / 2,
		"kind=XA/RF": hours, "registry=dir": total, "registry=other": 0, "state=held": 0, "from=" + first: total,
		"to=" + day.Add(-24*time.Hour).Format(time.DateOnly): 0, "from=" + day.Add(24*time.Hour).Format(time.DateOnly) + "&kind=CT&state=delivered": hours/2 - (24-day.Hour()+1)/2} {
		if got := count(query); got != want {
			t.Errorf("%q: %d reports, want %d", query, got, want)
		}
	}
	want(t, "the page", c.get("/reports?station=ct1&state=queued"), http.StatusOK, "CT1", "queued")
	want(t, "nothing found", c.get("/reports?station=nowhere"), http.StatusOK, "No station has a name like")
}

func TestLinksLeadFromPageToPageAndToTheTable(t *testing.T) {
	h := newHouse(t, withUsers)
	h.twoStations(h.clock.now().Add(-10 * 24 * time.Hour))
	c := h.as(viewer)
	for query, want := range map[string]int{"": total, "station=rf+lab+1&kind=XA%2FRF": hours} {
		if pages, rows := h.leafThrough(c, query); rows != want || pages != (want+99)/100 {
			t.Errorf("the links of %q lead through %d reports on %d pages, want %d", query, rows, pages, want)
		}
	}
	rows, err := csv.NewReader(strings.NewReader(c.get(h.linkOf(c.get("/reports?station=rf+lab+1&state=queued"), "Export as CSV")).body)).ReadAll()
	if h.must(err); len(rows) != hours/2+1 {
		t.Errorf("the table of what is looked for has %d rows", len(rows))
	}
}

// linkOf is where a link of a page leads, "" where it has none such.
func (h *house) linkOf(r reply, words string) string {
	m := regexp.MustCompile(`<a [^>]*href="([^"]*)"[^>]*>` + words + `</a>`).FindStringSubmatch(r.body)
	if m == nil {
		return ""
	}
	return html.UnescapeString(m[1])
}

// leafThrough follows the links from one page of reports to the next.
func (h *house) leafThrough(c *client, query string) (pages, rows int) {
	for at := "/reports?" + query; at != "" && pages < 10; pages++ {
		got := c.get(at)
		rows += strings.Count(got.body, ">Details</a>")
		at = h.linkOf(got, "Older reports")
	}
	return pages, rows
}
