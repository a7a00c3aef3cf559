package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
)

var ctx = context.Background()

var (
	paused     = ledger.Verdict{ReasonCode: "paused", Reason: "station CT1 is paused"}
	configured = ledger.Verdict{Reason: "station CT1 is configured"}
	fortnight  = 14 * 24 * time.Hour
)

// in brings a new report to where a transition starts.
func (b *book) in(situation string) (id string) {
	b.t.Helper()
	switch situation {
	case "held":
		return b.record(b.seen("one", ledger.Held)).ID
	case "held for ever":
		s := b.seen("one", ledger.Held)
		s.HeldUntil = time.Time{}
		return b.record(s).ID
	case "held and due":
		id = b.in("held")
		b.clock.advance(fortnight)
	case "held with a delivery":
		id = b.in("queued")
		must(b.t, b.Hold(ctx, id, paused, time.Time{}, ledger.BySweep))
	case "queued":
		return b.record(b.seen("one", ledger.Accepted, "dir")).ID
	case "delivered":
		id = b.in("queued")
		must(b.t, b.Delivered(ctx, id, "dir", sent("2.25.13")))
	case "cleared":
		id = b.in("delivered")
		must(b.t, b.Clear(ctx, id, "delivered long ago", ledger.BySweep))
	case "rejected":
		id = b.in("queued")
		must(b.t, b.Rejected(ctx, id, "dir", ledger.Sent{Status: 409}, "the registry refused it"))
	case "expired":
		id = b.in("held and due")
		must(b.t, b.Expire(ctx, id, "its day came", ledger.BySweep))
	case "expired with a delivery":
		id = b.in("held with a delivery")
		must(b.t, b.Discard(ctx, id, "not needed", "person:discard"))
	case "withdrawn":
		id = b.in("queued")
		must(b.t, b.Withdraw(ctx, id, ledger.ByDeliver))
	default:
		b.t.Fatalf("no situation %q", situation)
	}
	return id
}

// transitions are the operations on a report that exists.
var transitions = []struct {
	name string
	do   func(b *book, id string) error
}{
	{"hold", func(b *book, id string) error {
		return b.Hold(ctx, id, ledger.Verdict{ReasonCode: "leak", Reason: "it is not safe"}, time.Time{}, ledger.ByDeliver)
	}},
	{"accept", func(b *book, id string) error {
		return b.Accept(ctx, id, configured, []string{"dir"}, ledger.BySweep)
	}},
	{"reroute", func(b *book, id string) error {
		return b.Accept(ctx, id, configured, []string{"new"}, ledger.BySweep)
	}},
	{"expire", func(b *book, id string) error { return b.Expire(ctx, id, "its day came", ledger.BySweep) }},
	{"discard", func(b *book, id string) error { return b.Discard(ctx, id, "not needed", "person:discard") }},
	{"withdraw", func(b *book, id string) error { return b.Withdraw(ctx, id, ledger.BySweep) }},
	{"delivered", func(b *book, id string) error { return b.Delivered(ctx, id, "dir", sent("2.25.13")) }},
	{"retry", func(b *book, id string) error {
		return b.Retry(ctx, id, "dir", b.clock.now().Add(time.Minute), "the registry does not answer")
	}},
	{"rejected", func(b *book, id string) error {
		return b.Rejected(ctx, id, "dir", ledger.Sent{Status: 409}, "the registry refused it")
	}},
	{"resend", func(b *book, id string) error { return b.Resend(ctx, id, "dir", false, "person:resend") }},
	{"reopen", func(b *book, id string) error { return b.Reopen(ctx, b.found(id, ledger.Accepted), "person:release") }},
	{"still", func(b *book, id string) error { return b.Reopen(ctx, b.found(id, ledger.Held), "person:release") }},
	{"clear", func(b *book, id string) error { return b.Clear(ctx, id, "delivered long ago", ledger.BySweep) }},
}

// found is the report "one" as a person's look at it now finds it.
func (b *book) found(id string, state ledger.State) ledger.Seen {
	s := b.seen("one", state, "dir")
	r, _ := b.Get(ctx, id)
	s.ID, s.Seq = id, r.Seq
	return s
}

