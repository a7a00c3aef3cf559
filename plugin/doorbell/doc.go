// Package doorbell is how the plugin inside Orthanc tells dosegate that there is
// something to look at: a message of a fixed size without anything of a
// patient's, over a WebSocket that the plugin keeps open. What it says is a hint.
// The change feed stays the truth, and nothing is lost with a message.
//
//	Orthanc ─ stored, refused, changed ─▶ [Bell] ══ WebSocket ══▶ [Handler] ─▶ dosegate
package doorbell
