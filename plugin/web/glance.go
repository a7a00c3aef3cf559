package web

import (
	"context"
	"sync"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/rhythm"
)

// glance is what several pages read of the ledger, as of one version of it. It is
// read once for all who look while nothing changes.
type glance struct {
	daily []ledger.DayCount // of the shown days
	known []ledger.Station
	waits []Wait
}

// glances keeps the last one.
type glances struct {
	mu   sync.Mutex
	asOf string
	last *glance
}

// glance reads the ledger, unless it is still as it was.
func (s *Server) glance(ctx context.Context) (*glance, error) {
	s.glances.mu.Lock()
	defer s.glances.mu.Unlock()
	first := rhythm.First(s.Now())
	version, err := s.Ledger.Version(ctx)
	if err != nil {
		return nil, err
	}
	if version += first.Format(time.DateOnly); version == s.glances.asOf {
		return s.glances.last, nil
	}
	g := &glance{}
	if g.daily, err = s.Ledger.Daily(ctx, first); err != nil {
		return nil, err
	}
	if g.known, err = s.Ledger.Stations(ctx); err != nil {
		return nil, err
	}
	if g.waits, err = s.waits(ctx); err != nil {
		return nil, err
	}
	s.glances.asOf, s.glances.last = version, g
	return g, nil
}
