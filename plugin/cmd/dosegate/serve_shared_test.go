package main

import (
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/postgrestest"
)

// sharedPassword stands in the address of the ledger, and nowhere else.
const sharedPassword = "Sesam-4711"

// sharing are houses that share a ledger, each with the same key and list.
func sharing(t *testing.T, n int) []*house {
	t.Helper()
	u, err := url.Parse(postgrestest.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(u.User.Username(), sharedPassword)
	return inHouses(t, u, n, func() *house { return newHouse(t) })
}

// inHouses gives n houses the ledger at an address, and one key.
func inHouses(t *testing.T, u *url.URL, n int, newHouse func() *house) (all []*house) {
	t.Helper()
	for i := range n {
		h := newHouse()
		h.configure(t, "ledger: "+u.String()+"\n")
		if i == 0 {
			h.withKey(t)
		} else {
			write(t, h.path("key"), string(read(t, all[0].path("key"))))
		}
		all = append(all, h)
	}
	return all
}

// health waits until healthcheck says something.
func (h *house) health(t *testing.T, says string) {
	t.Helper()
	h.until(t, "health says "+says, func() bool {
		said := h.run(t, "healthcheck")
		return strings.Contains(said.stdout+said.stderr, says)
	})
}

func TestOneOfSeveralLeadsAndTheNextTakesOverAfterAKill(t *testing.T) {
	houses := sharing(t, 3)
	first := houses[0].serve(t)
	houses[0].health(t, "ok: leads as")
	second := houses[1].serve(t)
	houses[1].health(t, "ok: stands by, "+memberNameOf(t, houses[0])+" leads")
	dosegate(t, "key", "rotate", "-c", houses[0].config).want(t, exitFailed, "dosegate serve is running", "leads")
	first.kill()
	houses[1].health(t, "ok: leads as")
	third := houses[2].serve(t)
	if code := second.end(); code != exitDone {
		t.Errorf("the leader ended with %d on SIGTERM", code)
	}
	houses[2].health(t, "ok: leads as")
	houses[2].run(t, "reports").want(t, exitDone)
	houses[2].run(t, "check").want(t, exitFailed, "ledger", "postgres://") // its Orthanc is none
	if code := third.end(); code != exitDone {
		t.Errorf("the leader ended with %d on SIGTERM", code)
	}
	for _, s := range []*serving{first, second, third} {
		if strings.Contains(s.log.String(), sharedPassword) {
			t.Error("the log shows the password of the ledger")
		}
	}
}

// What one leader has begun the next one ends: nothing is lost, and nothing is
// there twice.
func TestReportsAreDeliveredOnceThoughTheirLeaderIsKilled(t *testing.T) {
	u, err := url.Parse(postgrestest.Database(t))
	must(t, err)
	full := newFullHouse(t)
	houses := inHouses(t, u, 2, func() *house {
		h := newHouse(t)
		h.gateway, h.registry = full.gateway, full.registry
		return h
	})
	first := houses[0].serve(t)
	houses[0].health(t, "ok: leads as")
	second := houses[1].serve(t)
	before := houses[0].store(t, "ct-small.dcm", "dx.dcm")
	first.kill() // at whatever it was doing
	after := houses[0].store(t, "ct-40-events.dcm", "rf.dcm")
	for _, id := range []string{before[0], after[0]} {
		houses[1].report(t, id, "delivered")
	}
	for _, id := range []string{before[1], after[1]} {
		houses[1].report(t, id, "held")
	}
	if have := houses[1].sent(t); len(have) != 2 {
		t.Errorf("the registry has %v, want two", have)
	}
	if code := second.end(); code != exitDone {
		t.Errorf("serve ended with %d", code)
	}
}

func memberNameOf(t *testing.T, h *house) string {
	t.Helper()
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s (%s)", host, h.listen)
}

func TestAMemberWithAnotherKeyOrListDoesNotLead(t *testing.T) {
	houses := sharing(t, 4)
	houses[0].serve(t).end()
	// Each alone, so nothing but its difference keeps it from leading.
	if err := os.Remove(houses[1].path("key")); err != nil {
		t.Fatal(err)
	}
	missing := houses[1].begin(t)
	houses[1].health(t, "is missing, and this installation has one")
	missing.end()
	houses[1].withKey(t)
	other := houses[1].begin(t)
	houses[1].health(t, "is not this installation's")
	if !strings.Contains(other.log.String(), "cannot take the lead") {
		t.Errorf("the log does not say so:\n%s", other.log)
	}
	other.end()

	houses[2].stations(t, "stations:\n  - {name: CT7}\n")
	unlike := houses[2].begin(t)
	houses[2].health(t, "is not the list in force")
	fit := houses[3].serve(t)
	houses[3].health(t, "ok: leads as")
	houses[2].run(t, "stations", "--adopt").want(t, exitFailed, "leads: the list in force is its own")
	fit.kill()
	houses[2].run(t, "stations", "--adopt").want(t, exitDone, "is the list in force, with 1 stations")
	houses[2].health(t, "ok: leads as")
	unlike.end()
}

func TestWithoutAKeyNoneOfSeveralLeads(t *testing.T) {
	h := sharing(t, 1)[0]
	if err := os.Remove(h.path("key")); err != nil {
		t.Fatal(err)
	}
	s := h.begin(t)
	h.health(t, "make one with dosegate key new")
	h.withKey(t)
	h.health(t, "ok: leads as")
	s.end()
	// Who led last may change its own list while nobody leads.
	h.stations(t, "stations:\n  - {name: CT7}\n")
	h.serve(t)
	h.health(t, "ok: leads as")
}

func TestALedgerServerThatIsNotThereIsNamed(t *testing.T) {
	h := newHouse(t).withKey(t)
	h.configure(t, "ledger: postgres://dosegate:"+sharedPassword+"@127.0.0.1:1/dosegate\n")
	const away = "ledger postgres://127.0.0.1:1/dosegate cannot be reached"
	s := h.begin(t)
	h.health(t, "waits for the ledger")
	for _, command := range []string{"reports", "check", "healthcheck"} {
		said := h.run(t, command).want(t, exitFailed, away)
		if strings.Contains(said.stdout+said.stderr, sharedPassword) {
			t.Error("the password is shown")
		}
	}
	if code := s.end(); code != exitDone {
		t.Errorf("while it waited, serve ended with %d on SIGTERM", code)
	}
	if said := s.log.String(); !strings.Contains(said, away) || strings.Contains(said, sharedPassword) {
		t.Errorf("serve says:\n%s", said)
	}
}

// After a power cut the machines come back in any order, and PostgreSQL may go
// at any time, also while a member takes the lead.
func TestServeWaitsForItsLedgerServer(t *testing.T) {
	server := postgrestest.Start(t)
	h := newHouse(t).withKey(t)
	h.configure(t, "ledger: "+server.Database(t)+"\n")
	server.Kill(t)
	s := h.begin(t)
	h.health(t, "waits for the ledger")
	server.Restart(t)
	h.health(t, "ok: leads as")
	if said := s.log.String(); !strings.Contains(said, "the ledger is there") {
		t.Errorf("serve does not say that the wait is over:\n%s", said)
	}
	server.Kill(t)
	h.health(t, "must not lead")
	server.Restart(t)
	h.health(t, "ok: leads as")
	if code := s.end(); code != exitDone {
		t.Errorf("serve ended with %d", code)
	}
}
