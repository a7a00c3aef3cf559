package ledger_test

import (
	"errors"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/postgrestest"
)

// TestWhatALeaderDoesElsewhereEndsBeforeTheNextOneLeads cuts a leader off, and
// compares when it must have let go with when the next one leads.
func TestWhatALeaderDoesElsewhereEndsBeforeTheNextOneLeads(t *testing.T) {
	url := postgrestest.Database(t)
	far := postgrestest.NewCable(t, url)
	one := join(t, "one", far.URL)
	until(t, "one leads", one.leads)
	two := join(t, "two", url)
	act, done, err := one.led.WhileLeading(ctx)
	must(t, err)
	defer done()
	if _, bounded := act.Deadline(); !bounded {
		t.Fatal("it may take as long as it likes")
	}
	far.Sever()
	<-act.Done()
	if two.leads() {
		t.Error("another one leads already")
	}
	until(t, "two leads", two.leads)
	if _, _, err := one.led.WhileLeading(ctx); !errors.Is(err, ledger.ErrFenced) {
		t.Errorf("an old leader begins something: %v", err)
	}
	act, done, err = two.led.WhileLeading(ctx)
	must(t, err)
	defer done()
	if act.Err() != nil {
		t.Error("the leader may do nothing")
	}
}

func TestALeaderThatBeatsMayGoOn(t *testing.T) {
	one := join(t, "one", postgrestest.Database(t))
	until(t, "one leads", one.leads)
	for begun := time.Now(); time.Since(begun) < 2*leaseOfTests; <-time.After(leaseOfTests / 4) {
		_, done, err := one.led.WhileLeading(ctx)
		must(t, err)
		done()
	}
}

func TestALedgerOfOneBoundsNothing(t *testing.T) {
	act, done, err := newBook(t).WhileLeading(ctx)
	must(t, err)
	defer done()
	if _, bounded := act.Deadline(); bounded {
		t.Error("bounded though nobody else leads")
	}
}
