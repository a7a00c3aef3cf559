package metrics_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/metrics"
	"github.com/dosegate/dosegate/plugin/surveytest"
)

var aTuesday = time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)

// scrape asks as Prometheus does.
func scrape(t *testing.T, h http.Handler) string {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("status %d\n%s", w.Code, w.Body)
	}
	return w.Body.String()
}

// busy is a house in which everything happens.
func busy(t *testing.T) *surveytest.House {
	t.Helper()
	h := surveytest.New(t, aTuesday)
	h.Leads()
	h.Look.Certificates = append(h.Look.Certificates, h.Certificate("web", aTuesday.AddDate(0, 0, 7)))
	h.Held("room 5", filter.StationNotConfigured)
	h.Held("CT9", filter.StationLeftOut)
	h.Held("room 5", filter.Leak)
	h.Delivered("CT1")
	h.Delivered("room 7") // known by its serial number
	rejected := h.Accepted("CT1")
	h.Must(h.Ledger.Rejected(t.Context(), rejected.ID, "dir", ledger.Sent{Status: 409}, "refused"))
	h.Accepted("CT1")
	h.Must(h.Ledger.Pause(t.Context(), ledger.Pause{Registry: "dir", Until: aTuesday.Add(time.Hour), Refusals: 1, Why: "invented"}))
	h.Pass(time.Hour)
	return h
}

func TestEveryMetricIsTold(t *testing.T) {
	h := busy(t)
	text := scrape(t, metrics.Handler(h.Look, "test", slog.New(slog.DiscardHandler)))
	for _, m := range metrics.Table {
		if !strings.Contains(text, "# TYPE "+m.Name+" "+m.Kind+"\n") {
			t.Errorf("%s is not told as a %s", m.Name, m.Kind)
		}
	}
	for _, line := range []string{
		`dosegate_ledger_up 1`, `dosegate_leader 1`, `dosegate_source_last_read_timestamp_seconds{source="main"} 0`, `dosegate_expiry_suspended 0`, `dosegate_unknown_stations 1`,
		`dosegate_reports{source="main",state="accepted",station="CT1"} 3`,
		`dosegate_reports{source="main",state="held",station="(other)"} 2`,
		`dosegate_reports{source="main",state="accepted",station="serial number SN-7"} 1`,
		`dosegate_held_reports{reason="leak",station="(other)"} 1`,
		`dosegate_held_reports{reason="station_left_out",station="CT9"} 1`,
		`dosegate_deliveries{registry="dir",state="delivered"} 2`,
		`dosegate_report_changes_total{source="main",state="seen"} 7`,
		`dosegate_report_changes_total{source="main",state="expired"} 0`,
		`dosegate_delivery_changes_total{registry="dir",state="rejected"} 1`,
		`dosegate_queue_reports{registry="dir"} 1`, `dosegate_queue_oldest_age_seconds{registry="dir"} 3600`,
		`dosegate_registry_paused{by="registry",registry="dir"} 1`, `dosegate_registry_paused{by="person",registry="dir"} 0`,
		`dosegate_source_reports_missing{source="main"} 0`, `dosegate_source_unmarked_reports{source="main"} 7`,
		fmt.Sprintf(`dosegate_certificate_not_after_timestamp_seconds{certificate="web"} %v`, float64(aTuesday.AddDate(0, 0, 7).Unix())),
		fmt.Sprintf(`dosegate_next_expiry_timestamp_seconds{reason="station_not_configured"} %v`, float64(aTuesday.Add(h.HoldFor).Unix())),
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("missing: %s", line)
		}
	}
	if strings.Contains(text, "room 5") || strings.Contains(text, "orthanc-") {
		t.Error("what nobody configured has a name")
	}
	promtool(t, strings.NewReader(text), "check", "metrics")
	if t.Failed() {
		t.Log(text)
	}
}

// However many stations send, there are as many series as stations are configured.
func TestTheNumberOfSeriesIsBounded(t *testing.T) {
	h := surveytest.New(t, aTuesday)
	handler := metrics.Handler(h.Look, "test", slog.New(slog.DiscardHandler))
	ours := func() (n int) {
		for line := range strings.Lines(scrape(t, handler)) {
			if strings.HasPrefix(line, "dosegate_") {
				n++
			}
		}
		return n
	}
	h.Held("room 1", filter.StationNotConfigured)
	before := ours()
	for i := range 50 {
		h.Held(fmt.Sprintf("room 1%d", i), filter.StationNotConfigured)
	}
	if after := ours(); after != before {
		t.Errorf("%d series became %d", before, after)
	}
}

// A counter goes on over the days and over a start, and begins anew with a year.
func TestCountersBeginAnewOnceAYear(t *testing.T) {
	h := surveytest.New(t, time.Date(2026, 12, 29, 23, 0, 0, 0, time.UTC))
	first := metrics.Handler(h.Look, "test", slog.New(slog.DiscardHandler))
	for _, want := range []int{1, 2, 3, 1, 2} { // 29, 30, 31 December, 1, 2 January
		h.Delivered("CT1")
		for name, handler := range map[string]http.Handler{"the same": first, "another one": metrics.Handler(h.Look, "test", slog.New(slog.DiscardHandler))} {
			line := fmt.Sprintf("dosegate_delivery_changes_total{registry=\"dir\",state=\"delivered\"} %d\n", want)
			if text := scrape(t, handler); !strings.Contains(text, line) {
				t.Errorf("%s, on %s: not %s", name, h.Now(), line)
			}
		}
		h.Pass(24 * time.Hour)
	}
}

// A ledger that is away is told, and nothing that was true before.
func TestALedgerThatIsAwayIsTold(t *testing.T) {
	h := surveytest.New(t, aTuesday)
	closed, err := ledger.Open(t.Context(), h.Path("other.db"), ledger.Options{})
	h.Must(err)
	h.Must(closed.Close())
	h.Look.Ledger = closed
	text := scrape(t, metrics.Handler(h.Look, "test", slog.New(slog.DiscardHandler)))
	if !strings.Contains(text, "dosegate_ledger_up 0\n") || strings.Contains(text, "dosegate_queue") {
		t.Error(text)
	}
}
