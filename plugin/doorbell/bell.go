package doorbell

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Bell is the end inside Orthanc. Whatever is done to it returns at once: with
// dosegate absent, hanging or slow, it only remembers what it has to tell.
type Bell struct {
	url, tokenFile string
	log            *slog.Logger
	wake           chan struct{}

	mu      sync.Mutex
	stored  bool
	refused map[string]uint32 // by sender
	changed map[string]bool   // instances
}

// NewBell makes a bell for a dosegate at ws://host:port/doorbell, which lets in
// whoever has the token that the file holds.
func NewBell(url, tokenFile string, log *slog.Logger) *Bell {
	return &Bell{url: url, tokenFile: tokenFile, log: log, wake: make(chan struct{}, 1),
		refused: make(map[string]uint32), changed: make(map[string]bool)}
}

// remembered bounds what is kept of each sort while dosegate is away.
const remembered = 1024

// Stored tells that a structured report was stored.
func (b *Bell) Stored() {
	b.note(func() { b.stored = true })
}

// Refused counts what was refused to a sender.
func (b *Bell) Refused(sender string) {
	b.note(func() {
		sender = plainAET(sender)
		if _, known := b.refused[sender]; !known && len(b.refused) == remembered {
			sender = ""
		}
		b.refused[sender]++
	})
}

// Changed tells of a second copy of an instance that differs from the first.
func (b *Bell) Changed(instance string) {
	b.note(func() {
		if len(b.changed) < remembered {
			b.changed[instance] = true
		}
	})
}

func (b *Bell) note(what func()) {
	b.mu.Lock()
	what()
	b.mu.Unlock()
	select {
	case b.wake <- struct{}{}:
	default: // it is awake already
	}
}

// take empties what there is to tell.
func (b *Bell) take() []Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []Message
	if b.stored {
		all = append(all, Message{Event: Stored})
	}
	for sender, count := range b.refused {
		all = append(all, Message{Event: Refused, Sender: sender, Count: count})
	}
	for instance := range b.changed {
		all = append(all, Message{Event: Changed, Instance: instance})
	}
	b.stored = false
	clear(b.refused)
	clear(b.changed)
	return all
}

// back puts what could not be told where it was.
func (b *Bell) back(untold []Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range untold {
		switch m.Event {
		case Stored:
			b.stored = true
		case Refused:
			b.refused[m.Sender] += m.Count
		case Changed:
			b.changed[m.Instance] = true
		}
	}
}

const (
	shortestPause = 200 * time.Millisecond
	longestPause  = 10 * time.Second
	patience      = 5 * time.Second  // with a message that is not taken
	silence       = 45 * time.Second // of the other end, which is then gone; it says something every third of it
)

// Run keeps the connection open until the context ends.
func (b *Bell) Run(ctx context.Context) {
	pause, told := shortestPause, ""
	for ctx.Err() == nil {
		began := time.Now()
		err := b.connected(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > longestPause {
			pause = shortestPause
		}
		if err.Error() != told { // once, and not with every attempt
			told = err.Error()
			b.log.Warn("the doorbell does not reach dosegate, which looks by itself meanwhile", "error", told)
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(pause*2, longestPause)
	}
}

// connected tells what there is to tell for as long as the connection lasts. A
// first ring makes up for all that were missed.
func (b *Bell) connected(ctx context.Context) error {
	token, err := os.ReadFile(b.tokenFile)
	if err != nil {
		return err
	}
	dialer := websocket.Dialer{HandshakeTimeout: patience}
	conn, resp, err := dialer.DialContext(ctx, b.url, http.Header{"Authorization": {"Bearer " + strings.TrimSpace(string(token))}})
	if resp != nil {
		resp.Body.Close()
	}
	if err != nil {
		return err
	}
	defer conn.Close()
	b.log.Info("the doorbell is connected")
	gone := make(chan error, 1)
	go listen(conn, gone)
	b.Stored()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-gone:
			return err
		case <-b.wake:
			if err := b.tell(conn); err != nil {
				return err
			}
		}
	}
}

// listen answers pings, and notices when the other end says nothing more.
func listen(conn *websocket.Conn, gone chan<- error) {
	conn.SetReadLimit(Size)
	alive := func() { _ = conn.SetReadDeadline(time.Now().Add(silence)) }
	ping := conn.PingHandler()
	conn.SetPingHandler(func(data string) error { alive(); return ping(data) })
	alive()
	for {
		if _, _, err := conn.NextReader(); err != nil {
			gone <- err
			return
		}
	}
}

func (b *Bell) tell(conn *websocket.Conn) error {
	messages := b.take()
	for i, m := range messages {
		encoded, err := m.Append(nil)
		if err != nil {
			continue // of what is no ID of Orthanc's nobody can be told
		}
		_ = conn.SetWriteDeadline(time.Now().Add(patience))
		if err := conn.WriteMessage(websocket.BinaryMessage, encoded); err != nil {
			b.back(messages[i:])
			return err
		}
	}
	return nil
}