// TestEveryTransitionIsTakenOrRefused is the table of both state machines: what
// List shows after an operation, "!" where it is a conflict and "?" where there
// is no such delivery.
func TestEveryTransitionIsTakenOrRefused(t *testing.T) {
	table := `
situation               hold     accept        reroute                  expire   discard     withdraw      delivered     retry      rejected     resend     reopen     still    clear
held                    :held    dir:queued    new:queued               !        :expired    :withdrawn    dir:delivered !          !            ?          dir:queued :held    !
held,for,ever           :held    dir:queued    new:queued               !        :expired    :withdrawn    dir:delivered !          !            ?          dir:queued :held    !
held,and,due            :held    dir:queued    new:queued               :expired :expired    :withdrawn    dir:delivered !          !            ?          dir:queued :held    !
held,with,a,delivery    dir:held dir:queued    new:queued               !        dir:expired dir:withdrawn dir:delivered !          !            !          dir:queued dir:held !
queued                  dir:held dir:queued    new:queued               !        !           dir:withdrawn dir:delivered dir:queued dir:rejected !          !          !        !
delivered               !        dir:delivered dir:delivered,new:queued !        !           !             !             !          !            dir:queued !          !        dir:delivered
cleared                 !        !             !                        !        !           !             !             !          !            !          !          !        !
rejected                !        dir:rejected  dir:rejected,new:queued  !        !           !             !             !          !            dir:queued !          !        !
expired                 !        !             !                        !        !           !             dir:delivered !          !            !          dir:queued :held    !
expired,with,a,delivery !        !             !                        !        !           !             dir:delivered !          !            !          dir:queued dir:held !
withdrawn               !        !             !                        !        !           !             dir:delivered !          !            !          !          !        !`
	lines := strings.Split(strings.TrimSpace(table), "\n")
	names := strings.Fields(lines[0])[1:]
	for _, line := range lines[1:] {
		cells := strings.Fields(line)
		situation := strings.ReplaceAll(cells[0], ",", " ")
		for i, want := range cells[1:] {
			if transitions[i].name != names[i] {
				t.Fatalf("the table's column %s is the operation %s", names[i], transitions[i].name)
			}
			t.Run(situation+"/"+names[i], func(t *testing.T) { checkTransition(t, situation, transitions[i].do, want) })
		}
	}
}

func checkTransition(t *testing.T, situation string, do func(*book, string) error, want string) {
	t.Parallel()
	b := newBook(t)
	id := b.in(situation)
	before := fmt.Sprintln(b.rows(), b.history(id))
	err := do(b, id)
	refusal := map[string]error{"!": ledger.ErrConflict, "?": ledger.ErrNotFound}[want]
	if !errors.Is(err, refusal) {
		t.Fatalf("error %v, want %v", err, refusal)
	}
	if refusal != nil {
		if after := fmt.Sprintln(b.rows(), b.history(id)); after != before {
			t.Errorf("a refused transition wrote:\n%s\nwas:\n%s", after, before)
		}
		return
	}
	if got := strings.Join(b.shown(ledger.Query{}), ","); got != want {
		t.Errorf("the list shows %s, want %s", got, want)
	}
}

func (b *book) rows() (list []ledger.Row) {
	b.t.Helper()
	must(b.t, b.List(ctx, ledger.Query{}, func(r ledger.Row) error {
		list = append(list, r)
		return nil
	}))
	return list
}

func TestAnUnknownReportIsNotFound(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		for _, o := range transitions {
			if err := o.do(b, "nosuchid"); !errors.Is(err, ledger.ErrNotFound) {
				t.Errorf("%s: %v, want ErrNotFound", o.name, err)
			}
		}
	})
}

