package notify

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/dosegate/dosegate/plugin/survey"
)

// Channel is a way to tell.
type Channel interface {
	// Name is what the ledger keeps what was told under: mail or webhook.
	Name() string

	// Send is done when the message was taken. After an error it is sent again.
	Send(ctx context.Context, m Message) error
}

// Options say what is told to whom.
type Options struct {
	Look     survey.Options
	Rules    Rules
	Channels []Channel
	Weekly   bool
	Site     string // how messages call the installation
	Version  string
	Log      *slog.Logger
}

const (
	lookEvery   = time.Minute
	between     = 10 * time.Minute // messages: what happens meanwhile is told together
	sendTime    = time.Minute
	longestRest = time.Hour // after failures
)

// Run tells until the context ends, each channel by itself. Only the leader runs it.
func Run(ctx context.Context, o Options) {
	o.Rules.Since = o.Look.Now()
	var loops sync.WaitGroup
	for _, c := range o.Channels {
		loops.Go(func() { newTeller(o, c).run(ctx) })
	}
	loops.Wait()
}

// Present are the conditions that there are now.
func Present(ctx context.Context, o Options) ([]Condition, error) {
	o.Look.Soon = o.Rules.before()
	s, err := survey.Take(ctx, o.Look)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(o.Rules.conditions(s), func(c Condition) bool { return c.Count == 0 }), nil
}

// Test is a message that only shows that messages arrive.
func Test(o Options) Message {
	m := Message{Site: o.Site, Version: o.Version, At: o.Look.Now().UTC(), New: []Condition{}, Over: []Condition{}}
	m.write()
	return m
}

// teller tells by one channel.
type teller struct {
	Options
	channel  Channel
	memory   *memory   // nil before it was recalled
	failures int       // in a row
	rests    time.Time // until then, after a failure
	blind    bool      // how everything is cannot be seen
}

func newTeller(o Options, c Channel) *teller {
	o.Look.Soon = o.Rules.before()
	return &teller{Options: o, channel: c}
}

func (t *teller) run(ctx context.Context) {
	every := time.NewTicker(lookEvery)
	defer every.Stop()
	for {
		t.turn(ctx)
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
	}
}

// turn looks, and tells what is to be told.
func (t *teller) turn(ctx context.Context) {
	if t.Look.Now().Before(t.rests) {
		return
	}
	s, err := t.look(ctx)
	if err != nil {
		if ctx.Err() == nil && !t.blind {
			t.Log.Warn("cannot look for what to tell, trying on", "channel", t.channel.Name(), "error", err)
		}
		t.blind = true
		return
	}
	t.blind = false
	news, over, next := t.memory.compare(t.Rules.conditions(s), s.At)
	m := Message{Site: t.Site, Version: t.Version, At: s.At.UTC(), New: append([]Condition{}, news...), Over: append([]Condition{}, overs(over, s)...)}
	next.Week = weekOf(s.At)
	if t.Weekly && t.memory.Week != "" && t.memory.Week != next.Week {
		m.Summary = summary(s)
	}
	if len(m.New)+len(m.Over)+len(m.Summary) > 0 {
		t.tell(ctx, m, next)
	} else if t.memory.differs(next) {
		t.remember(ctx, next)
	}
}

// look surveys, with the memory at hand.
func (t *teller) look(ctx context.Context) (*survey.Survey, error) {
	if t.memory == nil {
		m, err := recall(ctx, t.Look.Ledger, t.channel.Name())
		if err != nil {
			return nil, err
		}
		t.memory = &m
	}
	return survey.Take(ctx, t.Look)
}

// tell sends a message, unless one has just been sent. Before, the memory is written
// as it is: who does not lead any more cannot, and does not tell.
func (t *teller) tell(ctx context.Context, m Message, next memory) {
	if m.At.Sub(t.memory.Last) < between && !m.At.Before(t.memory.Last) {
		return
	}
	if err := t.memory.keep(ctx, t.Look.Ledger, t.channel.Name()); err != nil {
		if ctx.Err() == nil {
			t.Log.Warn("cannot note what is told, trying later", "channel", t.channel.Name(), "error", err)
		}
		return
	}
	m.write()
	sending, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	if err := t.channel.Send(sending, m); err != nil {
		t.failed(ctx, err)
		return
	}
	if t.failures > 0 {
		t.Log.Info("messages are taken again", "channel", t.channel.Name())
	}
	t.failures, t.rests = 0, time.Time{}
	next.Last = m.At
	t.Log.Info("told", "channel", t.channel.Name(), "new", len(m.New), "over", len(m.Over), "weekly", len(m.Summary) > 0)
	t.remember(ctx, next)
}

// failed rests for longer and longer. It is logged once.
func (t *teller) failed(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	if t.failures == 0 {
		t.Log.Error("cannot tell, trying on", "channel", t.channel.Name(), "error", err)
	}
	t.rests = t.Look.Now().Add(min(lookEvery<<min(t.failures, 10), longestRest))
	t.failures++
}

// remember keeps what was told. What the ledger does not take is kept here, so that
// nothing is told twice by this process, and written with the next message.
func (t *teller) remember(ctx context.Context, next memory) {
	t.memory = &next
	keeping, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTime)
	defer cancel()
	if err := next.keep(keeping, t.Look.Ledger, t.channel.Name()); err != nil {
		t.Log.Error("cannot keep what was told: it may be told again", "channel", t.channel.Name(), "error", err)
	}
}
