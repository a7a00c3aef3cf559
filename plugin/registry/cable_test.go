package registry

import (
	"net"
	"sync/atomic"
	"testing"
	"time"
)

// cable is what lies between us and a server. It can break after a number of
// bytes of either direction, or carry nothing more.
type cable struct {
	address string

	up, down atomic.Int64 // bytes that may still pass; below 0: all
	carried  atomic.Int64 // of both directions, since it was laid
	silent   atomic.Bool  // what is sent arrives nowhere, and nobody is told
}

func newCable(t *testing.T, to string) *cable {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { listener.Close() })
	c := &cable{address: listener.Addr().String()}
	c.whole()
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				near.Close()
				continue
			}
			go c.carry(far, near, &c.up)
			go c.carry(near, far, &c.down)
		}
	}()
	return c
}

// whole mends the cable for new connections.
func (c *cable) whole() { c.up.Store(-1); c.down.Store(-1); c.silent.Store(false) }

func (c *cable) carry(to, from net.Conn, left *atomic.Int64) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 512)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		c.carried.Add(int64(n))
		if c.silent.Load() {
			continue
		}
		if limit := left.Load(); limit >= 0 {
			pass := min(int64(n), limit)
			left.Store(limit - pass)
			_, _ = to.Write(buffer[:pass])
			if pass < int64(n) || limit == pass {
				return
			}
			continue
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// waitFor waits until somebody listens.
func waitFor(t *testing.T, address string) {
	t.Helper()
	for range 200 {
		if conn, err := net.Dial("tcp", address); err == nil {
			conn.Close()
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("nobody listens")
}
