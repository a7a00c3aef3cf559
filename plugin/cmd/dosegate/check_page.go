package main

import (
	"crypto/tls"
	"net"

	"github.com/dosegate/dosegate/plugin/config"
	"github.com/dosegate/dosegate/plugin/web"
)

// page warns of a web page that others can open, and listens to, more than they
// should.
func (f *findings) page(c *config.Config) {
	const what = "web page"
	users, err := web.ReadUsers(c.Web.UsersFile)
	switch {
	case err != nil:
		f.fail(what, err)
	case users == nil || len(users.Users) == 0:
		f.warn(what, "nobody may log in: a link in the log of serve sets the first operator's password, or run dosegate passwd")
	default:
		f.ok(what, "%d users, %d tokens", len(users.Users), len(users.Tokens))
	}
	if c.Web.CertificateFile != "" {
		if _, err := tls.LoadX509KeyPair(c.Web.CertificateFile, c.Web.CertificateKeyFile); err != nil {
			f.fail(what, err)
		}
	}
	host, _, err := net.SplitHostPort(c.Web.Listen)
	switch {
	case err == nil && loopback(host):
		f.ok(what, "%s, for this machine only", c.Web.Listen)
	case c.Web.CertificateFile == "" && !c.Web.BehindTLS:
		f.warn(what, "%s is open to the network without https: passwords can be read on the way", c.Web.Listen)
	default:
		f.ok(what, "%s, by https", c.Web.Listen)
	}
}
