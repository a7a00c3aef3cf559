package web

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// How a page is kept up to date: it is told the ledger's version whenever that
// changes, over a WebSocket or by asking, and fetches itself again.
const (
	watchEvery = time.Second
	pingEvery  = 20 * time.Second
	writeWait  = 10 * time.Second
)

// live tells open pages what the version is.
type live struct {
	mu      sync.Mutex
	version string
	open    map[chan string]bool
	ended   bool
}

func newLive() *live { return &live{open: map[chan string]bool{}} }

func (l *live) present() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.version
}

// set tells everybody another version. Who is slow gets the last one only.
func (l *live) set(version string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if version == l.version {
		return
	}
	l.version = version
	for page := range l.open {
		select {
		case <-page:
		default:
		}
		page <- version
	}
}

// join gives a channel that has the present version first; it is closed when
// the page server stops.
func (l *live) join() chan string {
	page := make(chan string, 1)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		close(page)
		return page
	}
	page <- l.version
	l.open[page] = true
	return page
}

func (l *live) leave(page chan string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, page)
}

func (l *live) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	for page := range l.open {
		close(page)
	}
	clear(l.open)
}

// watch looks for another version, of the ledger and of the machines around it.
func (s *Server) watch(ctx context.Context) {
	every := time.NewTicker(watchEvery)
	defer every.Stop()
	for {
		s.Stations.Look()
		if version, err := s.Ledger.Version(ctx); err == nil {
			s.live.set(version + s.monitor.version() + s.Stations.Stations().Fingerprint())
		}
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
	}
}

// State is what a page without a WebSocket asks for.
type State struct {
	Version string `json:"version"`
}

func (s *Server) state(*http.Request, caller) (any, error) { return State{s.live.present()}, nil }

// upgrader accepts a WebSocket only from a page of ours: its own check compares
// Origin and Host.
var upgrader = websocket.Upgrader{HandshakeTimeout: writeWait, ReadBufferSize: 512, WriteBufferSize: 512}

func (s *Server) serveLive(w http.ResponseWriter, r *http.Request) {
	if s.who(r).anybody() {
		s.failed(w, r, problem{http.StatusUnauthorized, "Log in first."})
		return
	}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // it has answered
	}
	defer conn.Close()
	page := s.live.join()
	defer s.live.leave(page)
	gone := make(chan struct{})
	go func() { // nothing is expected but answers to pings
		defer close(gone)
		conn.SetReadLimit(512)
		alive := func(string) error { return conn.SetReadDeadline(time.Now().Add(3 * pingEvery)) }
		conn.SetPongHandler(alive)
		for alive("") == nil {
			if _, _, err := conn.ReadMessage(); err != nil {
				return
			}
		}
	}()
	s.tell(conn, r, page, gone)
}

// tell writes versions until the page has gone, or its session has ended.
func (s *Server) tell(conn *websocket.Conn, r *http.Request, page chan string, gone chan struct{}) {
	r.Header.Set(liveHeader, "1") // looking does not keep a session alive
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	for {
		select {
		case <-gone:
			return
		case version, open := <-page:
			if !open {
				return
			}
			conn.SetWriteDeadline(time.Now().Add(writeWait))
			if conn.WriteJSON(State{version}) != nil {
				return
			}
		case <-ping.C:
			if s.who(r).anybody() || conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWait)) != nil {
				return
			}
		}
	}
}
