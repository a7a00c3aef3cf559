package orthanc

import (
	"bytes"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/dosegate/dosegate/plugin/orthanctest"
)

// A wrong path in the URL, or a proxy that lost its Orthanc, must not make the
// holding area look empty.
func TestNotFoundIsBelievedOnlyOfTheOrthancItself(t *testing.T) {
	t.Parallel()
	o, _ := gateway(t, nil)
	id := o.Store(t, orthanctest.DoseReport(t, orthanctest.Report{}))[0]
	clients := map[string]*Client{
		"wrong path": newClient(t, o.URL+"/orthanc", o.Password),
		"proxy without its Orthanc": behind(t, o, func(w http.ResponseWriter, r *http.Request) bool {
			http.NotFound(w, r)
			return true
		}),
		"proxy that passes on only what is short": behind(t, o, func(w http.ResponseWriter, r *http.Request) bool {
			if strings.Count(r.URL.Path, "/") < 3 {
				return r.Method == http.MethodDelete
			}
			http.NotFound(w, r)
			return true
		}),
	}
	for name, c := range clients {
		for call, err := range ask(t, c, id) {
			if errors.Is(err, ErrNotFound) {
				t.Errorf("%s: %s: %v", name, call, err)
			}
		}
	}
	if got := o.Instances(t); len(got) != 1 {
		t.Errorf("the instance is gone: %v", got)
	}
}

func TestFileThatTheStorageLostIsNotAnInstanceThatIsGone(t *testing.T) {
	t.Parallel()
	o, c := gateway(t, map[string]any{"MaximumStorageCacheSize": 0})
	id := o.Store(t, orthanctest.DoseReport(t, orthanctest.Report{}))[0]
	err := filepath.WalkDir(o.Storage, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), "index") {
			return err
		}
		return os.Remove(path)
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.File(t.Context(), id, 1<<20); err == nil || errors.Is(err, ErrNotFound) {
		t.Errorf("reading a lost file gives %v", err)
	}
}

func TestCutFileIsAnErrorAndNeverAShortFile(t *testing.T) {
	t.Parallel()
	o, _ := gateway(t, nil)
	file := orthanctest.DoseReport(t, orthanctest.Report{})
	id := o.Store(t, file)[0]
	half := file[:len(file)/2]
	answers := map[string]string{
		"less than its length": "HTTP/1.1 200 OK\r\nContent-Length: " + strconv.Itoa(len(file)) + "\r\n\r\n" + string(half),
		"no last chunk":        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + strconv.FormatInt(int64(len(half)), 16) + "\r\n" + string(half) + "\r\n",
		"neither":              "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + string(half),
		"only a status line":   "HTTP/1.1 200 OK\r\n",
		"nothing":              "",
	}
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			c := behind(t, o, func(w http.ResponseWriter, r *http.Request) bool {
				hijack(t, w, answer)
				return true
			})
			if got, err := c.File(t.Context(), id, 1<<20); err == nil {
				t.Errorf("read %d bytes of %d", len(got), len(file))
			}
		})
	}
}

// hijack writes raw bytes and ends the connection.
func hijack(t *testing.T, w http.ResponseWriter, answer string) {
	t.Helper()
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(answer)); err != nil {
		t.Error(err)
	}
}

