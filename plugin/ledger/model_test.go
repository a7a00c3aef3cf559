package ledger_test

import (
	"slices"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
)

// model is the ledger as simple as it can be said: states in maps.
type model struct {
	seq        map[string]int64
	state      map[string]ledger.State
	until      map[string]time.Time
	deliveries map[string]map[string]ledger.State
	cleared    map[string]bool
}

// queued says whether something of the report is still to be sent.
func (m *model) queued(id string) bool {
	for _, s := range m.deliveries[id] {
		if s == ledger.Queued {
			return true
		}
	}
	return false
}

// waits says whether the report may be held or withdrawn.
func (m *model) waits(id string) bool {
	return m.state[id] == ledger.Held || m.state[id] == ledger.Accepted && m.queued(id)
}

func (m *model) record(s ledger.Seen) {
	id := s.OrthancID
	was := m.state[id]
	if s.Seq <= m.seq[id] {
		return
	}
	m.seq[id] = s.Seq
	delete(m.cleared, id)
	if was == ledger.Held || was == ledger.Accepted {
		return // the content is always the same here
	}
	if m.deliveries[id] == nil {
		m.deliveries[id] = map[string]ledger.State{}
	}
	m.offerAgain(id)
	m.open(id, s)
}

// offerAgain queues what was rejected.
func (m *model) offerAgain(id string) {
	for registry, d := range m.deliveries[id] {
		if d == ledger.Rejected {
			m.deliveries[id][registry] = ledger.Queued
		}
	}
}

func (m *model) open(id string, s ledger.Seen) {
	if s.State == ledger.Held {
		m.state[id], m.until[id] = ledger.Held, s.HeldUntil
		return
	}
	m.accept(id, s.Registries)
}

func (m *model) accept(id string, registries []string) {
	m.state[id] = ledger.Accepted
	for registry, d := range m.deliveries[id] {
		if d == ledger.Queued && !slices.Contains(registries, registry) {
			delete(m.deliveries[id], registry)
		}
	}
	for _, registry := range registries {
		if m.deliveries[id][registry] == ledger.None {
			m.deliveries[id][registry] = ledger.Queued
		}
	}
}

// done says whether the report lies there for nobody any more.
func (m *model) done(id string) bool {
	for _, s := range m.deliveries[id] {
		if s != ledger.Delivered {
			return false
		}
	}
	return m.state[id] == ledger.Accepted && !m.cleared[id]
}
