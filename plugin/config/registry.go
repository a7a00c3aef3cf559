package config

import (
	"slices"
	"strings"
)

// Registry is one place that reports are delivered to. Of stow, dimse,
// orthanc_peer, sftp and folder it has one: that says of what kind it is.
type Registry struct {
	// Name tells the registries apart, in stations.yaml and in the ledger.
	Name string `koanf:"name"`

	// STOW is the STOW-RS address of a registry (PS3.18 10.5), ending in
	// /studies. In it, in headers, in sftp and in folder {facility} stands for
	// the facility of the report's station.
	STOW string `koanf:"stow"`

	// DIMSE is a DICOM node that takes C-STORE: the name that Orthanc's own
	// configuration has for it under DicomModalities. Orthanc sends it there,
	// with TLS where it is configured so.
	DIMSE string `koanf:"dimse"`

	// OrthancPeer is another Orthanc: its name under OrthancPeers.
	OrthancPeer string `koanf:"orthanc_peer"`

	// Via is the source whose Orthanc sends, for dimse and orthanc_peer. With one
	// source it is that one.
	Via string `koanf:"via"`

	// SFTP is a folder of a server that takes files by SFTP: sftp://host/folder.
	SFTP string `koanf:"sftp"`

	// Folder is a folder of this machine, for an air gap or for a program that
	// takes the files on.
	Folder string `koanf:"folder"`

	// Inside says that it is in the house: an RDIM, say. Its address must be of
	// this machine or of a private network, and a report goes there only where a
	// route or a station names it.
	Inside bool `koanf:"inside" default:"false"`

	// Deidentify is registry or strict (that profile instead of the one under
	// deidentify), or none: byte for byte what Orthanc holds, with all its
	// identifiers, for what is inside alone.
	Deidentify string `koanf:"deidentify"`

	// FacilityAttribute says where in the report itself the facility of its station
	// is written, for a registry that looks for it there: clinical_trial_site_id,
	// with the other attributes of the Clinical Trial Subject Module (PS3.3
	// C.7.1.3), whose sponsor is the registry's name here. Default: nowhere.
	FacilityAttribute string `koanf:"facility_attribute"`

	// AllowHTTP permits http to another machine, where everybody on the way can
	// read and change what is sent.
	AllowHTTP bool `koanf:"allow_http" default:"false"`

	// AtOnce is how many reports may be on their way to it.
	AtOnce int `koanf:"at_once" default:"4"`

	// PerRequest is how many reports one request may have, for stow: 1 is the safest,
	// since an answer can then be about nothing else. Those that wait at the same time
	// go together; one that is not clearly answered goes once more, alone.
	PerRequest int `koanf:"per_request" default:"1"`

	// PerMinute is how many deliveries may begin in a minute; 0: as many as there are.
	PerMinute int `koanf:"per_minute" default:"0"`

	// Username and Password are for HTTP basic authentication, and for sftp.
	Username string `koanf:"username"`
	Password Secret `koanf:"password"`

	// Token is a bearer token, instead of username and password.
	Token Secret `koanf:"token"`

	// OAuth2 says where tokens are had, instead of a token.
	OAuth2 OAuth2 `koanf:"oauth2"`

	// CertificateFile and CertificateKeyFile are what we show of ourselves to a
	// registry that asks for it (mutual TLS), in PEM. They are read again with
	// every connection.
	CertificateFile    string `koanf:"certificate_file"`
	CertificateKeyFile string `koanf:"certificate_key_file"`

	// CAFile holds the certificates, in PEM, of those who vouch for the registry.
	// Default: the system's.
	CAFile string `koanf:"ca_file"`

	// Proxy is http://host:port. Default: as HTTPS_PROXY and the like say.
	Proxy string `koanf:"proxy"`

	// Headers are further ones of HTTP, each as "Name: value".
	Headers []string `koanf:"headers"`

	// PrivateKey signs in to sftp, instead of the password: one of OpenSSH's
	// without a passphrase, best as private_key_file.
	PrivateKey Secret `koanf:"private_key"`

	// HostKey is that of the sftp server, as ssh-keyscan prints it behind the
	// name: "ssh-ed25519 AAAA…". Compare it with what its operator says.
	HostKey string `koanf:"host_key"`

	// DeliverAfter is how long after its reception a report is first sent: a
	// time span, or two such as 1d..7d, between which every patient has an own
	// one that nobody without the site key can guess. It is for modified dates,
	// which the moment of arrival would give away.
	DeliverAfter Delay `koanf:"deliver_after" default:"0s"`
}

// OAuth2 says where a bearer token is had for credentials of ours (RFC 6749 4.4).
type OAuth2 struct {
	// TokenURL is where it is asked for.
	TokenURL string `koanf:"token_url"`

	// ClientID and ClientSecret are those that the registry gave us.
	ClientID     string `koanf:"client_id"`
	ClientSecret Secret `koanf:"client_secret"`

	// Scopes are what it is asked for; none, where the registry knows itself.
	Scopes []string `koanf:"scopes"`
}

// PassThrough says whether the registry gets what Orthanc holds, as it is.
func (r Registry) PassThrough() bool { return r.Deidentify == "none" }

// Kind is which key says where the registry is.
func (r Registry) Kind() string {
	for _, k := range r.kinds() {
		if k.value != "" {
			return k.key
		}
	}
	return ""
}

// Where is what that key says, as it may be shown.
func (r Registry) Where() string {
	for _, k := range r.kinds() {
		if k.value != "" {
			return k.value
		}
	}
	return ""
}

