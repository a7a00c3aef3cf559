//go:build native

package main

/*
#include <stdint.h>
#include <stdlib.h>
#include "shim.h"
*/
import "C"

import (
	_ "embed"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
	"unsafe"
)

//go:embed explorer.js
var explorer string

// openWindow shows dosegate's pages, and leads to them from Orthanc Explorer 1.
func openWindow() {
	script := C.CString(explorer)
	defer C.free(unsafe.Pointer(script))
	C.dosegate_window(script)
}

// pages asks dosegate. What it answers is passed on, redirects too.
var pages = &http.Client{Timeout: 15 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// largestPage bounds what is passed on.
const largestPage = 64 << 20

// passed are the headers that a page needs.
var passed = []string{"Content-Security-Policy", "Cache-Control", "Content-Disposition", "Location", "Referrer-Policy", "X-Content-Type-Options"}

//export goWindow
func goWindow(output unsafe.Pointer, path *C.char, count C.int, keys, values **C.char) {
	done := false
	guarded("the window", func() {
		resp, body, err := look(C.GoString(path), query(int(count), keys, values))
		done = true
		if err != nil {
			say(slog.LevelWarn, "the window does not reach dosegate: %v", withoutURL(err))
			answerStatus(output, http.StatusBadGateway, []byte("Dosegate does not answer. Is it running, and is Url in the section Dosegate its address?\n"))
			return
		}
		for _, name := range passed {
			if value := resp.Header.Get(name); value != "" {
				setHeader(output, name, value)
			}
		}
		if resp.StatusCode == http.StatusOK {
			answer(output, body, resp.Header.Get("Content-Type"))
			return
		}
		answerStatus(output, resp.StatusCode, body)
	})
	if !done {
		answerStatus(output, http.StatusInternalServerError, nil)
	}
}

// query writes the arguments again. Orthanc decodes them from 1.13 on, and 1.13.0 before
// it tells them apart: an & in a value ends it there.
func query(count int, keys, values **C.char) url.Values {
	decoded := atLeast113(C.GoString(C.dosegate_orthanc_version()))
	q := url.Values{}
	for i := range count {
		key, value := C.GoString(unsafe.Slice(keys, count)[i]), C.GoString(unsafe.Slice(values, count)[i])
		if plain, err := url.QueryUnescape(value); err == nil && !decoded {
			value = plain
		}
		q.Add(key, value)
	}
	return q
}

// atLeast113 reports whether a version of Orthanc is 1.13 or newer.
func atLeast113(version string) bool {
	parts := strings.SplitN(version, ".", 3)
	return version == "mainline" || len(parts) > 1 && (parts[0] != "1" || len(parts[1]) == 2 && parts[1] >= "13")
}

// look asks dosegate for a page, as who has the token.
func look(path string, q url.Values) (*http.Response, []byte, error) {
	token, err := os.ReadFile(loaded.settings.WindowTokenFile)
	if err != nil {
		return nil, nil, err
	}
	if path == "/dosegate" {
		path += "/" // Orthanc takes it away
	}
	target := loaded.settings.URL + (&url.URL{Path: path, RawQuery: q.Encode()}).String()
	req, err := http.NewRequest(http.MethodGet, target, nil)
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	req.Header.Set("Accept", "text/html, */*")
	resp, err := pages.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, largestPage))
	return resp, body, err
}

// withoutURL leaves an address out, and what was asked for with it.
func withoutURL(err error) error {
	if e, is := errors.AsType[*url.Error](err); is {
		return e.Err
	}
	return err
}

func answer(output unsafe.Pointer, body []byte, mime string) {
	kind := C.CString(mime)
	defer C.free(unsafe.Pointer(kind))
	C.dosegate_answer(output, unsafe.Pointer(unsafe.SliceData(body)), C.uint32_t(len(body)), kind)
}

func answerStatus(output unsafe.Pointer, status int, body []byte) {
	C.dosegate_status(output, C.uint16_t(status), unsafe.Pointer(unsafe.SliceData(body)), C.uint32_t(len(body)))
}

func setHeader(output unsafe.Pointer, name, value string) {
	key, text := C.CString(name), C.CString(value)
	defer C.free(unsafe.Pointer(key))
	defer C.free(unsafe.Pointer(text))
	C.dosegate_header(output, key, text)
}
