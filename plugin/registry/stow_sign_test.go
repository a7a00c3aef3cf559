package registry

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// guarded is a registry that takes what comes with a token that still counts,
// and the place where tokens are had.
type guarded struct {
	*httptest.Server
	issued, stored atomic.Int64
	refuses        atomic.Int64 // status of the place for tokens; 0: it gives them
}

func newGuarded(t *testing.T) *guarded {
	g := &guarded{}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			id, secret, _ := r.BasicAuth()
			if status := g.refuses.Load(); status != 0 || id != "site-1" || secret != "secret" || r.FormValue("grant_type") != "client_credentials" {
				w.WriteHeader(int(max(status, 401)))
				_, _ = io.WriteString(w, marker)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"access_token":"token-%d","token_type":"Bearer","expires_in":3600}`, g.issued.Add(1))
			return
		}
		uids, _ := receive(t, r)
		if r.Header.Get("Authorization") != fmt.Sprintf("Bearer token-%d", g.issued.Load()) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		g.stored.Add(1)
		writeResponse(w, strings.Join(uids, ""))
	}))
	t.Cleanup(g.Close)
	return g
}

func (g *guarded) registry(t *testing.T) *STOW {
	return mustSTOW(t, STOWOptions{URL: g.URL + "/studies", OAuth2: OAuth2{TokenURL: g.URL + "/token", ClientID: "site-1", ClientSecret: "secret"}})
}

func TestATokenIsKeptAndHadAnewWhenItIsRefused(t *testing.T) {
	g := newGuarded(t)
	r := g.registry(t)
	for range 3 {
		if _, err := r.Send(t.Context(), doseReport(t)); err != nil {
			t.Fatal(err)
		}
	}
	if got := g.issued.Load(); got != 1 {
		t.Errorf("%d tokens were asked for", got)
	}
	g.issued.Add(1) // the one that we have is taken back
	if _, err := r.Send(t.Context(), doseReport(t)); err != nil {
		t.Fatal(err)
	}
	if got := g.stored.Load(); got != 4 {
		t.Errorf("%d reports arrived, want 4", got)
	}
}

func TestAPlaceForTokensThatRefusesUsPausesTheRegistryAndOneThatIsDownDoesNot(t *testing.T) {
	g := newGuarded(t)
	for status, want := range map[int64]Kind{400: Paused, 401: Paused, 403: Paused, 429: Transient, 500: Transient, 503: Transient} {
		g.refuses.Store(status)
		_, err := g.registry(t).Send(t.Context(), doseReport(t))
		mustFail(t, err, want)
	}
}

func TestABearerTokenAndHeadersGoWithTheReport(t *testing.T) {
	var seen http.Header
	path := ""
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		uids, _ := receive(t, r)
		seen, path = r.Header, r.URL.EscapedPath()
		writeResponse(w, strings.Join(uids, ""))
	}))
	defer srv.Close()
	r := mustSTOW(t, STOWOptions{URL: srv.URL + "/site/{facility}/studies", Token: "secret", Headers: map[string]string{"X-Site": "site {facility}"}})
	o := doseReport(t)
	_, err := r.Send(t.Context(), o)
	mustFail(t, err, Transient) // no facility is known
	o.Facility = "100001"
	if _, err := r.Send(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if seen.Get("Authorization") != "Bearer secret" || seen.Get("X-Site") != "site 100001" || path != "/site/100001/studies" {
		t.Errorf("came as %q, %q, %q", seen.Get("Authorization"), seen.Get("X-Site"), path)
	}
}

func TestOptionsThatContradictThemselvesAreRefused(t *testing.T) {
	for name, o := range map[string]STOWOptions{
		"two ways to sign in":   {Username: "site", Token: "secret"},
		"a token's place, http": {OAuth2: OAuth2{TokenURL: "http://registry.example/token"}},
		"a header of ours":      {Headers: map[string]string{"content-type": "text/plain"}},
		"a header of two lines": {Headers: map[string]string{"X-Site": "a\r\nHost: b"}},
		"a proxy's password":    {Proxy: "http://site:secret@proxy.example:3128"},
	} {
		o.Name, o.URL = "dir", "https://registry.example/studies"
		if _, err := NewSTOW(o); err == nil {
			t.Errorf("%s is taken", name)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %q says it", name, err)
		}
	}
}

// Mutual TLS: the registry asks who we are, over HTTP/2.
func TestACertificateOfOursIsShownAndOneThatWasRenewedCounts(t *testing.T) {
	ours := newCertificate(t)
	pool := x509.NewCertPool()
	pool.AddCert(ours.Leaf)
	protocol := ""
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		uids, _ := receive(t, r)
		protocol = r.Proto
		writeResponse(w, strings.Join(uids, ""))
	}))
	srv.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool}
	srv.EnableHTTP2 = true
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	defer srv.Close()
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	shown := newCertificate(t)
	r := mustSTOW(t, STOWOptions{URL: srv.URL + "/studies", RootCAs: roots, Certificate: func() (*tls.Certificate, error) { return shown, nil }})
	_, err := r.Send(t.Context(), doseReport(t))
	mustFail(t, err, Paused)
	shown = ours
	if _, err := r.Send(t.Context(), doseReport(t)); err != nil {
		t.Fatal(err)
	}
	if protocol != "HTTP/2.0" {
		t.Errorf("it came by %s", protocol)
	}
}

func newCertificate(t *testing.T) *tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "site-1"}, NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(t, err)
	leaf, err := x509.ParseCertificate(der)
	must(t, err)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}
