// Package orthanc is the REST client of one source: its change feed, what it
// knows of an instance, the instance itself, and the marks that are put on it.
//
// It is written against Orthanc 1.10 to 1.13. What a version cannot do, it
// mostly ignores in silence, so nothing here sends what 1.10 would ignore; what
// came later (labels) is for the caller to gate on System.
package orthanc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// ErrNotFound says that Orthanc itself, and not something on the way to it, has
// no such resource. A report's fate hangs on it: it is then withdrawn.
var ErrNotFound = errors.New("not in Orthanc")

// Options say where an Orthanc is and who asks.
type Options struct {
	Name               string // of the source, for errors
	URL                string // of the REST API; a path is kept, for an Orthanc behind a proxy
	Username, Password string // none: no authentication
	Timeout            time.Duration
	Client             *http.Client // nil: an own one; its redirect policy is not used
}

// defaultTimeout bounds a call with its retries. Orthanc can be slow while it
// ingests, but a feed that waits longer had better say so.
const defaultTimeout = 30 * time.Second

// Client asks one Orthanc. It is safe for concurrent use.
type Client struct {
	name               string
	base               string
	username, password string
	timeout            time.Duration
	http               *http.Client
	retry              *retryablehttp.Client
}

// New checks the options and makes a client; it asks nothing yet. Its errors
// name the source and never the URL, which could hold a password.
func New(o Options) (*Client, error) {
	base, err := baseURL(o.URL)
	if err != nil {
		return nil, fmt.Errorf("source %s: %w", o.Name, err)
	}
	c := &Client{name: o.Name, base: base, username: o.Username, password: o.Password, timeout: o.Timeout}
	if c.timeout <= 0 {
		c.timeout = defaultTimeout
	}
	c.http = ownClient()
	if o.Client != nil {
		own := *o.Client
		c.http = &own
	}
	// A redirect would carry the password, or a mark, to another place.
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.retry = retrying(c.http)
	return c, nil
}

// Name is the source's.
func (c *Client) Name() string { return c.name }

// baseURL is the URL without a slash at the end, if it is one to ask under.
func baseURL(s string) (string, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return "", errors.New("url is not of the form http://host:port")
	case u.User != nil:
		return "", errors.New("url holds a username: use username and password instead")
	case u.RawQuery != "" || u.Fragment != "":
		return "", errors.New("url ends in a query or a fragment")
	}
	return strings.TrimRight(u.String(), "/"), nil
}

// ownClient makes a client that talks to the source and to nothing between: no
// proxy, whatever the environment says, since a source is in the house.
func ownClient() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Proxy = nil
	// Orthanc would spend more on compressing a report than the wire on it.
	t.DisableCompression = true
	// Orthanc 1.10 closes a connection that was idle for a second; a request on
	// one that it is closing fails.
	t.IdleConnTimeout = 900 * time.Millisecond
	t.MaxIdleConnsPerHost = 8
	return &http.Client{Transport: t}
}

// System is what Orthanc says of itself. What a version does not say is zero.
type System struct {
	Version             string
	APIVersion          int   `json:"ApiVersion"`
	HasLabels           bool  // from 1.12; false also means: do not ask for labels
	OverwriteInstances  bool  // said from 1.12; false before that means nothing
	MaximumStorageSize  int64 // in MB, 0: no limit; said from 1.12
	MaximumPatientCount int64 // 0: no limit; said from 1.12
	DicomAet            string

	Tells bool `json:"-"` // it says the three
}

// Careless are, in words, the settings by which an Orthanc that holds reports for a
// while loses or changes them.
func (s System) Careless() (words []string) {
	if s.OverwriteInstances {
		words = append(words, "OverwriteInstances is on: a report that is sent again comes back as new, without its marks")
	}
	if s.MaximumStorageSize > 0 {
		words = append(words, fmt.Sprintf("MaximumStorageSize is %d MB: beyond it Orthanc deletes the oldest reports, undelivered ones too", s.MaximumStorageSize))
	}
	if s.MaximumPatientCount > 0 {
		words = append(words, fmt.Sprintf("MaximumPatientCount is %d: beyond it Orthanc deletes the oldest reports, undelivered ones too", s.MaximumPatientCount))
	}
	return words
}

// System asks Orthanc what it is.
func (c *Client) System(ctx context.Context) (System, error) {
	var said struct {
		System
		Recycles *json.RawMessage `json:"MaximumPatientCount"`
	}
	if err := c.getJSON(ctx, "ask what it is", "/system", smallAnswer, &said); err != nil {
		return System{}, err
	}
	s := said.System
	s.Tells = said.Recycles != nil
	if s.Tells && json.Unmarshal(*said.Recycles, &s.MaximumPatientCount) != nil {
		return System{}, c.failed("ask what it is", errors.New("the answer is not Orthanc's"))
	}
	if s.Version == "" {
		return System{}, c.failed("ask what it is", errors.New("the answer is not Orthanc's"))
	}
	return s, nil
}

// Now is Orthanc's clock, to the second.
func (c *Client) Now(ctx context.Context) (time.Time, error) {
	const op = "read the clock"
	answer, err := c.get(ctx, op, "/tools/now", smallAnswer)
	if err != nil {
		return time.Time{}, err
	}
	now, err := parseTime(string(answer))
	if err != nil {
		return time.Time{}, c.failed(op, err)
	}
	return now, nil
}

// parseTime reads Orthanc's dates. They are in UTC whatever its time zone: in
// metadata, in the change feed, and at /tools/now.
func parseTime(s string) (time.Time, error) {
	t, err := time.ParseInLocation("20060102T150405", s, time.UTC)
	if err != nil {
		return time.Time{}, errors.New("read a date that is not of Orthanc's form")
	}
	return t, nil
}

func (c *Client) getJSON(ctx context.Context, op, path string, max int64, v any) error {
	answer, err := c.get(ctx, op, path, max)
	if err != nil {
		return err
	}
	if json.Unmarshal(answer, v) != nil {
		// The decoder's own words may quote the answer.
		return c.failed(op, errors.New("the answer is not the JSON that Orthanc gives"))
	}
	return nil
}

func (c *Client) failed(op string, err error) error {
	return fmt.Errorf("%s: source %s: %w", op, c.name, err)
}
