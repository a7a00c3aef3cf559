package ledger_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dosegate/dosegate/plugin/ledger"
)

// history drives a ledger and its model side by side.
type history struct {
	t     *rapid.T
	l     *ledger.Ledger
	clock *clock
	model *model
	ids   map[string]string // of the ledger, by Orthanc ID
	seq   int64

	source     string // of this history alone, as its registries are
	registries []string
}

var orthancNames = []string{"one", "two", "three"}

// TestTheLedgerAgreesWithASimpleModel lets random histories run on both, and
// looks after every step.
func TestTheLedgerAgreesWithASimpleModel(t *testing.T) { onBoth(t, agreesWithModel) }

func agreesWithModel(t *testing.T, newBook maker) {
	b := newBook(t)
	c, l := b.clock, b.Ledger
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++ // all histories are in one ledger, each with names of its own
		h := &history{t: rt, l: l, clock: c, ids: map[string]string{}, source: fmt.Sprint("source", round),
			registries: []string{fmt.Sprint("dir", round), fmt.Sprint("research", round)},
			model:      &model{map[string]int64{}, map[string]ledger.State{}, map[string]time.Time{}, map[string]map[string]ledger.State{}, map[string]bool{}}}
		rt.Repeat(map[string]func(*rapid.T){
			"record":    h.record,
			"hold":      h.hold,
			"accept":    h.accept,
			"reopen":    h.reopen,
			"give up":   h.giveUp,
			"delivered": h.delivered,
			"failed":    h.failed,
			"resend":    h.resend,
			"clear":     h.clear,
			"time":      h.jump,
			"":          h.check,
		})
	})
	mustCountRight(t, l)
}

func (h *history) record(t *rapid.T) {
	seq := rapid.Int64Range(max(1, h.seq-1), h.seq+2).Draw(t, "seq")
	h.seq = max(h.seq, seq)
	s := ledger.Seen{Report: ledger.Report{OrthancID: rapid.SampledFrom(orthancNames).Draw(t, "report"), Seq: seq, Digest: "d1",
		State: rapid.SampledFrom([]ledger.State{ledger.Held, ledger.Accepted}).Draw(t, "verdict")}}
	if s.State == ledger.Accepted {
		s.Registries = h.routes(t)
	} else if rapid.Bool().Draw(t, "expires") {
		s.HeldUntil = h.clock.now().Add(fortnight)
	}
	if err := h.l.Record(ctx, h.source, ledger.Page{Seq: seq, Reports: []ledger.Seen{s}}); err != nil {
		t.Fatal(err)
	}
	h.model.record(s)
	r, _, err := h.l.Lookup(ctx, h.source, s.OrthancID)
	if err != nil {
		t.Fatal(err)
	}
	h.ids[s.OrthancID] = r.ID
}

func (h *history) routes(t *rapid.T) []string {
	return rapid.SampledFrom([][]string{h.registries[:1], h.registries[1:], h.registries}).Draw(t, "registries")
}

// known picks a report that was recorded.
func (h *history) known(t *rapid.T) (name, id string) {
	name = rapid.SampledFrom(orthancNames).Draw(t, "report")
	if h.ids[name] == "" {
		t.Skip("not recorded yet")
	}
	return name, h.ids[name]
}

// expect compares whether an operation was taken with whether it should be.
func expect(t *rapid.T, err error, legal bool) {
	refused := errors.Is(err, ledger.ErrConflict) || errors.Is(err, ledger.ErrNotFound)
	if legal && err != nil || !legal && !refused {
		t.Fatalf("error %v, should be legal: %v", err, legal)
	}
}

func (h *history) hold(t *rapid.T) {
	name, id := h.known(t)
	legal := h.model.waits(name)
	expect(t, h.l.Hold(ctx, id, paused, time.Time{}, ledger.BySweep), legal)
	if legal {
		h.model.state[name], h.model.until[name] = ledger.Held, time.Time{}
	}
}

func (h *history) accept(t *rapid.T) {
	name, id := h.known(t)
	registries := h.routes(t)
	legal := h.model.state[name] == ledger.Held || h.model.state[name] == ledger.Accepted && !h.model.cleared[name]
	expect(t, h.l.Accept(ctx, id, configured, registries, ledger.BySweep), legal)
	if legal {
		h.model.accept(name, registries)
	}
}

// reopen has a person decide again; the content is always the same here.
func (h *history) reopen(t *rapid.T) {
	name, id := h.known(t)
	s := ledger.Seen{Report: ledger.Report{ID: id, Seq: h.model.seq[name], Digest: "d1",
		State: rapid.SampledFrom([]ledger.State{ledger.Held, ledger.Accepted}).Draw(t, "verdict")}, Registries: h.routes(t)}
	was := h.model.state[name]
	legal := was == ledger.Held || was == ledger.Expired
	expect(t, h.l.Reopen(ctx, s, "person:release"), legal)
	if !legal {
		return
	}
	if was == ledger.Expired {
		h.model.offerAgain(name)
	}
	h.model.open(name, s)
}

