package registry

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// STOWOptions say where a registry is and who sends.
type STOWOptions struct {
	Name      string
	URL       string // of the studies resource, such as https://registry.example/dicom-web/studies; {facility} stands for the report's
	AllowHTTP bool   // http to another machine too, over a net that is trusted
	Inside    bool   // it must be in the house, without a proxy: see [Inside]
	Timeout   time.Duration

	Username, Password string // none: no basic authentication
	Token              string // a bearer token
	OAuth2             OAuth2 // or where to get one
	// Certificate is what we show of ourselves, nil: nothing. It is asked for
	// with every connection, so that one that was renewed counts.
	Certificate func() (*tls.Certificate, error)
	RootCAs     *x509.CertPool    // nil: those of the system
	Proxy       string            // http://host:port; "": as the environment says
	Headers     map[string]string // further ones; {facility} stands for the report's

	// PerRequest is how many reports a request may have; 0: one.
	PerRequest int
}

// defaultTimeout bounds one delivery with its retries.
const defaultTimeout = 2 * time.Minute

// maxAnswer bounds what is read of an answer, about however many objects.
const maxAnswer = 1 << 20

// STOW is a registry that is reached by STOW-RS: PS3.18 10.5, Store Transaction.
type STOW struct {
	name, url string
	headers   map[string]string
	signIn    signIn
	timeout   time.Duration
	client    *retryablehttp.Client
	several   *gatherer // nil: each object goes alone
}

var _ Registry = (*STOW)(nil)

// NewSTOW checks the options and makes the registry; it asks nothing yet. Its
// errors name the registry and never the URL, which could hold a password.
func NewSTOW(o STOWOptions) (*STOW, error) {
	s, err := newSTOW(o)
	if err != nil {
		return nil, fmt.Errorf("registry %s: %w", o.Name, err)
	}
	return s, nil
}

func newSTOW(o STOWOptions) (*STOW, error) {
	if err := permitted(strings.ReplaceAll(o.URL, placeholder, placeholderInURL), o.AllowHTTP); err != nil {
		return nil, err
	}
	if err := permittedHeaders(o.Headers); err != nil {
		return nil, err
	}
	transport, err := stowTransport(o)
	if err != nil {
		return nil, err
	}
	in, err := newSignIn(o, transport)
	if err != nil {
		return nil, err
	}
	s := &STOW{name: o.Name, url: o.URL, headers: o.Headers, signIn: in,
		timeout: cmp.Or(o.Timeout, defaultTimeout), client: stowClient(transport)}
	if o.PerRequest > 1 {
		s.several = newGatherer(s, o.PerRequest)
	}
	return s, nil
}

// permitted refuses where a report, or a password, could be read on the way.
func permitted(s string, allowHTTP bool) error {
	u, err := url.Parse(s)
	switch {
	case err != nil, u.Hostname() == "":
		return errors.New("url is not of the form https://host/path/studies")
	case u.User != nil:
		return errors.New("url holds a username: use username and password instead")
	case u.RawQuery != "" || u.Fragment != "":
		return errors.New("url ends in a query or a fragment")
	case u.Scheme == "https", u.Scheme == "http" && (allowHTTP || loopback(u.Hostname())):
		return nil
	case u.Scheme == "http":
		return errors.New("url is http and leaves this machine: use https, or allow_http: true")
	}
	return errors.New("url is neither https nor http")
}

func loopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

// stowTransport is how the registry is reached, over HTTP/2 where it speaks that.
func stowTransport(o STOWOptions) (*http.Transport, error) {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.RootCAs}
	if o.Certificate != nil {
		t.TLSClientConfig.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			own, err := o.Certificate()
			if err != nil {
				return nil, errors.Join(errOwnCertificate, err)
			}
			return own, nil
		}
	}
	t.DisableCompression = true // so that maxAnswer counts what was sent
	t.DialContext = dialer(o.Inside).DialContext
	switch {
	case o.Inside && o.Proxy != "":
		return nil, errors.New("proxy and inside exclude each other: a proxy decides itself where it goes")
	case o.Inside:
		t.Proxy = nil
	case o.Proxy != "":
		proxy, err := url.Parse(o.Proxy)
		if err != nil || proxy.Hostname() == "" || proxy.User != nil || proxy.Scheme != "http" && proxy.Scheme != "https" {
			return nil, errors.New("proxy is not of the form http://host:port")
		}
		t.Proxy = http.ProxyURL(proxy)
	}
	return t, nil
}

