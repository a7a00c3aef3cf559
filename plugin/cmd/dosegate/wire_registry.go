package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"github.com/dosegate/dosegate/plugin/config"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/orthanc"
	"github.com/dosegate/dosegate/plugin/pipeline"
	"github.com/dosegate/dosegate/plugin/registry"
)

// newRegistry maps one entry of registries. The sources are those whose Orthanc
// can send.
func newRegistry(c config.Registry, sources []config.Source) (registry.Registry, error) {
	switch c.Kind() {
	case "dimse", "orthanc_peer":
		return newForward(c, sources)
	case "sftp":
		return registry.NewSFTP(registry.SFTPOptions{Name: c.Name, Address: c.SFTP, Username: c.Username, Password: c.Password.Reveal(),
			PrivateKey: []byte(c.PrivateKey.Reveal()), HostKey: c.HostKey, Inside: c.Inside})
	case "folder":
		return registry.NewFolder(registry.FolderOptions{Name: c.Name, Dir: c.Folder})
	}
	return newSTOW(c)
}

func newSTOW(c config.Registry) (registry.Registry, error) {
	o, err := stowOptions(c)
	if err != nil {
		return nil, err
	}
	return registry.NewSTOW(o)
}

// stowOptions reads the certificates that a registry's configuration names.
func stowOptions(c config.Registry) (o registry.STOWOptions, err error) {
	o = registry.STOWOptions{Name: c.Name, URL: c.STOW, AllowHTTP: c.AllowHTTP, Inside: c.Inside,
		Username: c.Username, Password: c.Password.Reveal(), Token: c.Token.Reveal(),
		OAuth2: registry.OAuth2{TokenURL: c.OAuth2.TokenURL, ClientID: c.OAuth2.ClientID, ClientSecret: c.OAuth2.ClientSecret.Reveal(),
			Scopes: c.OAuth2.Scopes},
		Proxy: c.Proxy, Headers: c.HeaderMap(), PerRequest: c.PerRequest}
	if c.CertificateFile != "" {
		o.Certificate = func() (*tls.Certificate, error) {
			own, err := tls.LoadX509KeyPair(c.CertificateFile, c.CertificateKeyFile)
			return &own, err
		}
		if _, err := o.Certificate(); err != nil {
			return o, fmt.Errorf("registry %s: read certificate_file and certificate_key_file: %w", c.Name, err)
		}
	}
	if c.CAFile != "" {
		pem, err := os.ReadFile(c.CAFile)
		if err != nil {
			return o, fmt.Errorf("registry %s: read ca_file: %w", c.Name, err)
		}
		if o.RootCAs = x509.NewCertPool(); !o.RootCAs.AppendCertsFromPEM(pem) {
			return o, fmt.Errorf("registry %s: ca_file %s holds no certificate in PEM", c.Name, c.CAFile)
		}
	}
	return o, nil
}

// newForward is a registry that a source's Orthanc sends to.
func newForward(c config.Registry, sources []config.Source) (registry.Registry, error) {
	for _, s := range sources {
		if s.Name != cmp.Or(c.Via, sources[0].Name) {
			continue
		}
		client, err := newClient(s)
		if err != nil {
			return nil, err
		}
		to := client.Modality(c.DIMSE)
		if c.OrthancPeer != "" {
			to = client.Peer(c.OrthancPeer)
		}
		return registry.NewForward(registry.ForwardOptions{Name: c.Name, Inside: c.Inside, Via: forwarder{to}}), nil
	}
	return nil, fmt.Errorf("registry %s: no source is called %s", c.Name, c.Via) // config has checked it
}

// forwarder has Orthanc send, in the words of the registry package.
type forwarder struct{ to *orthanc.Destination }

func (f forwarder) Forward(ctx context.Context, file []byte) error {
	return forwardError(f.to.Send(ctx, file))
}

func (f forwarder) Reach(ctx context.Context) error { return forwardError(f.to.Reach(ctx)) }

func (f forwarder) Address(ctx context.Context) (string, error) {
	host, err := f.to.Host(ctx)
	return host, forwardError(err)
}

func forwardError(err error) error {
	if said, is := errors.AsType[*orthanc.TransferError](err); is {
		return &registry.ForwardError{Unknown: said.Unknown, Status: said.DIMSEStatus}
	}
	return err
}

// defaultRegistries are those that a report goes to whose station and routes
// say nothing: what is in the house is named, or gets nothing.
func defaultRegistries(c *config.Config) []string {
	names := []string{}
	for _, r := range c.Registries {
		if !r.Inside {
			names = append(names, r.Name)
		}
	}
	return names
}

func newRoutes(c *config.Config) []filter.Route {
	var all []filter.Route
	for _, r := range c.Routes {
		all = append(all, filter.Route{Kind: r.Kind, Template: r.Template, Source: r.Source, SenderAET: r.AET, Sender: r.Sender, Registries: r.Registries, Facility: r.Facility})
	}
	return all
}

func newSenders(c *config.Config) []filter.Sender {
	var all []filter.Sender
	for _, s := range c.Senders {
		all = append(all, filter.Sender{Name: s.Name, AET: s.AET, Called: s.Called, Origin: s.Origin, SourceNamed: s.Source})
	}
	return all
}

// newPreparations are those of registries that say themselves what they get.
func newPreparations(c *config.Config) map[string]pipeline.Preparation {
	all := make(map[string]pipeline.Preparation)
	common := newPolicy(c)
	for _, r := range c.Registries {
		p := common
		switch r.Deidentify {
		case "none":
			all[r.Name] = pipeline.Preparation{PassThrough: r.Inside} // config has checked that it is
			continue
		case "registry":
			p = deid.Registry
		case "strict":
			p = deid.Strict
		}
		if r.FacilityAttribute != "" {
			p.Sponsor = r.Name
		}
		if p != common {
			all[r.Name] = pipeline.Preparation{Deidentifier: deid.New(p)}
		}
	}
	return all
}
