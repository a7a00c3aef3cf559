package web

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// SourceState is how an Orthanc is.
type SourceState struct {
	Name      string     `json:"name"`
	Role      string     `json:"role"` // gateway or archive
	Well      bool       `json:"well"`
	Words     string     `json:"words"`      // what it said of itself, or what is wrong
	CheckedAt *time.Time `json:"checked_at"` // null before the first look
}

const (
	lookEvery = 15 * time.Second
	lookTime  = 5 * time.Second
)

// monitor looks at every Orthanc from time to time.
type monitor struct {
	sources []Source

	mu    sync.Mutex
	found []SourceState
}

func (m *monitor) run(ctx context.Context) {
	every := time.NewTicker(lookEvery)
	defer every.Stop()
	for {
		var all sync.WaitGroup
		for i := range m.sources {
			all.Go(func() { m.look(ctx, i) })
		}
		all.Wait()
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
	}
}

func (m *monitor) look(ctx context.Context, i int) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	words, err := m.sources[i].Look(ctx)
	if err != nil {
		words = err.Error()
	}
	now := time.Now()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.found[i] = SourceState{Well: err == nil, Words: words, CheckedAt: when(now)}
}

// states are how all are, in the order of the configuration.
func (m *monitor) states() []SourceState {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := make([]SourceState, len(m.sources))
	for i, s := range m.sources {
		all[i] = m.found[i]
		all[i].Name, all[i].Role = s.Name, "gateway"
		if s.Archive {
			all[i].Role = "archive"
		}
		if all[i].CheckedAt == nil {
			all[i].Words = "not looked at yet"
		}
	}
	return all
}

// version changes when one of them does.
func (m *monitor) version() (text string) {
	for _, s := range m.states() {
		text += fmt.Sprint(s.Well)[:1]
	}
	return text
}