type kindKey struct{ key, value string }

func (r Registry) kinds() []kindKey {
	return []kindKey{{"stow", r.STOW}, {"dimse", r.DIMSE}, {"orthanc_peer", r.OrthancPeer}, {"sftp", r.SFTP}, {"folder", r.Folder}}
}

// settle makes paths absolute.
func (r *Registry) settle(dir string) {
	for _, path := range []*string{&r.CertificateFile, &r.CertificateKeyFile, &r.CAFile, &r.Folder} {
		if *path != "" {
			*path = absolute(dir, *path)
		}
	}
}

func (k *checker) registry(r Registry) {
	at := "registries." + r.Name + "."
	given := slices.DeleteFunc(r.kinds(), func(k kindKey) bool { return k.value == "" })
	switch {
	case len(given) == 0:
		k.wrong(at+"stow", "must be given: the address of the registry (or dimse, orthanc_peer, sftp or folder)")
	case len(given) > 1:
		k.wrong(at+given[1].key, "must not be given beside %s: it is one registry or the other", given[0].key)
	}
	if r.STOW != "" {
		k.stow(at, r)
	}
	if r.DIMSE != "" || r.OrthancPeer != "" {
		k.via(at, r)
	}
	if r.AtOnce < 1 || r.AtOnce > 64 {
		k.wrong(at+"at_once", "must be from 1 to 64")
	}
	if r.PerRequest < 1 || r.PerRequest > 64 {
		k.wrong(at+"per_request", "must be from 1 to 64")
	}
	if r.PerMinute < 0 || r.PerMinute > 60_000 {
		k.wrong(at+"per_minute", "must be from 0 (as many as there are) to 60000")
	}
	k.deidentified(at, r)
	k.belongs(at, r)
	if r.SFTP == "" {
		k.login(at, r.Username, r.Password)
	}
}

func (k *checker) stow(at string, r Registry) {
	u, ok := k.url(at+"stow", strings.ReplaceAll(r.STOW, "{facility}", "facility"))
	if ok && u.Scheme == "http" && !r.AllowHTTP && !isLoopback(u.Hostname()) {
		k.wrong(at+"stow", "must be https: with http everybody on the way can read and change what is sent "+
			"(if that is acceptable, set allow_http: true)")
	}
	if ok && (u.RawQuery != "" || u.Fragment != "") {
		k.wrong(at+"stow", "must not have a query or fragment")
	}
	if (r.CertificateFile == "") != (r.CertificateKeyFile == "") {
		k.wrong(at+"certificate_file", "must be given with certificate_key_file")
	}
	for _, header := range r.Headers {
		if name, _, ok := strings.Cut(header, ":"); !ok || strings.TrimSpace(name) == "" {
			k.wrong(at+"headers", "must each be of the form Name: value")
		}
	}
	if o := r.OAuth2; o.TokenURL == "" && (o.ClientID != "" || o.ClientSecret.Reveal() != "") {
		k.wrong(at+"oauth2.token_url", "must be given with client_id and client_secret")
	} else if o.TokenURL != "" && (o.ClientID == "" || o.ClientSecret.Reveal() == "") {
		k.wrong(at+"oauth2.client_id", "must be given, and client_secret with it: best as client_secret_file")
	}
}

// via finds out whose Orthanc sends.
func (k *checker) via(at string, r Registry) {
	sources := k.sourceNames()
	switch {
	case r.Via == "" && len(sources) > 1:
		k.wrong(at+"via", "must be given, since there are several sources: the one whose Orthanc sends")
	case r.Via != "":
		k.oneOf(at+"via", r.Via, sources...)
	}
}

// deidentified notes what would let identity out.
func (k *checker) deidentified(at string, r Registry) {
	if r.Deidentify != "" {
		k.oneOf(at+"deidentify", r.Deidentify, "registry", "strict", "none")
	}
	if r.PassThrough() && !r.Inside {
		k.wrong(at+"deidentify", "must not be none: identifiers of patients stay in the house (if it is there, set inside: true)")
	}
	if r.FacilityAttribute != "" {
		k.oneOf(at+"facility_attribute", r.FacilityAttribute, "clinical_trial_site_id")
		if r.PassThrough() {
			k.wrong(at+"facility_attribute", "must not be given beside deidentify: none, which changes nothing of a report")
		}
	}
}

// belongs notes keys of another kind of registry.
func (k *checker) belongs(at string, r Registry) {
	kind := r.Kind()
	web := []string{"token", "oauth2.token_url", "certificate_file", "ca_file", "proxy", "headers", "allow_http", "per_request"}
	for key, kinds := range map[string][]string{"via": {"dimse", "orthanc_peer"}, "username": {"stow", "sftp"}, "password": {"stow", "sftp"},
		"private_key": {"sftp"}, "host_key": {"sftp"}} {
		if k.c.Origin(at+key).Place != FromDefault && !slices.Contains(kinds, kind) {
			k.wrong(at+key, "is not for a registry of the kind %s", kind)
		}
	}
	for _, key := range web {
		if k.c.Origin(at+key).Place != FromDefault && kind != "stow" {
			k.wrong(at+key, "is not for a registry of the kind %s", kind)
		}
	}
}

// HeaderMap are the headers by their names.
func (r Registry) HeaderMap() map[string]string {
	all := make(map[string]string)
	for _, header := range r.Headers {
		name, value, _ := strings.Cut(header, ":")
		all[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	return all
}
