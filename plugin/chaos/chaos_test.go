// Package chaos tests dosegate as a whole: real Orthancs, the real program, many
// reports, and everything is killed at random. scripts/chaos runs it.
package chaos

import (
	"context"
	"flag"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
)

type options struct {
	reports   int
	kills     int
	seed      uint64
	ledger    string // sqlite or postgres
	dosegates int
	keep      string // folder, "" for one that goes
}

var given options

func TestMain(m *testing.M) {
	flag.IntVar(&given.reports, "reports", 0, "how many; 0: no chaos")
	flag.IntVar(&given.kills, "kills", 20, "by SIGKILL")
	flag.Uint64Var(&given.seed, "seed", 1, "of reports, faults and kills")
	flag.StringVar(&given.ledger, "ledger", "sqlite", "sqlite or postgres")
	flag.IntVar(&given.dosegates, "dosegates", 1, "that share the ledger")
	flag.StringVar(&given.keep, "keep", "", "a new folder for logs and ledger")
	flag.Parse()
	os.Exit(m.Run())
}

// patience is how long the end may take without any progress.
const patience = 10 * time.Minute

func TestChaos(t *testing.T) {
	if given.reports == 0 {
		t.Skip("run ./scripts/chaos")
	}
	began := time.Now()
	s := newStage(t, given)
	c := newCrowd(s, given)
	p := &person{stage: s}
	e := &evil{stage: s, crowd: c, done: make(map[deed]int)}
	for _, m := range s.members {
		m.start()
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var all sync.WaitGroup
	all.Go(func() { p.tend(ctx) })
	all.Go(func() { s.narrate(ctx, began, c, e) })
	sending := make(chan struct{})
	go func() { defer close(sending); c.send(ctx) }()
	e.run(newPlan(given))
	<-sending
	s.say(began, "all is acknowledged, and everything works again")
	s.proxy.heal()
	s.drain(began, len(c.reports))
	stop()
	all.Wait()
	s.endAll()
	s.proxy.finish()
	v := s.gather(c)
	v.judge()
	s.tell(began, c, p, e, v)
}

// say prints a line with the time.
func (s *stage) say(began time.Time, format string, args ...any) {
	fmt.Printf("%6.0f s  %s\n", time.Since(began).Seconds(), fmt.Sprintf(format, args...))
}

// narrate says every ten seconds how far it is.
func (s *stage) narrate(ctx context.Context, began time.Time, c *crowd, e *evil) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(10 * time.Second):
		}
		s.proxy.mu.Lock()
		requests, stored := s.proxy.requests, s.proxy.stored
		s.proxy.mu.Unlock()
		s.say(began, "%d reports acknowledged, %d requests to the registry, %d stored", c.acknowledged.Load(), requests, stored)
	}
}

// marked says whether Orthanc Explorer shows what the ledger says.
func (s *stage) marked(l *ledger.Ledger) bool {
	waiting, err := l.Unmarked(s.t.Context(), "main", "", 1)
	must(s.t, err)
	return len(waiting) == 0
}

// drain waits until the ledger has nothing left to do.
func (s *stage) drain(began time.Time, n int) {
	l, err := ledger.Open(s.t.Context(), s.ledgerAddress(), ledger.Options{})
	must(s.t, err)
	defer l.Close()
	last, since := "", time.Now()
	for time.Since(since) < patience {
		states := make(map[ledger.State]int)
		must(s.t, l.List(s.t.Context(), ledger.Query{}, func(r ledger.Row) error { states[r.State]++; return nil }))
		if states[ledger.Queued]+states[ledger.Rejected] == 0 && s.followed(l) && s.marked(l) {
			s.say(began, "the ledger is settled: %v", states)
			return
		}
		if now := fmt.Sprint(states); now != last {
			last, since = now, time.Now()
		}
		<-time.After(time.Second)
	}
	s.t.Errorf("the ledger does not settle: %s", last)
}
