package web

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Address is where a page is, and what it says of the program's health.
type Address struct {
	Listen          string // host:port
	CertificateFile string // "": without TLS
	CertificateKey  string // path of its key
	Health          Health
	Log             *slog.Logger
}

// Health says whether the program is well, and in words what it does or what is
// wrong with it.
type Health func() (well bool, words string)

// AnswerHealth answers for the program's health alone, until it is closed: before there
// is a page.
func AnswerHealth(a Address) (io.Closer, error) {
	listener, err := a.listen()
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", a.Health.answer)
	mux.HandleFunc("GET /readyz", a.Health.answer) // not before there is a page
	server := a.server(mux)
	go func() { _ = server.Serve(listener) }()
	return server, nil
}

func (a Address) listen() (net.Listener, error) {
	listener, err := net.Listen("tcp", a.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", a.Listen, err)
	}
	if a.CertificateFile == "" {
		return listener, nil
	}
	pair := &certificate{file: a.CertificateFile, key: a.CertificateKey}
	if _, err := pair.get(nil); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return tls.NewListener(listener, &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: pair.get, NextProtos: []string{"http/1.1"}}), nil
}

func (a Address) server(h http.Handler) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(a.Log.Handler(), slog.LevelDebug)}
}

// answer is for a machine that only reads the status, and for a person who reads
// the words.
func (h Health) answer(w http.ResponseWriter, _ *http.Request) {
	well, words := h()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if !well {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	fmt.Fprintln(w, words)
}
