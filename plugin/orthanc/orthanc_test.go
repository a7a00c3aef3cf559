package orthanc

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/orthanctest"
)

// newClient makes a client of a running Orthanc, or of what stands before it.
func newClient(t *testing.T, url, password string) *Client {
	t.Helper()
	c, err := New(Options{Name: "main", URL: url, Username: orthanctest.Username, Password: password, Timeout: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func gateway(t *testing.T, overlay map[string]any) (*orthanctest.Orthanc, *Client) {
	t.Helper()
	o := orthanctest.Start(t, orthanctest.Options{Config: "gateway.json", Overlay: overlay})
	return o, newClient(t, o.URL, o.Password)
}

// behind puts a proxy before a real Orthanc. It answers itself where fault
// returns true, for what a healthy Orthanc will not do on demand.
func behind(t *testing.T, o *orthanctest.Orthanc, fault func(http.ResponseWriter, *http.Request) bool) *Client {
	t.Helper()
	target, err := url.Parse(o.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !fault(w, r) {
			proxy.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(srv.Close)
	return newClient(t, srv.URL, o.Password)
}

func TestURLThatCannotBeAskedIsRefusedWithoutBeingQuoted(t *testing.T) {
	for _, bad := range []string{"", "orthanc:8042", "ftp://orthanc", "http://", "http://ida:secret@orthanc", "http://orthanc/?secret=1", "http://orth\x00secret"} {
		_, err := New(Options{Name: "main", URL: bad})
		if err == nil {
			t.Errorf("%q was taken", bad)
			continue
		}
		mustName(t, err, "source main")
		mustNotName(t, err, "secret")
	}
}

func TestURLMayHaveAPathAndASlash(t *testing.T) {
	for in, want := range map[string]string{
		"http://orthanc:8042":      "http://orthanc:8042",
		"http://orthanc:8042/":     "http://orthanc:8042",
		"https://pacs/orthanc/api": "https://pacs/orthanc/api",
	} {
		c, err := New(Options{URL: in})
		if err != nil || c.base != want {
			t.Errorf("%s: asks under %q, want %q (%v)", in, c.base, want, err)
		}
	}
}

func TestSystemSaysWhatTheVersionKnows(t *testing.T) {
	t.Parallel()
	_, c := gateway(t, nil)
	s, err := c.System(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s.Version == "" || s.APIVersion == 0 || s.DicomAet != "DOSEGATE" || s.OverwriteInstances || s.MaximumStorageSize != 0 {
		t.Errorf("got %+v", s)
	}
	_, err = c.Labels(t.Context(), "no-such-study")
	if !errors.Is(err, ErrNotFound) {
		t.Errorf("labels of no study: %v", err)
	}
}

// The host's time zone must not move a report's reception.
func TestDatesAreUTCWhateverTheTimeZone(t *testing.T) {
	t.Parallel()
	o := orthanctest.Start(t, orthanctest.Options{Env: []string{"TZ=Pacific/Auckland"}})
	c := newClient(t, o.URL, o.Password)
	before := time.Now().Truncate(time.Second)
	id := o.Store(t, orthanctest.DoseReport(t, orthanctest.Report{}))[0]
	now, err := c.Now(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	received, err := c.Received(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	page, err := c.Changes(t.Context(), 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	after := time.Now()
	for what, at := range map[string]time.Time{"clock": now, "reception": received.ReceptionDate, "change": page.Changes[0].Date} {
		if at.Before(before) || at.After(after) {
			t.Errorf("the %s says %s, not between %s and %s", what, at, before.UTC(), after.UTC())
		}
	}
}

func TestWrongPasswordIsSaidAndNotQuoted(t *testing.T) {
	t.Parallel()
	o, _ := gateway(t, nil)
	_, err := newClient(t, o.URL, "wr0ng").System(t.Context())
	if err == nil {
		t.Fatal("a wrong password was taken")
	}
	mustName(t, err, "password is wrong")
	mustNotName(t, err, "wr0ng", o.URL)
}

func TestOrthancThatIsDownIsAnErrorAndComesBack(t *testing.T) {
	t.Parallel()
	o, c := gateway(t, nil)
	id := o.Store(t, orthanctest.DoseReport(t, orthanctest.Report{}))[0]
	if _, err := c.System(t.Context()); err != nil { // leaves a connection that is about to break
		t.Fatal(err)
	}
	o.Kill(t)
	if _, err := c.Received(t.Context(), id); err == nil || errors.Is(err, ErrNotFound) {
		t.Errorf("Orthanc is down, and reading gives %v", err)
	}
	if err := c.DeleteInstance(t.Context(), id); err == nil || errors.Is(err, ErrNotFound) {
		t.Errorf("Orthanc is down, and deleting gives %v", err)
	}
	o.Restart(t)
	if _, err := c.Received(t.Context(), id); err != nil {
		t.Errorf("Orthanc is back, and reading gives %v", err)
	}
}
