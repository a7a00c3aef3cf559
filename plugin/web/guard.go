package web

import (
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strings"
)

// policy is the Content-Security-Policy: everything comes from here, nothing is
// written into a page, and no other page shows ours in a frame.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guarded puts around a handler what holds for every request.
func (s *Server) guarded(next http.Handler) http.Handler {
	// Requests that change something must come from our own pages: Sec-Fetch-Site,
	// else Origin, must say so.
	origin := http.NewCrossOriginProtection()
	origin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.refuse(w, r, http.StatusForbidden, "The request comes from another page.")
	}))
	next = origin.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("Cache-Control", "no-store")
		if s.inSecret {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		if !s.knownHost(r.Host) {
			s.refuse(w, r, http.StatusMisdirectedRequest, "This name is not one of the page's: add it to web.hosts.")
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
		next.ServeHTTP(w, r)
	})
}

// knownHost refuses names that we do not know for ours: with DNS rebinding a
// foreign page gives its own name our address. An address in digits cannot be
// given to somebody else.
func (s *Server) knownHost(hostport string) bool {
	host := strings.ToLower(strings.TrimSuffix(hostOf(hostport), "."))
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	if host == "localhost" {
		return true
	}
	listens, _, _ := net.SplitHostPort(s.Listen)
	own, _ := os.Hostname()
	known := func(name string) bool { return name != "" && strings.EqualFold(name, host) }
	return known(listens) || known(own) || slices.ContainsFunc(s.Hosts, known)
}

// hostOf is a host without its port and brackets.
func hostOf(hostport string) string {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	return strings.Trim(host, "[]")
}

// fromThisMachine reports whether a request comes from this machine itself, and
// not through a proxy on it: where the configuration speaks of one, nobody can say.
func (s *Server) fromThisMachine(r *http.Request) bool {
	if s.BehindTLS || s.home("") != "" {
		return false
	}
	for _, header := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via"} {
		if r.Header.Get(header) != "" {
			return false
		}
	}
	host := hostOf(r.Host)
	named, err := netip.ParseAddr(host)
	return isLoopback(r.RemoteAddr) && (host == "localhost" || err == nil && named.IsLoopback())
}

func isLoopback(address string) bool {
	ip, err := netip.ParseAddr(hostOf(address))
	return err == nil && ip.Unmap().IsLoopback()
}
