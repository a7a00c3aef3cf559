package registry

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/iotest"

	"github.com/dosegate/dosegate/plugin/orthanctest"
)

func TestURLIsRefusedWhereAReportCouldBeReadOnTheWay(t *testing.T) {
	for url, ok := range map[string]bool{
		"https://registry.example/dicom-web/studies": true,
		"http://127.0.0.1:8042/studies":              true,
		"http://127.9.9.9/studies":                   true,
		"http://[::1]/studies":                       true,
		"http://localhost:8042/studies":              true,
		"http://registry.example/studies":            false,
		"http://192.0.2.1/studies":                   false,
		"http://localhost.registry.example/studies":  false,
		"https://ida:secret@registry.example":        false,
		"https://ida@registry.example":               false,
		"https://registry.example/?key=secret":       false,
		"ftp://registry.example/secret":              false,
		"registry.example/secret":                    false,
		"https:///secret":                            false,
		"https://secret\x00/":                        false,
		"":                                           false,
	} {
		_, err := NewSTOW(STOWOptions{Name: "dir", URL: url})
		if (err == nil) != ok {
			t.Errorf("%s: %v", url, err)
		}
		if err != nil && (strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "registry dir")) {
			t.Errorf("%s: the error is %q", url, err)
		}
	}
	if _, err := NewSTOW(STOWOptions{URL: "http://registry.example/studies", AllowHTTP: true}); err != nil {
		t.Errorf("http where it is allowed: %v", err)
	}
}

func TestUntrustedCertificatePausesTheRegistry(t *testing.T) {
	t.Parallel()
	o := doseReport(t)
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		writeResponse(w, o.SOPInstanceUID)
	}))
	defer srv.Close()
	stranger := mustSTOW(t, STOWOptions{URL: srv.URL})
	_, err := stranger.Send(t.Context(), o)
	mustFail(t, err, Paused)
	mustFail(t, stranger.Check(t.Context()), Paused)

	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	if _, err := mustSTOW(t, STOWOptions{URL: srv.URL, RootCAs: roots}).Send(t.Context(), o); err != nil {
		t.Errorf("with its CA: %v", err)
	}
	// The certificate is right and the name is not: net/http/httptest's is for example.com.
	port := srv.Listener.Addr().(*net.TCPAddr).Port
	_, err = mustSTOW(t, STOWOptions{URL: fmt.Sprintf("https://localhost:%d", port), RootCAs: roots}).Send(t.Context(), o)
	mustFail(t, err, Paused)
}

func TestOldOrNoTLSPausesTheRegistry(t *testing.T) {
	t.Parallel()
	old := httptest.NewUnstartedServer(http.NotFoundHandler())
	old.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
	old.StartTLS()
	defer old.Close()
	_, err := mustSTOW(t, STOWOptions{URL: old.URL}).Send(t.Context(), doseReport(t))
	mustFail(t, err, Paused)

	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	_, err = mustSTOW(t, STOWOptions{URL: "https" + strings.TrimPrefix(plain.URL, "http")}).Send(t.Context(), doseReport(t))
	mustFail(t, err, Paused)
}

func TestHostThatDoesNotExistPausesTheRegistry(t *testing.T) {
	t.Parallel()
	kind, _ := unreached(fmt.Errorf("wrapped: %w", &net.DNSError{Err: "no such host", Name: "registry.invalid", IsNotFound: true}))
	if kind != Paused {
		t.Errorf("no such host is %s", kind)
	}
	kind, _ = unreached(&net.DNSError{Err: "server misbehaving", Name: "registry.invalid", IsTemporary: true})
	if kind != Transient {
		t.Errorf("a name server that fails is %s", kind)
	}
	// No name server is asked about what cannot be a name.
	_, err := mustSTOW(t, STOWOptions{URL: "https://registry..example/studies"}).Send(t.Context(), doseReport(t))
	if e := mustFail(t, err, Paused); strings.Contains(e.Error(), "example") {
		t.Errorf("%q says the host", e)
	}
}

func TestRegistryThatIsDownIsTransient(t *testing.T) {
	t.Parallel()
	r := mustSTOW(t, STOWOptions{URL: fmt.Sprintf("http://127.0.0.1:%d/studies", orthanctest.FreePort(t))})
	receipt, err := r.Send(t.Context(), doseReport(t))
	mustFail(t, err, Transient)
	if !errors.Is(err, syscall.ECONNREFUSED) || receipt != (Receipt{}) {
		t.Errorf("got %+v, %v", receipt, err)
	}
}

func TestStopIsTransientAndShowsAsStop(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		cancel()
		<-r.Context().Done()
	}))
	defer srv.Close()
	_, err := mustSTOW(t, STOWOptions{URL: srv.URL}).Send(ctx, doseReport(t))
	mustFail(t, err, Transient)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// raw is a server that reads a request and writes bytes of its own.
func raw(t *testing.T, answer string) *STOW {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, answer)
	}))
	t.Cleanup(srv.Close)
	return mustSTOW(t, STOWOptions{URL: srv.URL})
}

func TestBrokenAnswerIsTransientAndNotQuoted(t *testing.T) {
	t.Parallel()
	o := doseReport(t)
	whole := jsonResponse(jsonItem(o.SOPInstanceUID, ""), "")
	for name, answer := range map[string]string{
		"nothing":         "",
		"not http":        marker + "\r\n\r\n",
		"broken header":   "HTTP/1.1 200 OK\r\n" + marker + "\r\n\r\n",
		"broken status":   "HTTP/1.1 " + marker + "\r\n\r\n",
		"half a body":     fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(whole), whole[:len(whole)/2]),
		"one byte less":   fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(whole)+1, whole),
		"no last chunk":   fmt.Sprintf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", len(whole), whole),
		"endless headers": "HTTP/1.1 200 OK\r\n" + strings.Repeat("X: "+marker+"\r\n", 200_000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := raw(t, answer).Send(t.Context(), o)
			mustFail(t, err, Transient)
		})
	}
}

func TestHiccupIsHiddenWithinACall(t *testing.T) {
	t.Parallel()
	o := doseReport(t)
	var calls atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		uids, bad := receive(t, r)
		if bad || len(uids) != 1 || uids[0] != o.SOPInstanceUID {
			t.Errorf("call %d brought %v", calls.Load()+1, uids)
		}
		if user, password, ok := r.BasicAuth(); !ok || user != "site-1" || password != "secret" {
			t.Errorf("call %d came as %q", calls.Load()+1, user)
		}
		if calls.Add(1) < 3 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		writeResponse(w, o.SOPInstanceUID)
	}))
	defer srv.Close()
	_, err := mustSTOW(t, STOWOptions{URL: srv.URL, Username: "site-1", Password: "secret"}).Send(t.Context(), o)
	if err != nil || calls.Load() != 3 {
		t.Errorf("%d calls, %v", calls.Load(), err)
	}
}

func TestBodyIsTheFileBetweenBoundariesThatAreNotInIt(t *testing.T) {
	file := doseReport(t).File
	b := newBody(file)
	if bytes.Contains(file, []byte(b.boundary)) {
		t.Error("the boundary is in the file")
	}
	for range 2 { // a second try reads it anew
		in, err := b.reader()()
		if err != nil {
			t.Fatal(err)
		}
		if err := iotest.TestReader(in, []byte(b.head()+string(file)+b.tail()+b.end())); err != nil {
			t.Error(err)
		}
	}
	if got, want := b.length(), int64(len(b.head()+b.tail()+b.end())+len(file)); got != want {
		t.Errorf("length %d, want %d", got, want)
	}
}
