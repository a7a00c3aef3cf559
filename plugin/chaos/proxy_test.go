package chaos

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// fault is what the proxy before the registry does with a request.
type fault string

const (
	pass         fault = "none"
	delay        fault = "delayed"
	stall        fault = "left without answer, then cut"
	cutRequest   fault = "cut in the request"
	cutAnswer    fault = "cut in the answer's head"
	halfAnswer   fault = "half a body"
	swallow      fault = "stored, answer lost"
	says500      fault = "500"
	stores500    fault = "stored, yet 500"
	says503      fault = "503 with Retry-After"
	says429      fault = "429 with Retry-After"
	says409      fault = "409"
	stores409    fault = "stored, yet 409"
	says401      fault = "401"
	saysNothing  fault = "200 without a body, not stored"
	saysGarbage  fault = "200 with a page of HTML, not stored"
	notReachable fault = "502, the registry is down" // not chosen: it happens
)

// deck is how often each fault comes in two hundred requests.
var deck = []struct {
	fault fault
	times int
}{
	{pass, 134}, {delay, 14}, {stall, 2}, {cutRequest, 8}, {cutAnswer, 8}, {halfAnswer, 6}, {swallow, 9}, {says500, 6}, {stores500, 2},
	{says503, 2}, {says429, 2}, {says409, 2}, {stores409, 1}, {says401, 1}, {saysNothing, 2}, {saysGarbage, 1},
}

// status is that of a fault that is an answer.
var status = map[fault]int{says500: 500, stores500: 500, says503: 503, says429: 429, says409: 409, stores409: 409, says401: 401,
	saysNothing: 200, saysGarbage: 200, notReachable: 502}

// proxy stands before the registry, does its faults in the order of a seed, and
// looks for markers in every byte that it gets.
type proxy struct {
	*httptest.Server
	target string // URL of the registry

	mu       sync.Mutex
	chance   *rand.Rand
	hand     []fault // what is left of the deck
	healthy  bool    // no faults any more
	counts   map[fault]int
	streams  []*stream
	requests int
	bytes    int64
	stored   int // requests that the registry answered with 200
}

func newProxy(t testing.TB, target string, seed uint64, m *markers) *proxy {
	t.Helper()
	p := &proxy{target: target, chance: rand.New(rand.NewPCG(seed, 1<<40)), counts: make(map[fault]int)}
	p.Server = httptest.NewUnstartedServer(p)
	p.Listener = watched{p.Listener, p, m}
	p.Start()
	t.Cleanup(func() { p.CloseClientConnections(); p.Close() })
	return p
}

// watched is a listener whose connections look for markers.
type watched struct {
	net.Listener
	proxy   *proxy
	markers *markers
}

func (w watched) Accept() (net.Conn, error) {
	c, err := w.Listener.Accept()
	if err != nil {
		return nil, err
	}
	s := w.markers.stream("what the proxy got")
	w.proxy.mu.Lock()
	defer w.proxy.mu.Unlock()
	w.proxy.streams = append(w.proxy.streams, s)
	return watchedConn{c, w.proxy, s}, nil
}

type watchedConn struct {
	net.Conn
	proxy  *proxy
	stream *stream
}

func (c watchedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.proxy.mu.Lock()
	defer c.proxy.mu.Unlock()
	c.stream.Write(p[:n])
	c.proxy.bytes += int64(n)
	return n, err
}

// next is the fault of the next request.
func (p *proxy) next() fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests++
	if p.healthy {
		return pass
	}
	if len(p.hand) == 0 {
		first := len(p.counts) == 0
		for _, card := range deck {
			for range card.times {
				p.hand = append(p.hand, card.fault)
			}
		}
		p.chance.Shuffle(len(p.hand), func(i, j int) { p.hand[i], p.hand[j] = p.hand[j], p.hand[i] })
		if at := slices.Index(p.hand, says401); first && at > 50 {
			// What was refused waits for a minute, which shall not be after the end.
			p.hand[at], p.hand[50] = p.hand[50], p.hand[at]
		}
	}
	f := p.hand[0]
	p.hand = p.hand[1:]
	p.counts[f]++
	return f
}

// heal ends the faults.
func (p *proxy) heal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.healthy = true
}

// finish looks at what the connections ended with.
func (p *proxy) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.streams {
		s.Close()
	}
}

// storedOnes is how many requests the registry has answered with 200.
func (p *proxy) storedOnes() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stored
}

func (p *proxy) pause(least, most time.Duration) {
	p.mu.Lock()
	d := least + time.Duration(p.chance.Int64N(int64(most-least)))
	p.mu.Unlock()
	<-time.After(d)
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f := p.next()
	if f == cutRequest {
		io.CopyN(io.Discard, r.Body, r.ContentLength/2)
		drop(w, "")
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the sender was killed
	}
	switch f {
	case delay:
		p.pause(50*time.Millisecond, time.Second)
	case stall:
		p.pause(time.Second, 4*time.Second)
		drop(w, "")
		return
	case says500, says503, says429, says409, says401, saysNothing, saysGarbage:
		say(w, f)
		return
	}
	p.answer(w, f, p.forward(r, body))
}

// answer passes on what the registry said, or less.
func (p *proxy) answer(w http.ResponseWriter, f fault, said *httptest.ResponseRecorder) {
	switch {
	case f == swallow:
		drop(w, "")
		return
	case f == stores500, f == stores409:
		say(w, f)
		return
	case f == cutAnswer:
		drop(w, "HTTP/1.1 200 OK\r\nContent-Ty")
		return
	case said == nil:
		p.mu.Lock()
		p.counts[notReachable]++
		p.mu.Unlock()
		say(w, notReachable)
		return
	}
	all := said.Body.Bytes()
	w.Header().Set("Content-Type", said.Header().Get("Content-Type"))
	w.Header().Set("Content-Length", strconv.Itoa(len(all)))
	w.WriteHeader(said.Code)
	if f == halfAnswer {
		w.Write(all[:len(all)/2])
		http.NewResponseController(w).Flush()
		drop(w, "")
		return
	}
	w.Write(all)
}

// forward asks the registry, and gives nil where it does not answer.
func (p *proxy) forward(r *http.Request, body []byte) *httptest.ResponseRecorder {
	out, err := http.NewRequestWithContext(r.Context(), r.Method, p.target+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return nil
	}
	out.Header = r.Header.Clone()
	resp, err := http.DefaultTransport.RoundTrip(out)
	if err != nil {
		return nil
	}
	defer resp.Body.Close()
	said := httptest.NewRecorder()
	if _, err := io.Copy(said.Body, resp.Body); err != nil {
		return nil
	}
	said.Code = resp.StatusCode
	said.Header().Set("Content-Type", resp.Header.Get("Content-Type"))
	if said.Code == http.StatusOK {
		p.mu.Lock()
		p.stored++
		p.mu.Unlock()
	}
	return said
}

func say(w http.ResponseWriter, f fault) {
	if f == says503 || f == says429 {
		w.Header().Set("Retry-After", "1")
	}
	w.WriteHeader(status[f])
	if f == saysGarbage {
		fmt.Fprint(w, "<html><body>Please sign in</body></html>")
	}
}

// drop ends the connection, after some last words.
func drop(w http.ResponseWriter, words string) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	io.WriteString(conn, words)
	conn.Close()
}
