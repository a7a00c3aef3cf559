// Package metrics tells Prometheus how everything is.
//
// Every metric is a row of [Table], from which its documentation is checked too.
// A label has a value of the configuration alone: what comes from outside, such as
// the name of a station that nobody configured, is summed as [Other]. So the number
// of series is bounded by the configuration, and nothing of a patient can be in one.
package metrics
