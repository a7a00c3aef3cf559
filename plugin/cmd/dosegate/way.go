package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/dosegate/dosegate/plugin/config"
	"github.com/dosegate/dosegate/plugin/registry"
	"github.com/dosegate/dosegate/plugin/web"
)

// wayTo tries the way to a registry step by step, and stops at the first that
// fails: its name, the connection, its certificate, and whether it takes reports
// from us.
func wayTo(ctx context.Context, c config.Registry, sources []config.Source) []web.TestFinding {
	w := &way{ctx: ctx}
	if c.STOW == "" {
		w.answer(c, sources, "Answer of "+c.Kind())
		return w.found
	}
	w.toSTOW(c)
	if w.well() {
		w.answer(c, sources, "Login and STOW-RS")
	}
	return w.found
}

// toSTOW tries the way as far as the registry's door. Where a proxy leads there the
// way is only known as far as that.
func (w *way) toSTOW(c config.Registry) {
	o, err := stowOptions(c)
	u, host, port, addressErr := hostOf(strings.ReplaceAll(c.STOW, "{facility}", "facility"))
	if w.step("Address", errors.Join(addressErr, err), "%s", c.STOW); !w.well() {
		return
	}
	proxy, err := proxyTo(u, o)
	if proxy != nil || err != nil {
		if w.step("Proxy", err, "%s leads there", proxy.Redacted()); w.well() {
			w.name(proxy.Hostname())
			w.connection(net.JoinHostPort(proxy.Hostname(), cmp.Or(proxy.Port(), "80")))
		}
		return
	}
	w.name(host)
	w.connection(net.JoinHostPort(host, port))
	if w.well() && u.Scheme == "https" {
		w.certificate(host, port, o.RootCAs)
	}
}

// proxyTo is the proxy by which a registry is reached, nil where there is none.
func proxyTo(u *url.URL, o registry.STOWOptions) (*url.URL, error) {
	switch {
	case o.Inside:
		return nil, nil
	case o.Proxy != "":
		return url.Parse(o.Proxy)
	}
	return http.ProxyFromEnvironment(&http.Request{URL: u})
}

// answer asks the registry itself.
func (w *way) answer(c config.Registry, sources []config.Source, step string) {
	to, err := newRegistry(c, sources)
	if err == nil {
		err = to.Check(w.ctx)
	}
	w.step(step, err, "it answers, and takes reports there")
}

type way struct {
	ctx   context.Context
	found []web.TestFinding
}

func (w *way) well() bool { return len(w.found) == 0 || w.found[len(w.found)-1].Well }

func (w *way) step(name string, err error, words string, args ...any) {
	f := web.TestFinding{Step: name, Well: err == nil, Words: fmt.Sprintf(words, args...)}
	if err != nil {
		f.Words = err.Error()
	}
	w.found = append(w.found, f)
}

func (w *way) name(host string) {
	if !w.well() || net.ParseIP(host) != nil {
		return
	}
	addresses, err := net.DefaultResolver.LookupHost(w.ctx, host)
	var unknown *net.DNSError
	if errors.As(err, &unknown) {
		err = fmt.Errorf("the name %s cannot be resolved: is it right, and does this machine know a name server?", host)
	}
	w.step("Name (DNS)", err, "%s is %s", host, enumerate(addresses))
}

func (w *way) connection(address string) {
	if !w.well() {
		return
	}
	began := time.Now()
	conn, err := (&net.Dialer{}).DialContext(w.ctx, "tcp", address)
	if err != nil {
		err = fmt.Errorf("nothing answers at %s: is the registry up, and does the firewall let this machine out to it?", address)
	} else {
		conn.Close()
	}
	w.step("Connection", err, "%s answers, in %s", address, time.Since(began).Round(time.Millisecond))
}

func (w *way) certificate(host, port string, roots *x509.CertPool) {
	dialer := &tls.Dialer{Config: &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12, RootCAs: roots}}
	conn, err := dialer.DialContext(w.ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		w.step("Certificate (TLS)", fmt.Errorf("no secure connection: %w", err), "")
		return
	}
	defer conn.Close()
	state := conn.(*tls.Conn).ConnectionState()
	w.step("Certificate (TLS)", nil, "%s, valid until %s", tls.VersionName(state.Version), state.PeerCertificates[0].NotAfter.Format(time.DateOnly))
}

// hostOf is the host and port of a registry's address.
func hostOf(address string) (u *url.URL, host, port string, err error) {
	if u, err = url.Parse(address); err != nil {
		return nil, "", "", fmt.Errorf("read the address: %w", err)
	}
	if port = u.Port(); port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	return u, u.Hostname(), port, nil
}
