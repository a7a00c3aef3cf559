package doorbell_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/doorbell"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const instance = "0123abcd-0123abcd-0123abcd-0123abcd-0123abcd"

func TestEveryMessageHasOneSizeAndReadsBack(t *testing.T) {
	for _, m := range []doorbell.Message{
		{Event: doorbell.Stored}, {Event: doorbell.Refused, Sender: "CT1", Count: 1 << 31}, {Event: doorbell.Changed, Instance: instance},
	} {
		b, err := m.Append(nil)
		if err != nil || len(b) != doorbell.Size {
			t.Fatalf("%d bytes, %v", len(b), err)
		}
		if got, err := doorbell.Parse(b); err != nil || got != m {
			t.Errorf("%+v became %+v, %v", m, got, err)
		}
	}
	if _, err := (doorbell.Message{Event: doorbell.Changed, Instance: "no ID"}).Append(nil); err == nil {
		t.Error("an ID that is none is sent")
	}
}

// What comes in is 64 bytes of anybody's: what is read of it is a message that
// would have been sent so.
func TestWhatIsNoMessageIsRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.OneOf(rapid.Just(byte(0)), rapid.Just(byte(1)), rapid.Byte()), 0, 70).Draw(t, "bytes")
		m, err := doorbell.Parse(b)
		if err != nil {
			return
		}
		again, err := m.Append(nil)
		if err != nil || len(b) != doorbell.Size || strings.ContainsAny(m.Sender, "\x00\n\x7f") {
			t.Errorf("%x was read as %+v, %v", b, m, err)
		}
		if got, err := doorbell.Parse(again); err != nil || got != m {
			t.Errorf("%+v became %+v, %v", m, got, err)
		}
	})
}

// house is a dosegate that hears the bell.
type house struct {
	*httptest.Server
	mu    sync.Mutex
	heard []doorbell.Message
	came  chan struct{}
}

func newHouse(t *testing.T) *house {
	h := &house{came: make(chan struct{}, 100)}
	h.Server = httptest.NewServer(doorbell.Handler(func() (string, error) { return "secret", nil }, func(m doorbell.Message) {
		h.mu.Lock()
		h.heard = append(h.heard, m)
		h.mu.Unlock()
		h.came <- struct{}{}
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *house) url() string { return "ws" + strings.TrimPrefix(h.URL, "http") }

func (h *house) wait(t *testing.T, n int) {
	t.Helper()
	for range n {
		select {
		case <-h.came:
		case <-time.After(20 * time.Second):
			t.Fatal("nobody rang")
		}
	}
}

func newBell(t *testing.T, url, token string) *doorbell.Bell {
	t.Helper()
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b := doorbell.NewBell(url, file, slog.New(slog.NewTextHandler(io.Discard, nil)))
	ctx, cancel := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	wait.Go(func() { b.Run(ctx) })
	t.Cleanup(func() { cancel(); wait.Wait() })
	return b
}

func TestWhatIsToldArrives(t *testing.T) {
	h := newHouse(t)
	b := newBell(t, h.url(), "secret")
	h.wait(t, 1) // the first ring makes up for those before
	b.Refused("CT1")
	h.wait(t, 1)
	b.Changed(instance)
	h.wait(t, 1)
	want := []doorbell.Message{{Event: doorbell.Stored}, {Event: doorbell.Refused, Sender: "CT1", Count: 1}, {Event: doorbell.Changed, Instance: instance}}
	if diff := cmp.Diff(want, h.heard); diff != "" {
		t.Error(diff)
	}
}

// Dosegate is away for long: what is told meanwhile is counted and told later.
func TestABellWhoseHouseIsAwayTellsItAllWhenItIsBack(t *testing.T) {
	h := newHouse(t)
	open := false
	var mu sync.Mutex
	gate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if !open {
			http.Error(w, "away", http.StatusBadGateway)
			return
		}
		h.Config.Handler.ServeHTTP(w, r)
	}))
	defer gate.Close()
	b := newBell(t, "ws"+strings.TrimPrefix(gate.URL, "http"), "secret")
	for range 100_000 {
		b.Stored()
		b.Refused("CT1")
	}
	mu.Lock()
	open = true
	mu.Unlock()
	h.wait(t, 2)
	h.mu.Lock()
	defer h.mu.Unlock()
	count := uint32(0)
	for _, m := range h.heard {
		count += m.Count
	}
	if count != 100_000 {
		t.Errorf("%d of 100000 were told: %+v", count, h.heard)
	}
}

func TestWhoHasNoTokenOrIsABrowserIsNotLetIn(t *testing.T) {
	h := newHouse(t)
	for name, header := range map[string]http.Header{
		"nobody":       {},
		"another":      {"Authorization": {"Bearer other"}},
		"an empty one": {"Authorization": {"Bearer "}},
		"a browser":    {"Authorization": {"Bearer secret"}, "Origin": {"http://elsewhere.example"}},
	} {
		req, err := http.NewRequest(http.MethodGet, h.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		for key := range header {
			req.Header.Set(key, header.Get(key))
		}
		for key, value := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="} {
			req.Header.Set(key, value)
		}
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusUnauthorized && resp.StatusCode != http.StatusForbidden {
			t.Errorf("%s: status %d", name, resp.StatusCode)
		}
	}
}
