//go:build native

package main

/*
#cgo CFLAGS: -Wall -Wno-unused-parameter
#include <stdlib.h>
#include "shim.h"
*/
import "C"

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"unsafe"
)

// say writes a line into Orthanc's log.
func say(level slog.Level, format string, args ...any) {
	line := C.CString("dosegate: " + fmt.Sprintf(format, args...))
	defer C.free(unsafe.Pointer(line))
	switch {
	case level >= slog.LevelError:
		C.dosegate_log(2, line)
	case level >= slog.LevelWarn:
		C.dosegate_log(1, line)
	default:
		C.dosegate_log(0, line)
	}
}

// orthancLog is a handler of slog over Orthanc's log.
type orthancLog struct{ attrs []slog.Attr }

func (l orthancLog) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelInfo }

func (l orthancLog) Handle(_ context.Context, r slog.Record) error {
	var line strings.Builder
	line.WriteString(r.Message)
	write := func(a slog.Attr) bool { fmt.Fprintf(&line, " %s=%q", a.Key, a.Value.String()); return true }
	for _, a := range l.attrs {
		write(a)
	}
	r.Attrs(write)
	say(r.Level, "%s", line.String())
	return nil
}

func (l orthancLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return orthancLog{append(append([]slog.Attr{}, l.attrs...), attrs...)}
}

func (l orthancLog) WithGroup(string) slog.Handler { return l }

// guarded runs what Orthanc calls: a panic is ours alone, and never Orthanc's.
func guarded(doing string, fn func()) {
	defer func() {
		if p := recover(); p != nil {
			say(slog.LevelError, "%s failed, and Orthanc goes on without it: %v\n%s", doing, p, debug.Stack())
		}
	}()
	fn()
}

// configuration is Orthanc's own, as JSON.
func configuration() []byte {
	text := C.dosegate_configuration()
	if text == nil {
		return nil
	}
	defer C.dosegate_free_string(text)
	return []byte(C.GoString(text))
}

// get asks Orthanc's REST API.
func get(uri string) ([]byte, bool) {
	path := C.CString(uri)
	defer C.free(unsafe.Pointer(path))
	var data unsafe.Pointer
	var size C.uint32_t
	if C.dosegate_get(path, &data, &size) == 0 {
		return nil, false
	}
	defer C.dosegate_free(data)
	return C.GoBytes(data, C.int(size)), true
}

// lookup finds Orthanc's ID of an instance, "" where it has none.
func lookup(sopInstance string) string {
	uid := C.CString(sopInstance)
	defer C.free(unsafe.Pointer(uid))
	id := C.dosegate_lookup(uid)
	if id == nil {
		return ""
	}
	defer C.dosegate_free_string(id)
	return C.GoString(id)
}

// bytesOf views what Orthanc holds, for as long as the callback lasts.
func bytesOf(data unsafe.Pointer, size C.int64_t) []byte {
	if data == nil || size <= 0 {
		return nil
	}
	return unsafe.Slice((*byte)(data), int(size))
}
