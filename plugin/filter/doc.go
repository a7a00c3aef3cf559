// Package filter gives the verdict on a dose report: accept, hold or ignore,
// with a reason code for machines and a reason in words. It is a pure function
// of the report, the configuration and the stations list, so that deciding
// again is the same as deciding: release and delivery have no rules of their
// own.
//
// It also reads stations.yaml, and keeps the last good list in force when the
// file vanishes, breaks or is suddenly empty.
package filter
