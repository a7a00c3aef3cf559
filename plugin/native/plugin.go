//go:build native

package main

/*
#include <stdint.h>
#include "shim.h"
*/
import "C"

import (
	"context"
	"log/slog"
	"sync"
	"time"
	"unsafe"

	"github.com/dosegate/dosegate/plugin/doorbell"
	"github.com/dosegate/dosegate/plugin/rdsr"
)

func main() {} // a shared library has one, which nobody calls

// plugin is what is at work between initialize and finalize.
type plugin struct {
	settings settings
	bell     *doorbell.Bell
	changed  *watcher
	stop     context.CancelFunc
	work     sync.WaitGroup
}

var loaded *plugin // nil where there is nothing to do

//export goInitialize
func goInitialize() {
	guarded("loading", func() {
		s, err := readSettings(configuration())
		if err != nil {
			say(slog.LevelError, "the section Dosegate of Orthanc's configuration: %v; the plugin does nothing", err)
			return
		}
		if s == nil {
			say(slog.LevelWarn, "Orthanc's configuration has no section Dosegate: the plugin does nothing")
			return
		}
		loaded = start(*s)
	})
}

func start(s settings) *plugin {
	ctx, stop := context.WithCancel(context.Background())
	log := slog.New(orthancLog{})
	p := &plugin{settings: s, bell: doorbell.NewBell(s.bellURL(), s.TokenFile, log), stop: stop}
	p.work.Go(func() { guarded("the doorbell", func() { p.bell.Run(ctx) }) })
	if s.Changed {
		p.changed = newWatcher(p.bell.Changed)
		p.work.Go(func() { guarded("looking for changes", func() { p.changed.run(ctx) }) })
	}
	C.dosegate_listen(1, truth(s.Door), truth(s.Changed))
	if s.Window {
		openWindow()
	}
	say(slog.LevelWarn, "rings at %s; door %v, changed %v, window %v", s.URL, s.Door, s.Changed, s.Window)
	return p
}

func truth(b bool) C.int {
	if b {
		return 1
	}
	return 0
}

// patienceAtEnd bounds how long Orthanc waits for us to end.
const patienceAtEnd = 2 * time.Second

//export goFinalize
func goFinalize() {
	guarded("unloading", func() {
		if loaded == nil {
			return
		}
		loaded.stop()
		done := make(chan struct{})
		go func() { loaded.work.Wait(); close(done) }()
		select {
		case <-done:
		case <-time.After(patienceAtEnd):
		}
	})
}

//export goStored
func goStored(data unsafe.Pointer, size C.int64_t) {
	guarded("the doorbell", func() {
		if structuredReport(sopClass(bytesOf(data, size))) {
			loaded.bell.Stored()
		}
	})
}

// sopClassNotSupported is a DIMSE status of PS3.7 C.5.6.
const sopClassNotSupported = 0x0122

//export goDoor
func goDoor(data unsafe.Pointer, size C.int64_t, sender *C.char, status *C.uint16_t) (stores C.int32_t) {
	stores = 1 // whatever fails here, nothing is refused for it
	guarded("the door", func() {
		class := sopClass(bytesOf(data, size))
		if candidate, _ := rdsr.Candidate(class); candidate || class == "" {
			return
		}
		loaded.bell.Refused(C.GoString(sender))
		*status, stores = sopClassNotSupported, 0
	})
	return stores
}

//export goReceived
func goReceived(data unsafe.Pointer, size C.int64_t) {
	guarded("looking for changes", func() {
		if file := bytesOf(data, size); structuredReport(sopClass(file)) {
			loaded.changed.received(file)
		}
	})
}
