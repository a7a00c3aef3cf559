package metrics

import "github.com/prometheus/client_golang/prometheus"

// Other stands in a label for everything that is not configured.
const Other = "(other)"

// Metric is one row of the table.
type Metric struct {
	Name   string
	Kind   string // gauge or counter
	Labels []string
	Help   string
}

// The names that are used in more than one place of this package.
const (
	ledgerUp        = "dosegate_ledger_up"
	leader          = "dosegate_leader"
	reports         = "dosegate_reports"
	reportChanges   = "dosegate_report_changes_total"
	held            = "dosegate_held_reports"
	nextExpiry      = "dosegate_next_expiry_timestamp_seconds"
	suspended       = "dosegate_expiry_suspended"
	stationsTrouble = "dosegate_stations_list_in_trouble"
	lastReport      = "dosegate_station_last_report_timestamp_seconds"
	silent          = "dosegate_station_silent"
	unknown         = "dosegate_unknown_stations"
	deliveries      = "dosegate_deliveries"
	deliveryChanges = "dosegate_delivery_changes_total"
	queue           = "dosegate_queue_reports"
	queueAge        = "dosegate_queue_oldest_age_seconds"
	queueBehind     = "dosegate_queue_behind_seconds"
	paused          = "dosegate_registry_paused"
	sourcePosition  = "dosegate_source_position"
	sourceRead      = "dosegate_source_last_read_timestamp_seconds"
	sourceMissing   = "dosegate_source_reports_missing"
	unmarked        = "dosegate_source_unmarked_reports"
	lastWrite       = "dosegate_ledger_last_write_timestamp_seconds"
	diskFree        = "dosegate_disk_free_bytes"
	diskSize        = "dosegate_disk_size_bytes"
	certificate     = "dosegate_certificate_not_after_timestamp_seconds"
	buildInfo       = "dosegate_build_info"
)

// Table are all metrics of dosegate's own.
var Table = []Metric{
	{ledgerUp, "gauge", nil, "1 when the ledger could be read; otherwise 0, and only this, the build and the process are told"},
	{leader, "gauge", nil, "1 when the loops run here; 0 for a dosegate that stands by"},
	{reports, "gauge", []string{"source", "station", "state"}, "reports in the ledger: held, accepted, expired, withdrawn"},
	{reportChanges, "counter", []string{"source", "state"}, "reports that came into a state, or were seen for the first time; begins anew on 1 January (UTC)"},
	{held, "gauge", []string{"station", "reason"}, "reports that wait, by the reason code of the hold"},
	{nextExpiry, "gauge", []string{"reason"}, "when the next held report expires; none where none does"},
	{suspended, "gauge", nil, "1 while nothing expires: just started, a clock that jumped, a stations list in trouble, reports missing; told by the leader"},
	{stationsTrouble, "gauge", nil, "1 while stations.yaml is not what is in force: missing, not valid, suddenly empty"},
	{lastReport, "gauge", []string{"station"}, "reception of a configured station's last report"},
	{silent, "gauge", []string{"station"}, "1 when a configured station is silent for longer than it ever was in the last 30 days"},
	{unknown, "gauge", nil, "stations that reports came from and no entry of stations.yaml matches"},
	{deliveries, "gauge", []string{"registry", "state"}, "deliveries in the ledger: queued, delivered, rejected; queued ones of a held report among them"},
	{deliveryChanges, "counter", []string{"registry", "state"}, "deliveries that came into a state; begins anew on 1 January (UTC)"},
	{queue, "gauge", []string{"registry"}, "reports that are on their way to a registry"},
	{queueAge, "gauge", []string{"registry"}, "how long the first of the queue has waited; 0 where nothing waits"},
	{queueBehind, "gauge", []string{"registry"}, "how much longer than registries.*.deliver_after asks"},
	{paused, "gauge", []string{"registry", "by"}, "1 while a registry is sent nothing: it refuses every report (by=\"registry\"), or a person paused it (by=\"person\")"},
	{sourcePosition, "gauge", []string{"source"}, "the last line of the source's change feed that was taken in, as the ledger counts it"},
	{sourceRead, "gauge", []string{"source"}, "when the source's change feed was last read, 0 before the first time; told by the leader"},
	{sourceMissing, "gauge", []string{"source"}, "1 while most reports of a source are gone from it"},
	{unmarked, "gauge", []string{"source"}, "reports whose marks in Orthanc are still to be written"},
	{lastWrite, "gauge", nil, "when the ledger was last written"},
	{diskFree, "gauge", []string{"disk"}, "room on the disk that the ledger lies on"},
	{diskSize, "gauge", []string{"disk"}, "size of that disk"},
	{certificate, "gauge", []string{"certificate"}, "until when a certificate is valid: web, or that for a registry; 0 where it cannot be read"},
	{buildInfo, "gauge", []string{"version", "goversion"}, "always 1"},
}

// descriptions are what Prometheus's library knows of the table.
var descriptions = func() map[string]*prometheus.Desc {
	all := map[string]*prometheus.Desc{}
	for _, m := range Table {
		all[m.Name] = prometheus.NewDesc(m.Name, m.Help, m.Labels, nil)
	}
	return all
}()

var kinds = func() map[string]prometheus.ValueType {
	all := map[string]prometheus.ValueType{}
	for _, m := range Table {
		all[m.Name] = prometheus.GaugeValue
		if m.Kind == "counter" {
			all[m.Name] = prometheus.CounterValue
		}
	}
	return all
}()