func (h *history) giveUp(t *rapid.T) {
	name, id := h.known(t)
	held, until := h.model.state[name] == ledger.Held, h.model.until[name]
	switch rapid.SampledFrom([]string{"expire", "discard", "withdraw"}).Draw(t, "how") {
	case "expire":
		legal := held && !until.IsZero() && !h.clock.now().Before(until)
		expect(t, h.l.Expire(ctx, id, "its day came", ledger.BySweep), legal)
		if legal {
			h.model.state[name] = ledger.Expired
		}
	case "discard":
		expect(t, h.l.Discard(ctx, id, "not needed", "person:discard"), held)
		if held {
			h.model.state[name] = ledger.Expired
		}
	case "withdraw":
		legal := h.model.waits(name)
		expect(t, h.l.Withdraw(ctx, id, ledger.BySweep), legal)
		if legal {
			h.model.state[name] = ledger.Withdrawn
		}
	}
}

func (h *history) delivered(t *rapid.T) {
	name, id := h.known(t)
	registry := rapid.SampledFrom(h.registries).Draw(t, "registry")
	d := h.model.deliveries[name][registry]
	legal := d == ledger.Queued || d == ledger.None
	expect(t, h.l.Delivered(ctx, id, registry, sent("2.25.1")), legal)
	if legal {
		h.model.deliveries[name][registry] = ledger.Delivered
		if !h.model.queued(name) {
			h.model.state[name] = ledger.Accepted
		}
	}
}

func (h *history) failed(t *rapid.T) {
	name, id := h.known(t)
	registry := rapid.SampledFrom(h.registries).Draw(t, "registry")
	legal := h.model.state[name] == ledger.Accepted && h.model.deliveries[name][registry] == ledger.Queued
	if rapid.Bool().Draw(t, "for good") {
		expect(t, h.l.Rejected(ctx, id, registry, ledger.Sent{Status: 409}, "the registry refused it"), legal)
		if legal {
			h.model.deliveries[name][registry] = ledger.Rejected
		}
		return
	}
	expect(t, h.l.Retry(ctx, id, registry, h.clock.now(), "the registry does not answer"), legal)
}

func (h *history) resend(t *rapid.T) {
	name, id := h.known(t)
	registry := rapid.SampledFrom(h.registries).Draw(t, "registry")
	state, d := h.model.state[name], h.model.deliveries[name][registry]
	legal := (state == ledger.Accepted || state == ledger.Held) && !h.model.cleared[name] && (d == ledger.Delivered || d == ledger.Rejected)
	expect(t, h.l.Resend(ctx, id, registry, rapid.Bool().Draw(t, "as new"), "person:resend"), legal)
	if legal {
		h.model.deliveries[name][registry] = ledger.Queued
	}
}

func (h *history) clear(t *rapid.T) {
	name, id := h.known(t)
	legal := h.model.done(name)
	expect(t, h.l.Clear(ctx, id, "delivered long ago", ledger.BySweep), legal)
	if legal {
		h.model.cleared[name] = true
	}
}

// jump lets time pass, or sets the clock back.
func (h *history) jump(t *rapid.T) {
	h.clock.advance(time.Duration(rapid.IntRange(-5, 10).Draw(t, "days")) * 24 * time.Hour)
}

// check compares the ledger with the model, and both with what must always hold.
func (h *history) check(t *rapid.T) {
	for name, id := range h.ids {
		r, err := h.l.Get(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		list, err := h.l.Deliveries(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]ledger.State{}
		for _, d := range list {
			got[d.Registry] = d.State
		}
		if r.State != h.model.state[name] || r.Seq != h.model.seq[name] || fmt.Sprint(got) != fmt.Sprint(h.model.deliveries[name]) {
			t.Fatalf("%s is %s at %d with %v; should be %s at %d with %v", name, r.State, r.Seq, got,
				h.model.state[name], h.model.seq[name], h.model.deliveries[name])
		}
		if r.ClearedAt.IsZero() == h.model.cleared[name] {
			t.Fatalf("%s was cleared at %v; should be: %v", name, r.ClearedAt, h.model.cleared[name])
		}
		if r.State == ledger.Accepted && len(got) == 0 {
			t.Fatalf("%s is accepted and goes nowhere", name)
		}
		if r.State != ledger.Accepted && len(got) > 0 && !h.model.queued(name) {
			t.Fatalf("%s is %s and wholly delivered: %v", name, r.State, got)
		}
	}
	h.checkQueue(t)
	h.checkToClear(t)
}

// checkToClear sees that what lies there for nobody is found in the end.
func (h *history) checkToClear(t *rapid.T) {
	list, err := h.l.ToClear(ctx, h.source, start.AddDate(100, 0, 0), "", 100)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, r := range list {
		found[r.OrthancID] = true
	}
	for name := range h.ids {
		if found[name] != h.model.done(name) {
			t.Fatalf("%s is to be cleared: %v, should be %v", name, found[name], h.model.done(name))
		}
	}
}

// checkQueue sees that the queue holds what it should, and nothing else.
func (h *history) checkQueue(t *rapid.T) {
	for _, registry := range h.registries {
		work, err := h.l.Due(ctx, start.AddDate(100, 0, 0), registry, 100)
		if err != nil {
			t.Fatal(err)
		}
		due := map[string]bool{}
		for _, w := range work {
			due[w.Report.OrthancID] = true
		}
		for name := range h.ids {
			want := h.model.state[name] == ledger.Accepted && h.model.deliveries[name][registry] == ledger.Queued
			if due[name] != want {
				t.Fatalf("%s to %s is due: %v, should be %v", name, registry, due[name], want)
			}
		}
	}
}
