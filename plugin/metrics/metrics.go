package metrics

import (
	"context"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"time"

	"github.com/dosegate/dosegate/plugin/survey"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// patience is how long the ledger may take for an answer.
const patience = 8 * time.Second

// Handler answers Prometheus.
func Handler(o survey.Options, version string, log *slog.Logger) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		&collector{options: o, version: version, log: log})
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: 2, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelError)})
}

// collector looks whenever Prometheus asks.
type collector struct {
	options survey.Options
	version string
	log     *slog.Logger
	year    year
}

// Describe tells the library the whole table.
func (c *collector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range descriptions {
		to <- d
	}
}

// Collect looks, and tells what it saw.
func (c *collector) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	found := values{}
	found.add(buildInfo, 1, c.version, runtime.Version())
	found.add(ledgerUp, 0)
	s, err := survey.Take(ctx, c.options)
	var sums map[change]int64
	if err == nil {
		sums, err = c.year.read(ctx, c.options.Ledger, s.At)
	}
	if err != nil {
		c.log.Warn("cannot measure: the ledger does not answer", "error", err)
	} else {
		found.add(ledgerUp, 1)
		found.survey(s)
		found.changes(s, sums)
	}
	for key, value := range found {
		name, labels, _ := strings.Cut(key, "\x00")
		var all []string
		if labels != "" {
			all = strings.Split(strings.TrimSuffix(labels, "\x00"), "\x00")
		}
		to <- prometheus.MustNewConstMetric(descriptions[name], kinds[name], value, all...)
	}
}

// values are series by metric and labels, so that what has the same labels is
// summed: two entries of the stations list may share a name.
type values map[string]float64

func keyOf(name string, labels []string) string {
	key := name + "\x00"
	for _, l := range labels {
		key += strings.ToValidUTF8(strings.ReplaceAll(l, "\x00", ""), "?") + "\x00"
	}
	return key
}

func (v values) add(name string, n float64, labels ...string) { v[keyOf(name, labels)] += n }

// latest keeps the latest of the times that have the same labels.
func (v values) latest(name string, at time.Time, labels ...string) {
	if key := keyOf(name, labels); !at.IsZero() {
		v[key] = max(v[key], seconds(at))
	}
}

// earliest keeps the earliest.
func (v values) earliest(name string, at time.Time, labels ...string) {
	if at.IsZero() {
		return
	}
	key := keyOf(name, labels)
	if known, ok := v[key]; !ok || seconds(at) < known {
		v[key] = seconds(at)
	}
}

// any is 1 where one of those with the same labels is.
func (v values) any(name string, is bool, labels ...string) {
	key := keyOf(name, labels)
	v[key] = max(v[key], number(is))
}

func seconds(at time.Time) float64 { return float64(at.UnixMilli()) / 1000 }

func number(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