func TestHiccupIsHiddenAndALastingFaultIsNot(t *testing.T) {
	t.Parallel()
	o, _ := gateway(t, nil)
	file := orthanctest.DoseReport(t, orthanctest.Report{})
	id := o.Store(t, file)[0]
	var faults atomic.Int32
	c := behind(t, o, func(w http.ResponseWriter, r *http.Request) bool {
		switch faults.Add(-1) {
		case 1:
			w.Header().Set("Retry-After", "3600") // nobody may make us wait so long
			w.WriteHeader(http.StatusServiceUnavailable)
		case 0:
			hijack(t, w, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
		default:
			return false
		}
		return true
	})
	faults.Store(2)
	if got, err := c.File(t.Context(), id, 1<<20); err != nil || !bytes.Equal(got, file) {
		t.Errorf("after a 503 and a cut answer: %d bytes, %v", len(got), err)
	}
	down := behind(t, o, func(w http.ResponseWriter, r *http.Request) bool {
		w.WriteHeader(http.StatusBadGateway)
		return true
	})
	if _, err := down.File(t.Context(), id, 1<<20); err == nil {
		t.Error("a lasting 502 went unnoticed")
	} else {
		mustName(t, err, "source main", "502")
	}
}

func TestAnswerThatIsNotOrthancsIsAnErrorThatDoesNotQuoteIt(t *testing.T) {
	t.Parallel()
	o, _ := gateway(t, nil)
	for _, answer := range []string{"", "null", "{}", "[]", "<html>Invented^Ida</html>", `{"Changes":null,"Last":0}`, `{"Changes":[{"Seq":"Invented^Ida"}],"Last":1}`,
		`{"Changes":[{"Seq":0,"ID":"x"}],"Last":0}`, `{"Changes":[],"Done":true}`, `{"Changes":[]`} {
		c := behind(t, o, func(w http.ResponseWriter, r *http.Request) bool {
			_, _ = w.Write([]byte(answer))
			return true
		})
		for call, ask := range map[string]func() error{
			"changes": func() error { _, err := c.Changes(t.Context(), 0, 10); return err },
			"last":    func() error { _, err := c.LastChange(t.Context()); return err },
			"system":  func() error { _, err := c.System(t.Context()); return err },
			"now":     func() error { _, err := c.Now(t.Context()); return err },
		} {
			err := ask()
			if err == nil {
				t.Errorf("%s took %q", call, answer)
				continue
			}
			mustNotName(t, err, "Invented")
		}
	}
}

// A page in the place of a report would pass for one that cannot be read, and an
// empty object for what Orthanc noted of an instance that is no report.
func TestAnswerInThePlaceOfAnInstanceIsTheSourcesFault(t *testing.T) {
	t.Parallel()
	o, _ := gateway(t, nil)
	id := o.Store(t, orthanctest.DoseReport(t, orthanctest.Report{}))[0]
	for contentType, answer := range map[string]string{"text/html": "<html>please log in</html>", "application/json": "{}", "": "DICM"} {
		var asked atomic.Int32
		c := behind(t, o, func(w http.ResponseWriter, r *http.Request) bool {
			asked.Add(1)
			w.Header()["Content-Type"] = []string{contentType}
			_, _ = w.Write([]byte(answer))
			return true
		})
		if _, err := c.File(t.Context(), id, 1<<20); !errors.Is(err, errNoFile) {
			t.Errorf("%q as a file: %v", answer, err)
		}
		if n := asked.Load(); n != 1 {
			t.Errorf("asked %d times", n)
		}
		if _, err := c.Received(t.Context(), id); err == nil || errors.Is(err, ErrNotFound) {
			t.Errorf("%q as metadata: %v", answer, err)
		}
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	o, _ := gateway(t, nil)
	id := o.Store(t, orthanctest.DoseReport(t, orthanctest.Report{}))[0]
	for _, status := range []int{301, 302, 303, 307, 308} {
		c := behind(t, o, func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Query().Has("redirected") {
				t.Error("a redirect was followed")
			}
			http.Redirect(w, r, r.URL.Path+"?redirected", status)
			return true
		})
		for call, err := range ask(t, c, id) {
			if err == nil || errors.Is(err, ErrNotFound) {
				t.Errorf("%d: %s: %v", status, call, err)
			}
		}
	}
}

func TestAnswerLargerThanAllowedIsNotRead(t *testing.T) {
	t.Parallel()
	o, _ := gateway(t, nil)
	c := behind(t, o, func(w http.ResponseWriter, r *http.Request) bool {
		chunk := bytes.Repeat([]byte{'x'}, 64<<10)
		for range 1 << 14 { // a gigabyte, if anybody reads it
			if _, err := w.Write(chunk); err != nil {
				return true
			}
		}
		t.Error("the whole answer was read")
		return true
	})
	if _, err := c.File(t.Context(), "id", 1<<20); !errors.Is(err, errTooLarge) {
		t.Errorf("got %v", err)
	}
}
