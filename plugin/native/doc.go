//go:build native

// Command native is the optional plugin inside Orthanc, a shared library: a
// doorbell for dosegate, a door for a gateway, a look at what changed on the way,
// and a window onto dosegate's pages below Orthanc's own address.
//
//	Orthanc ─ stored ──▶ doorbell: an SR is there, look now
//	        ─ C-STORE ─▶ door: refuse what is no dose report (off by default)
//	        ─ received ▶ changed: a second copy under the same UID differs
//	        ─ REST ────▶ window: dosegate's pages, for reading
//
// Orthanc calls the callbacks from inside C-STORE, stored ones one after the
// other: nothing here waits in them. Whatever goes wrong here is said in
// Orthanc's log, and Orthanc goes on as if the plugin were not there.
//
// Every file has the build tag native, since it needs cgo and Orthanc's header:
// scripts/build-native builds it. Orthanc's header is GPLv3 or later, as we are.
package main
