package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/dosegate/dosegate/plugin/config"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/pipeline"
)

// serveShared runs until the context ends, with a ledger that several dosegates
// share: one leads, the others stand by.
func (s *server) serveShared(ctx context.Context) error {
	err := s.withLedger(ctx, s.awaitLedger, func(l *ledger.Ledger) error {
		m := member{s, memberName(s.config), l}
		return l.Lead(ctx, ledger.Member{Name: m.name, May: m.may, Run: m.lead, Stands: m.stands})
	})
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return nil
	}
	return err
}

// untilAsked is how long a ledger that is away is left alone.
const untilAsked = 2 * time.Second

// awaitLedger opens the ledger as soon as its server is there: after a power cut
// nobody says which machine comes back first.
func (s *server) awaitLedger(ctx context.Context, c *config.Config, o ledger.Options) (*ledger.Ledger, error) {
	for waits := false; ; waits = true {
		l, err := ledgerOf(ctx, c, o)
		if !errors.Is(err, ledger.ErrAway) {
			if waits && err == nil {
				s.log.Info("the ledger is there", "ledger", l.Name())
			}
			return l, err
		}
		s.health.set(false, "waits for the ledger: "+err.Error())
		if !waits {
			s.log.Error("the ledger is away: waiting for it", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(untilAsked):
		}
	}
}

// memberName tells the dosegates that share a ledger apart. It stays the same
// over a restart of the machine.
func memberName(c *config.Config) string {
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "unnamed"
	}
	return host + " (" + c.Web.Listen + ")"
}

// member is one of the dosegates that share a ledger.
type member struct {
	*server
	name   string
	ledger *ledger.Ledger
}

// lead is what the leader does.
func (m member) lead(ctx context.Context, led *ledger.Ledger) error {
	m.health.set(false, "has just taken the lead")
	m.log.Info("this dosegate leads", "member", m.name)
	defer m.health.set(false, "has just stopped leading")
	err := m.work(ctx, led, "ok: leads as "+m.name)
	if lost := context.Cause(ctx); errors.Is(lost, ledger.ErrFenced) {
		m.log.Error("this dosegate does not lead any more", "because", lost)
	}
	return err
}

// stands says, in the log and to whoever asks for health, why this member does
// not lead.
func (m member) stands(s ledger.Standing) {
	if s.Err != nil {
		m.health.set(false, "must not lead: "+s.Err.Error())
		m.log.Error("this dosegate cannot take the lead", "member", m.name, "leader", s.Leader, "because", s.Err)
		return
	}
	words := "stands by"
	if s.Leader != "" {
		words += ", " + s.Leader + " leads"
	}
	m.health.set(true, "ok: "+words)
	m.log.Info("this dosegate stands by", "member", m.name, "leader", s.Leader)
}

// may says why this member must not lead: another key would send every report as
// somebody else's, and another stations list would hold what is wanted, and
// delete it in the end. Only who led last may change the list while nobody leads.
func (m member) may(ctx context.Context, last ledger.Lease) error {
	known, err := knownKeys(ctx, m.ledger)
	if err != nil {
		return err
	}
	switch _, err := loadKeys(m.config.Deidentify.KeyFile, known); {
	case errors.Is(err, deid.ErrNoKey):
		return fmt.Errorf("there is no key file %s: make one with dosegate key new, and give every dosegate of this ledger the same",
			m.config.Deidentify.KeyFile)
	case err != nil:
		return err
	}
	if last.Leader == m.name {
		return nil
	}
	return m.sameStations(ctx)
}

// sameStations makes sure that our stations list is the one in force.
func (m member) sameStations(ctx context.Context) error {
	text, err := pipeline.LastGoodStations(ctx, m.ledger)
	if err != nil || len(text) == 0 {
		return err
	}
	own := filter.Watch(m.config.StationsFile, registryNames(m.config), nil)
	if own.Stations() == nil {
		return errors.New(own.Trouble())
	}
	inForce, err := filter.ParseStations(text, registryNames(m.config))
	if err != nil {
		return fmt.Errorf("the stations list in force does not fit this configuration: %w", err)
	}
	if have, want := own.Stations().Fingerprint(), inForce.Fingerprint(); have != want {
		return fmt.Errorf("its %s (fingerprint %.12s) is not the list in force (%.12s): bring it up to date, "+
			"or make it the list in force with dosegate stations --adopt", m.config.StationsFile, have, want)
	}
	return nil
}

// health is what a server says of itself.
type health struct {
	mu    sync.Mutex
	well  bool
	words string
}

func (h *health) set(well bool, words string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.well, h.words = well, words
}

func (h *health) get() (bool, string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.well, h.words
}
