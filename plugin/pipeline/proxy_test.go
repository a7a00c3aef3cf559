package pipeline_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// proxy stands between dosegate and a real Orthanc, and changes answers that
// Orthanc itself will not give on demand.
type proxy struct {
	*httptest.Server
	mu      sync.Mutex
	answers map[string]func(status int, body []byte) (int, []byte) // by the end of the path
}

func (w *world) behindProxy(t *testing.T) *proxy {
	target, err := url.Parse(w.gateway.URL)
	must(t, err)
	p := &proxy{answers: make(map[string]func(int, []byte) (int, []byte))}
	p.Server = httptest.NewServer(&httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ModifyResponse: p.modify,
	})
	t.Cleanup(p.Close)
	w.url = p.URL
	return p
}

// answer has every answer to a path that ends so changed; it is GET's, unless another
// method stands before it.
func (p *proxy) answer(pathEnd string, fn func(status int, body []byte) (int, []byte)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers[pathEnd] = fn
}

func (p *proxy) modify(resp *http.Response) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for end, fn := range p.answers {
		method, path, ok := strings.Cut(end, " ")
		if !ok {
			method, path = http.MethodGet, end
		}
		if !strings.HasSuffix(resp.Request.URL.Path, path) || resp.Request.Method != method {
			continue
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return err
		}
		resp.Body.Close()
		resp.StatusCode, body = fn(resp.StatusCode, body)
		resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		resp.Header.Del("Content-Length")
	}
	return nil
}
