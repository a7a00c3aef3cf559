package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/dosegate/dosegate/plugin/config"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/metrics"
	"github.com/dosegate/dosegate/plugin/orthanc"
	"github.com/dosegate/dosegate/plugin/pipeline"
	"github.com/dosegate/dosegate/plugin/web"
)

// openPage begins to serve the page, with what it takes from here: it knows
// neither the configuration nor what de-identification does.
func (s *server) openPage(ctx context.Context, l *ledger.Ledger) (*web.Server, error) {
	c := s.config
	stations, err := watchStations(ctx, c, l)
	if err != nil {
		return nil, err
	}
	o := web.Options{
		Address: s.pageAddress(), Prefix: c.Web.Prefix, Hosts: c.Web.Hosts, UsersFile: c.Web.UsersFile, BehindTLS: c.Web.BehindTLS,
		Ledger: l, Stations: stations, Rules: func(list *filter.Stations) *filter.Filter { return newFilter(c, list) },
		Settings: pageSettings(c), Dictionary: pageDictionary(c), Contents: s.contents, Resend: s.resend,
		HoldFor: time.Duration(c.Holding.For), Version: version(), Doorbell: s.doorbell(),
	}
	s.look = newSurvey(c, l, stations)
	s.look.Gate = s.gate.Load
	o.Metrics = metrics.Handler(s.look, version(), s.log)
	for _, r := range c.Registries {
		o.Registries = append(o.Registries, web.Registry{Name: r.Name, Address: r.Where(), Inside: r.Inside,
			Test: func(ctx context.Context) []web.TestFinding { return wayTo(ctx, r, c.Orthanc) }})
	}
	for _, src := range c.Orthanc {
		one, err := pageSource(src)
		if err != nil {
			return nil, err
		}
		o.Sources = append(o.Sources, one)
	}
	page, err := web.Listen(o)
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	return page, nil
}

// pageAddress is where the page is, and what it says of the program's health.
func (s *server) pageAddress() web.Address {
	return web.Address{Listen: s.config.Web.Listen, CertificateFile: s.config.Web.CertificateFile, CertificateKey: s.config.Web.CertificateKeyFile,
		Health: s.health.get, Log: s.log}
}

// pageSource is an Orthanc as the page looks at it.
func pageSource(c config.Source) (web.Source, error) {
	src, err := newSource(c)
	if err != nil {
		return web.Source{}, usageError{err}
	}
	look := func(ctx context.Context) (string, error) {
		system, err := src.Client.System(ctx)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("Orthanc %s, AE title %s", system.Version, system.DicomAet), nil
	}
	structured := func(ctx context.Context, level, id string) ([]string, bool, error) {
		ids, err := src.Client.StructuredReports(ctx, level, id)
		if errors.Is(err, orthanc.ErrNotFound) {
			return nil, false, nil
		}
		return ids, err == nil, err
	}
	return web.Source{Name: c.Name, Archive: c.Role == config.Archive, BrowserURL: c.BrowserURL, Look: look, StructuredReports: structured}, nil
}

func pageSettings(c *config.Config) (all []web.Setting) {
	for _, s := range c.Settings() {
		all = append(all, web.Setting{Key: s.Key, Value: s.Value, Origin: s.Origin.String(), Secret: s.Secret})
	}
	return all
}

func pageDictionary(c *config.Config) web.Dictionary {
	policy := newPolicy(c)
	d := web.Dictionary{Class: policy.Class().Text, Warnings: []string{}}
	for _, w := range warnings(policy, c) {
		d.Warnings = append(d.Warnings, w.Text)
	}
	for _, e := range deid.Dictionary(policy) {
		d.Entries = append(d.Entries, web.DictionaryEntry{Tag: e.Tag, Code: e.Code, Scheme: e.Scheme, Name: e.Name, Type: e.Type, Unit: e.Unit,
			Templates: append([]string{}, e.Templates...), Action: string(e.Action), Leaves: e.Action.Leaves(), Details: e.Details, Reason: e.Reason})
	}
	return d
}

// handGate is the gate by which persons act on the page, with the stations list of
// the loops.
func (s *server) handGate(ctx context.Context, loops *pipeline.Gate, l *ledger.Ledger, ring *deid.Keyring) (*pipeline.Gate, error) {
	s.ring.Store(ring)
	hand, err := newGate(ctx, s.config, l, s.log, ring)
	if err != nil {
		return nil, err
	}
	hand.Stations = loops.Stations
	return hand, nil
}

// resend queues a report again, for somebody at the page.
func (s *server) resend(ctx context.Context, gate *pipeline.Gate, id, registry string, asNew bool, by string) error {
	o := &opened{config: s.config, ledger: gate.Ledger, gate: gate}
	return (&resender{opened: o, to: io.Discard, registry: registry, asNew: asNew, by: by}).resend(ctx, id)
}
