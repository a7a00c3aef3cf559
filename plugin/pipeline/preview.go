package pipeline

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
)

// Move is what another stations list would do to the reports of a station.
type Move struct {
	Station    string    `json:"station"`
	Kind       string    `json:"kind"`
	Count      int       `json:"count"`
	Registries []string  `json:"registries"` // where they would go
	Reason     string    `json:"reason"`     // of the new verdict
	Oldest     time.Time `json:"oldest"`     // reception of the first of them
}

// Preview is what would change if another stations list came into force.
type Preview struct {
	Released []Move `json:"released"`  // held now, accepted then
	HeldBack []Move `json:"held_back"` // queued now, held then
	Unsure   int    `json:"unsure"`    // held reports that can only be decided on by a fetch
}

// Foresee decides on every report that waits or is queued by another stations
// list, and changes nothing. What the filter alone cannot release is left out.
func Foresee(ctx context.Context, l *ledger.Ledger, rules *filter.Filter, defaults []string) (Preview, error) {
	p := previewer{rules: rules, defaults: defaults, released: map[string]*Move{}, heldBack: map[string]*Move{}}
	err := everyReport(ctx, l.Held, p.held)
	if err == nil {
		err = everyReport(ctx, l.Waiting, p.queued)
	}
	return Preview{Released: p.moves(p.released), HeldBack: p.moves(p.heldBack), Unsure: p.unsure}, err
}

type previewer struct {
	rules              *filter.Filter
	defaults           []string
	released, heldBack map[string]*Move
	unsure             int
}

func (p *previewer) held(r ledger.Report) error {
	if waitsForPerson(r.ReasonCode) {
		return nil
	}
	in, ok := p.input(r)
	if !ok {
		p.unsure++
		return nil
	}
	if v := p.rules.Decide(in); v.Action == filter.Accept {
		p.add(p.released, r, v)
	}
	return nil
}

func (p *previewer) queued(r ledger.Report) error {
	in, ok := p.input(r)
	if !ok {
		return nil
	}
	if v := p.rules.Decide(in); v.Action != filter.Accept {
		p.add(p.heldBack, r, v)
	}
	return nil
}

func (p *previewer) input(r ledger.Report) (in filter.Input, ok bool) {
	if err := json.Unmarshal(r.Input, &in); err != nil {
		return in, false
	}
	return in, !p.rules.Stale(in)
}

func (p *previewer) add(to map[string]*Move, r ledger.Report, v filter.Verdict) {
	key := r.StationName + "\x00" + r.Kind
	m := to[key]
	if m == nil {
		m = &Move{Station: r.StationName, Kind: r.Kind, Reason: v.Reason, Oldest: r.ReceivedAt}
		if v.Action == filter.Accept {
			if m.Registries = v.Registries; m.Registries == nil {
				m.Registries = p.defaults
			}
		}
		to[key] = m
	}
	m.Count++
	if r.ReceivedAt.Before(m.Oldest) {
		m.Oldest = r.ReceivedAt
	}
}

func (p *previewer) moves(from map[string]*Move) []Move {
	all := []Move{}
	for _, m := range from {
		all = append(all, *m)
	}
	slices.SortFunc(all, func(a, b Move) int {
		return cmp.Or(b.Count-a.Count, strings.Compare(a.Station+a.Kind, b.Station+b.Kind))
	})
	return all
}
