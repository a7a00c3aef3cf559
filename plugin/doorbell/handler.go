package doorbell

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// Handler is the end in dosegate: it lets in whoever has the token, and calls
// ring for every message. Who has no token is told nothing.
func Handler(token func() (string, error), ring func(Message)) http.Handler {
	upgrader := websocket.Upgrader{HandshakeTimeout: patience, CheckOrigin: func(r *http.Request) bool {
		return r.Header.Get("Origin") == "" // a browser has one, and is not meant
	}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		want, err := token()
		if got, has := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); err != nil || want == "" || !has || !same(got, want) {
			http.Error(w, "no token", http.StatusUnauthorized)
			return
		}
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return // it has answered
		}
		defer conn.Close()
		done := make(chan struct{})
		defer close(done)
		go keepAlive(conn, done)
		hear(conn, ring)
	})
}

// same compares in a time that tells nothing of where two texts differ.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// hear reads messages until the connection ends or something else comes.
func hear(conn *websocket.Conn, ring func(Message)) {
	conn.SetReadLimit(Size)
	conn.SetPongHandler(func(string) error { return conn.SetReadDeadline(time.Now().Add(silence)) })
	_ = conn.SetReadDeadline(time.Now().Add(silence))
	for {
		kind, data, err := conn.ReadMessage()
		if err != nil || kind != websocket.BinaryMessage {
			return
		}
		m, err := Parse(data)
		if err != nil {
			return
		}
		ring(m)
	}
}

func keepAlive(conn *websocket.Conn, done <-chan struct{}) {
	every := time.NewTicker(silence / 3)
	defer every.Stop()
	for {
		select {
		case <-done:
			return
		case <-every.C:
			if conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(patience)) != nil {
				conn.Close()
				return
			}
		}
	}
}
