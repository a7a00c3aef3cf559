package web_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
)

// client is a browser without eyes.
type client struct {
	*house
	http  *http.Client
	token string
}

func (h *house) client() *client {
	jar, err := cookiejar.New(nil)
	h.must(err)
	return &client{house: h, http: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// as is a client that has logged in.
func (h *house) as(name string) *client {
	h.t.Helper()
	c := h.client()
	if a := c.post("/login", "name", name, "password", password); a.status != http.StatusSeeOther {
		h.t.Fatalf("%s cannot log in: %d\n%s", name, a.status, a.body)
	}
	return c
}

// reply is what came.
type reply struct {
	status int
	header http.Header
	body   string
}

func (c *client) do(r *http.Request) reply {
	c.t.Helper()
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.http.Do(r)
	c.must(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	c.must(err)
	return reply{resp.StatusCode, resp.Header, string(body)}
}

func (c *client) get(path string) reply {
	c.t.Helper()
	r, err := http.NewRequest("GET", c.url+path, nil)
	c.must(err)
	return c.do(r)
}

// post sends a form, pairs of name and value.
func (c *client) post(path string, pairs ...string) reply {
	c.t.Helper()
	return c.do(c.form(path, pairs...))
}

func (c *client) form(path string, pairs ...string) *http.Request {
	c.t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequest("POST", c.url+path, strings.NewReader(values.Encode()))
	c.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

// csrf is the token of the session, as a page has it.
func (c *client) csrf() string {
	c.t.Helper()
	_, rest, ok := strings.Cut(c.get("/").body, `name="csrf" value="`)
	if !ok {
		c.t.Fatal("the page has no form")
	}
	token, _, _ := strings.Cut(rest, `"`)
	return token
}