func TestEveryTransitionLeavesAnEvent(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		id := b.in("held")
		must(t, b.Accept(ctx, id, configured, []string{"dir"}, ledger.BySweep))
		at := b.clock.now().Add(time.Hour)
		must(t, b.Retry(ctx, id, "dir", at, "the registry does not answer"))
		must(t, b.Retry(ctx, id, "dir", at, "the registry does not answer")) // the same again: no event
		must(t, b.Delivered(ctx, id, "dir", sent("2.25.13")))
		must(t, b.Resend(ctx, id, "dir", true, "person:resend"))
		got := []string{}
		for _, e := range b.history(id) {
			got = append(got, fmt.Sprintf("%s %s>%s by %s: %s", e.Registry, e.From, e.To, e.By, e.Why))
			if !e.At.Equal(start) || e.ReportID != id {
				t.Errorf("event of %s at %s", e.ReportID, e.At)
			}
		}
		want := []string{
			" >held by follow: station CT1 is not configured",
			" held>accepted by sweep: station CT1 is configured",
			"dir >queued by sweep: ",
			"dir queued>queued by deliver: the registry does not answer",
			"dir queued>delivered by deliver: ",
			"dir delivered>queued by person:resend: sent again as new",
		}
		if !slices.Equal(got, want) {
			t.Errorf("history:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

func TestAcceptingForNoRegistryIsAnError(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		id := b.in("held")
		if err := b.Accept(ctx, id, configured, nil, ledger.BySweep); err == nil {
			t.Error("accepted for nobody")
		}
		if r := b.get(id); r.State != ledger.Held {
			t.Errorf("it is %s now", r.State)
		}
	})
}

func TestAcceptingAgainKeepsTheBackOffOfAQueuedDelivery(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		id := b.in("queued")
		later := start.Add(time.Hour)
		must(t, b.Retry(ctx, id, "dir", later, "the registry does not answer"))
		must(t, b.Accept(ctx, id, configured, []string{"dir"}, ledger.BySweep))
		if d := b.delivery(id, "dir"); !d.NextAttemptAt.Equal(later) || d.Attempts != 1 {
			t.Errorf("next attempt %s after %d", d.NextAttemptAt, d.Attempts)
		}
		must(t, b.Hold(ctx, id, paused, time.Time{}, ledger.BySweep))
		must(t, b.Accept(ctx, id, configured, []string{"dir"}, ledger.BySweep))
		if d := b.delivery(id, "dir"); !d.NextAttemptAt.Equal(start) {
			t.Errorf("out of the holding area it is due at %s, want now", d.NextAttemptAt)
		}
	})
}

func TestHoldingGivesReasonAndDay(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		id := b.in("queued")
		b.clock.advance(time.Hour)
		day := start.Add(fortnight)
		must(t, b.Hold(ctx, id, ledger.Verdict{ReasonCode: "station_left_out", Reason: "station CT1 is left out"}, day, ledger.BySweep))
		r := b.get(id)
		if r.State != ledger.Held || r.ReasonCode != "station_left_out" || !r.HeldUntil.Equal(day) || !r.HeldSince.Equal(b.clock.now()) {
			t.Errorf("held: %+v", r)
		}
		must(t, b.Accept(ctx, id, configured, []string{"dir"}, ledger.BySweep))
		r = b.get(id)
		if r.State != ledger.Accepted || r.ReasonCode != "" || !r.HeldUntil.IsZero() || !r.HeldSince.IsZero() {
			t.Errorf("accepted: %+v", r)
		}
	})
}

func TestARejectedResendKeepsWhatTheRegistryHas(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		id := b.in("delivered")
		must(t, b.Resend(ctx, id, "dir", true, "person:resend"))
		if d := b.delivery(id, "dir"); d.Edition != 1 || d.Attempts != 0 || d.SentSHA256 != "aa" {
			t.Errorf("queued again: %+v", d)
		}
		must(t, b.Rejected(ctx, id, "dir", ledger.Sent{SentSOPInstanceUID: "2.25.99", SentSHA256: "bb", Status: 409}, "the registry refused it"))
		if d := b.delivery(id, "dir"); d.SentSHA256 != "aa" || d.SentSOPInstanceUID != "2.25.13" || d.Status != 409 {
			t.Errorf("rejected: %+v", d)
		}
	})
}

func TestAReceiptForOneOfTwoLeavesTheOtherWithItsReport(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		id := b.record(b.seen("one", ledger.Accepted, "dir", "research")).ID
		must(t, b.Hold(ctx, id, paused, time.Time{}, ledger.BySweep))
		must(t, b.Delivered(ctx, id, "dir", sent("2.25.13")))
		if got := b.shown(ledger.Query{}); !slices.Equal(got, []string{"dir:delivered", "research:held"}) {
			t.Errorf("shown: %v", got)
		}
		must(t, b.Withdraw(ctx, id, ledger.BySweep))
		if got := b.shown(ledger.Query{}); !slices.Equal(got, []string{"dir:delivered", "research:withdrawn"}) {
			t.Errorf("shown: %v", got)
		}
	})
}
