package postgrestest

import (
	"io"
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
)

// Cable is what lies between a dosegate and its PostgreSQL. When it is severed
// both ends believe that the other is only slow, as with a switch that lost power.
type Cable struct {
	URL string // of the database, at the near end

	mu  sync.Mutex
	cut chan struct{} // closed while it is whole
}

// NewCable lays a cable to the database of a URL that [Server.URL] made.
func NewCable(t testing.TB, database string) *Cable {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(u.Query().Get("host"), socketName)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &Cable{cut: make(chan struct{})}
	close(c.cut)
	u.Host, u.RawQuery = listener.Addr().String(), "sslmode=disable"
	c.URL = u.String()
	t.Cleanup(func() { c.Mend(); listener.Close() })
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("unix", socket)
			if err != nil {
				near.Close()
				continue
			}
			go c.carry(near, far)
			go c.carry(far, near)
		}
	}()
	return c
}

func (c *Cable) carry(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		c.mu.Lock()
		whole := c.cut
		c.mu.Unlock()
		<-whole
		if err != nil {
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil && err != io.EOF {
			return
		}
	}
}

// Sever cuts the cable until it is mended.
func (c *Cable) Sever() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.whole() {
		c.cut = make(chan struct{})
	}
}

// Mend lets go on what waited, in order.
func (c *Cable) Mend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.whole() {
		close(c.cut)
	}
}

func (c *Cable) whole() bool {
	select {
	case <-c.cut:
		return true
	default:
		return false
	}
}
