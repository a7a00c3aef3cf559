package pipeline_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// wire counts the requests that go to an Orthanc.
type wire struct {
	*httptest.Server
	mu     sync.Mutex
	counts map[string]int         // by method and the kind of path
	once   map[string]func()      // before the next request of that kind
	hide   func(line string) bool // lines of the feed that are not shown; nil: none
}

// before has something happen before the next request of a kind.
func (c *wire) before(what string, do func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.once[what] = do
}

func (w *world) overWire(t *testing.T) *wire {
	target, err := url.Parse(w.gateway.URL)
	must(t, err)
	c := &wire{counts: make(map[string]int), once: make(map[string]func())}
	to := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }, ModifyResponse: c.withoutHidden}
	c.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if do := c.count(r); do != nil {
			do()
		}
		to.ServeHTTP(rw, r)
	}))
	t.Cleanup(c.Close)
	w.url = c.URL
	return c
}

func (c *wire) count(r *http.Request) (do func()) {
	parts := strings.Split(r.URL.Path, "/")
	for i, part := range parts {
		if len(part) == 44 {
			parts[i] = "ID"
		}
	}
	what := r.Method + " " + strings.Join(parts, "/")
	c.mu.Lock()
	defer c.mu.Unlock()
	do = c.once[what]
	delete(c.once, what)
	c.counts[what]++
	return do
}

// withoutHidden takes lines out of a page of the feed.
func (c *wire) withoutHidden(resp *http.Response) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.hide == nil || resp.Request.URL.Path != "/changes" {
		return nil
	}
	var page struct {
		Changes []json.RawMessage
		Done    bool
		Last    int64
	}
	if err := json.NewDecoder(resp.Body).Decode(&page); err != nil {
		return err
	}
	resp.Body.Close()
	page.Changes = slices.DeleteFunc(page.Changes, func(line json.RawMessage) bool { return c.hide(string(line)) })
	body, err := json.Marshal(page)
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	resp.Header.Del("Content-Length")
	return err
}

const theFeed = "GET /changes"

// taken gives how often the feed was read and how many other requests there were
// since it was asked last, and all of them in words.
func (c *wire) taken() (feed, others int, words string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for what, n := range c.counts {
		if what != theFeed {
			others += n
		}
	}
	feed, words = c.counts[theFeed], fmt.Sprint(c.counts)
	clear(c.counts)
	return feed, others, words
}
