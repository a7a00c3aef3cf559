package web_test

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/dosegate/dosegate/plugin/browsertest"
	"github.com/dosegate/dosegate/plugin/ledger"
)

// wire is the way between a browser and the page.
type wire struct {
	h        *house
	listener net.Listener
	mu       sync.Mutex
	open     []net.Conn
	ended    bool
	copying  sync.WaitGroup
}

// connect lays a wire to the page, at an address or at a free one.
func (h *house) connect(address string) *wire {
	h.t.Helper()
	listener, err := net.Listen("tcp", address)
	h.must(err)
	w := &wire{h: h, listener: listener}
	w.copying.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			w.join(near)
		}
	})
	return w
}

func (w *wire) join(near net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	far, err := net.Dial("tcp", w.h.page.Addr())
	if err != nil || w.ended {
		near.Close()
		return
	}
	w.open = append(w.open, near, far)
	for _, way := range [][2]net.Conn{{near, far}, {far, near}} {
		w.copying.Go(func() {
			io.Copy(way[0], way[1]) // until it is cut
			way[0].Close()
		})
	}
}

// cut ends the wire and all that goes over it.
func (w *wire) cut() {
	w.listener.Close()
	w.mu.Lock()
	w.ended = true
	for _, conn := range w.open {
		conn.Close()
	}
	w.mu.Unlock()
	w.copying.Wait()
}

func TestALostConnectionIsShownAndComesBackByItself(t *testing.T) {
	h := newHouse(t, withUsers)
	w := h.connect("127.0.0.1:0")
	address := w.listener.Addr().String()
	tab := browsertest.Open(t, browsertest.Options{Hasty: true})
	far := *h
	far.url = strings.Replace(h.url, h.page.Addr(), address, 1)
	login(tab, &far, viewer)
	tab.Go(far.url + "/reports")
	tab.Sees("#live", "live")
	tab.Run("window.samePage = true", nil)
	w.cut()
	tab.Sees("#live", "connection lost, trying again")
	h.record(h.seen("CT1", "CT", ledger.Accepted, ""))
	w = h.connect(address)
	defer w.cut()
	tab.Sees("#rows", "CT1")
	tab.Sees("#live", "live")
	same := false
	if tab.Run("window.samePage === true", &same); !same {
		t.Error("the page was loaded again as a whole")
	}
}
