package web

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Server is a page that is being served.
type Server struct {
	http     *http.Server
	listener net.Listener
	done     chan error
}

// Health says whether the program is well, and in words what it does or what is
// wrong with it.
type Health func() (well bool, words string)

// Listen begins to serve on an address, host:port.
func Listen(address string, health Health) (*Server, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", health.answer)
	s := &Server{http: &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}, listener: listener, done: make(chan error, 1)}
	go func() { s.done <- s.http.Serve(listener) }()
	return s, nil
}

// Addr is the address that is listened on.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Close stops serving at once.
func (s *Server) Close() error {
	err := s.http.Close()
	if served := <-s.done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
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
