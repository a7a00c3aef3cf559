package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/postgrestest"
)

// start is the first moment of every test's clock.
var start = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// clock is a wall clock that a test sets.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// book is a ledger in a folder of its own, with its clock.
type book struct {
	*ledger.Ledger
	t     *testing.T
	clock *clock
	path  string
	seq   int64
}

// newBook is an SQLite ledger.
func newBook(t *testing.T) *book {
	t.Helper()
	return newBookAt(t, filepath.Join(t.TempDir(), "dosegate.db"))
}

func newBookAt(t *testing.T, address string) *book {
	t.Helper()
	b := &book{t: t, clock: &clock{at: start}, path: address}
	b.Ledger = open(t, address, ledger.Options{Now: b.clock.now, Marked: []string{"gw"}})
	return b
}

// maker makes a new ledger.
type maker func(*testing.T) *book

// onBoth runs a test on SQLite and on PostgreSQL: a ledger is the same on both.
func onBoth(t *testing.T, test func(t *testing.T, newBook maker)) {
	t.Run("SQLite", func(t *testing.T) { test(t, newBook) })
	t.Run("PostgreSQL", func(t *testing.T) {
		test(t, func(t *testing.T) *book {
			t.Helper()
			return newBookAt(t, postgrestest.Database(t))
		})
	})
}

func open(t *testing.T, path string, o ledger.Options) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(context.Background(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// seen is a report of the source "gw" as the feed shows it now.
func (b *book) seen(orthancID string, state ledger.State, registries ...string) ledger.Seen {
	b.seq++
	now := b.clock.now()
	s := ledger.Seen{Registries: registries, Report: ledger.Report{
		OrthancID: orthancID, Seq: b.seq, State: state, StationName: "CT1", Template: "10011", Kind: "CT",
		Input: []byte(`{"Source":"gw"}`), SOPInstance: "2.25.1" + fmt.Sprint(len(orthancID)), Digest: "d1",
		Reason: "station CT1 is configured", ReceivedAt: now,
	}}
	if state == ledger.Held {
		s.ReasonCode, s.Reason = "station_not_configured", "station CT1 is not configured"
		s.HeldUntil = now.Add(14 * 24 * time.Hour)
	}
	return s
}

// record takes in one report, and gives it back as it stands.
func (b *book) record(s ledger.Seen) ledger.Report {
	b.t.Helper()
	must(b.t, b.Record(context.Background(), "gw", ledger.Page{Seq: s.Seq, Reports: []ledger.Seen{s}}))
	r, ok, err := b.Lookup(context.Background(), "gw", s.OrthancID)
	if err != nil || !ok {
		b.t.Fatalf("look up %s: %v, %v", s.OrthancID, ok, err)
	}
	return r
}

func (b *book) get(id string) ledger.Report {
	b.t.Helper()
	r, err := b.Get(context.Background(), id)
	must(b.t, err)
	return r
}

func (b *book) delivery(id, registry string) ledger.Delivery {
	b.t.Helper()
	list, err := b.Deliveries(context.Background(), id)
	must(b.t, err)
	for _, d := range list {
		if d.Registry == registry {
			return d
		}
	}
	return ledger.Delivery{}
}

func (b *book) due(registry string) []ledger.Work {
	b.t.Helper()
	work, err := b.Due(context.Background(), b.clock.now(), registry, 100)
	must(b.t, err)
	return work
}

// shown gives registry:state of every row of the list.
func (b *book) shown(q ledger.Query) []string {
	b.t.Helper()
	list := []string{}
	must(b.t, b.List(context.Background(), q, func(r ledger.Row) error {
		list = append(list, r.Delivery.Registry+":"+string(r.State))
		return nil
	}))
	return list
}

func (b *book) history(id string) []ledger.Event {
	b.t.Helper()
	h, err := b.History(context.Background(), id)
	must(b.t, err)
	return h
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func mustConflict(t testing.TB, err error) {
	t.Helper()
	if !errors.Is(err, ledger.ErrConflict) {
		t.Fatalf("got error %v, want a conflict", err)
	}
}

// sent is a receipt for a report.
func sent(uid string) ledger.Sent {
	return ledger.Sent{SentSOPInstanceUID: uid, SentSHA256: "aa", SentDigest: "d1", Profile: "p1", Status: 200, Count: 1}
}
