package notify

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/surveytest"
)

const day = 24 * time.Hour

var aTuesday = time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)

// ear is a channel that hears, or is deaf.
type ear struct {
	mu   sync.Mutex
	deaf bool
	all  []Message
}

func (*ear) Name() string { return "ear" }

func (e *ear) Send(_ context.Context, m Message) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.deaf {
		return errors.New("deaf")
	}
	e.all = append(e.all, m)
	return nil
}

// house is an installation that tells.
type house struct {
	*surveytest.House
	ear    *ear
	weekly bool
	teller *teller
}

func newHouse(t *testing.T) *house {
	h := &house{House: surveytest.New(t, aTuesday), ear: &ear{}}
	h.start()
	return h
}

// start begins to tell, as after a start of serve.
func (h *house) start() { h.teller = newTeller(h.options(), h.ear) }

func (h *house) options() Options {
	return Options{Look: h.Look, Rules: Rules{Before: 3 * day, HoldFor: h.HoldFor, Since: h.Now()}, Weekly: h.weekly, Version: "test", Log: slog.New(slog.DiscardHandler)}
}

// told lets time pass, looks, and gives what was told.
func (h *house) told(after time.Duration) (all []Message) {
	h.T.Helper()
	h.Pass(after)
	before := len(h.ear.all)
	h.teller.turn(h.T.Context())
	return h.ear.all[before:]
}

// hears is told, with the kinds of what is new and of what is over.
func (h *house) hears(after time.Duration, news, over []Kind) (m Message) {
	h.T.Helper()
	all := h.told(after)
	if len(news)+len(over) == 0 {
		if len(all) > 0 {
			h.T.Errorf("after %s it told: %s", after, all[0].Text)
		}
		return m
	}
	if len(all) != 1 {
		h.T.Fatalf("after %s: %d messages", after, len(all))
	}
	slices.Sort(news)
	slices.Sort(over)
	if m = all[0]; !slices.Equal(kinds(m.New), news) || !slices.Equal(kinds(m.Over), over) {
		h.T.Fatalf("after %s it told %v, over %v, want %v, over %v:\n%s", after, kinds(m.New), kinds(m.Over), news, over, m.Text)
	}
	return m
}

func kinds(all []Condition) (list []Kind) {
	for _, c := range all {
		list = append(list, c.Kind)
	}
	slices.Sort(list)
	return list
}

func (h *house) contains(m Message, parts ...string) {
	h.T.Helper()
	for _, part := range parts {
		if !strings.Contains(m.Text, part) {
			h.T.Errorf("%q is not in\n%s", part, m.Text)
		}
	}
}
