package ledger_test

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// cable is what lies between a dosegate and its PostgreSQL. When it is cut both
// ends believe that the other is only slow, as with a switch that lost power.
type cable struct {
	url string

	mu  sync.Mutex
	cut chan struct{} // closed while it is whole
}

// newCable lays a cable to the database of a URL that names a socket's folder.
func newCable(t *testing.T, database string) *cable {
	t.Helper()
	u, err := url.Parse(database)
	must(t, err)
	socket := u.Query().Get("host") + "/.s.PGSQL.5432"
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	c := &cable{cut: make(chan struct{})}
	close(c.cut)
	u.Host, u.RawQuery = listener.Addr().String(), "sslmode=disable"
	c.url = u.String()
	t.Cleanup(func() { c.mend(); listener.Close() })
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

func (c *cable) carry(to, from net.Conn) {
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

func (c *cable) sever() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = make(chan struct{})
}

func (c *cable) mend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.cut:
	default:
		close(c.cut)
	}
}
