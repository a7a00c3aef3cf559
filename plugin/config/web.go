package config

import (
	"net"
	"path"
	"strings"
)

func (k *checker) web(w Web) {
	if _, port, err := net.SplitHostPort(w.Listen); err != nil || !isPort(port) {
		k.wrong("web.listen", "%q must be host:port, such as 127.0.0.1:8480", w.Listen)
	}
	if w.Prefix != "" && (path.Clean(w.Prefix) != w.Prefix || w.Prefix == "/" || !strings.HasPrefix(w.Prefix, "/") || strings.ContainsAny(w.Prefix, " ?#%\"<>")) {
		k.wrong("web.prefix", "%q must be a path such as /dosegate, without a slash at its end", w.Prefix)
	}
	for _, host := range w.Hosts {
		if host == "" || strings.ContainsAny(host, "/:* ") {
			k.wrong("web.hosts", "%q must be the name of a host, such as dose.example, without scheme and port", host)
		}
	}
	if (w.CertificateFile == "") != (w.CertificateKeyFile == "") {
		k.wrong("web.certificate_file", "and certificate_key_file must be given together")
	}
}