// errOwnCertificate is about the file that holds it, not about the registry.
var errOwnCertificate = errors.New("our own certificate cannot be read")

func stowClient(t *http.Transport) *retryablehttp.Client {
	return &retryablehttp.Client{
		HTTPClient: &http.Client{
			Transport: t,
			// A redirect would carry report and password to a place that nobody configured.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		// For a hiccup only: what takes longer is in the ledger's hands.
		RetryMax:     2,
		RetryWaitMin: 200 * time.Millisecond,
		RetryWaitMax: time.Second,
		CheckRetry:   worthAnotherTry,
		Backoff: func(least, most time.Duration, attempt int, _ *http.Response) time.Duration {
			return min(least<<attempt, most)
		},
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
}

// worthAnotherTry is about this moment. Who says how long to wait is not asked
// again at once.
func worthAnotherTry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err != nil {
		kind, _ := unreached(err)
		return kind == Transient, nil
	}
	return resp.StatusCode >= 500 && resp.Header.Get("Retry-After") == "", nil
}

// Name is the one in the configuration.
func (s *STOW) Name() string { return s.name }

// Send posts the object: alone, so that the answer can be about nothing else, unless
// the registry takes several in a request.
func (s *STOW) Send(ctx context.Context, o Object) (Receipt, error) {
	if s.several != nil {
		return s.several.send(ctx, o)
	}
	return s.sendAlone(ctx, o)
}

func (s *STOW) sendAlone(ctx context.Context, o Object) (Receipt, error) {
	resp, answer, err := s.post(ctx, newBody(o.File), o.Facility)
	if err != nil {
		return Receipt{}, err
	}
	return s.judge(resp, answer, o.SOPInstanceUID)
}

// Check posts a request with no object in it: that tries the way, the
// certificate, the password and the path, and there is nothing to store.
func (s *STOW) Check(ctx context.Context) error {
	resp, _, err := s.post(ctx, newBody(), "check")
	if err != nil {
		return err
	}
	switch resp.StatusCode {
	// Refusing an empty request is the right of a registry that heard it.
	case http.StatusOK, http.StatusAccepted, http.StatusNoContent,
		http.StatusBadRequest, http.StatusConflict, http.StatusUnprocessableEntity:
		return nil
	}
	_, err = s.judge(resp, nil, "")
	return err
}

// post sends a body and reads the answer. A token that is refused is asked for
// anew, once.
func (s *STOW) post(ctx context.Context, b *body, facility string) (*http.Response, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	resp, answer, err := s.postOnce(ctx, b, facility)
	if err == nil && resp.StatusCode == http.StatusUnauthorized && s.signIn.forget() {
		return s.postOnce(ctx, b, facility)
	}
	return resp, answer, err
}

// postOnce sends a body and reads the answer. A part of an answer is none: then
// it is nil.
func (s *STOW) postOnce(ctx context.Context, b *body, facility string) (*http.Response, []byte, error) {
	req, err := s.request(ctx, b, facility)
	if err != nil {
		return nil, nil, err
	}
	resp, err := s.client.Do(req)
	if resp != nil {
		defer resp.Body.Close()
	}
	if err != nil {
		return nil, nil, s.lost(err)
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil || len(answer) > maxAnswer {
		answer = nil
	}
	return resp, answer, nil
}

// request makes the request: where it goes, who sends it, what it is.
func (s *STOW) request(ctx context.Context, b *body, facility string) (*retryablehttp.Request, error) {
	address, err := forFacility(s.url, facility, url.PathEscape)
	if err != nil {
		return nil, noFacility(s.name)
	}
	req, err := retryablehttp.NewRequestWithContext(ctx, http.MethodPost, address, b.reader())
	if err != nil {
		return nil, &Error{Op: s.says("the request cannot be made")}
	}
	for name, value := range s.headers {
		if value, err = forFacility(value, facility, func(f string) string { return f }); err != nil {
			return nil, noFacility(s.name)
		}
		req.Header.Set(name, value)
	}
	req.ContentLength = b.length()
	req.Header.Set("Content-Type", b.contentType())
	// PS3.18 10.5.2: the answer in JSON, which every version of the standard since 2017 knows.
	req.Header.Set("Accept", "application/dicom+json")
	if err := s.signIn.sign(ctx, req.Request); err != nil {
		return nil, s.lost(err)
	}
	return req, nil
}

func (s *STOW) says(words string) string { return "registry " + s.name + ": " + words }
