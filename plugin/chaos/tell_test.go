package chaos

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
)

// tell prints what was done, what came of it, and fails the test for whatever is
// not as it should be.
func (s *stage) tell(began time.Time, c *crowd, p *person, e *evil, v *verdict) {
	leaks, fallen := s.markers.leaks(), s.fallen()
	attempts := 0
	for _, r := range v.rows {
		attempts += r.Delivery.Attempts
	}
	fmt.Printf("\nsenders    %d reports acknowledged; %d C-STOREs, of which %d failed and were tried again, and %d sent a report once more\n",
		c.acknowledged.Load(), c.stores.Load(), c.refused.Load(), c.again.Load())
	list("harm", e.done)
	fmt.Printf("proxy      %d requests with %.1f MB, %d of them stored\n", s.proxy.requests, float64(s.proxy.bytes)/1e6, s.proxy.stored)
	list("faults", s.proxy.counts)
	fmt.Printf("person     %d rejected reports sent again by dosegate resend, %d restarts by SIGTERM to end the pause after a 401, %d commands failed\n",
		p.resent, p.restarts, len(p.failed))
	for _, m := range s.members {
		fmt.Printf("dosegate   %d starts\n", m.begun)
	}
	list("log", s.logged())
	fmt.Printf("ledger     %d rows, %d attempts since the last resend\n", len(v.rows), attempts)
	stale := s.staleMarks(v.rows)
	list("stale marks", stale)
	fmt.Printf("\nseed %d, %s, %d dosegates: %d delivered, %d held, %d ignored, of %d; %d lost, %d doubled, %d leaked, %d stray, in %s\n",
		given.seed, given.ledger, len(s.members), v.delivered, v.held, v.ignored, len(v.reports),
		len(v.lost), len(v.doubled), len(leaks), len(v.stray), time.Since(began).Round(time.Second))
	for what, all := range map[string][]string{"lost": v.lost, "doubled": v.doubled, "leaked": leaks, "stray": v.stray,
		"a dosegate": fallen, "a command failed": s.unexpected(p)} {
		for _, one := range all[:min(len(all), 20)] {
			s.t.Errorf("%s: %s", what, one)
		}
	}
	if len(stale) > 0 {
		s.t.Errorf("marks in Orthanc are not as the ledger says: %v", stale)
	}
	if got := c.acknowledged.Load(); int(got) != len(v.reports) {
		s.t.Errorf("%d of %d reports were acknowledged", got, len(v.reports))
	}
}

// list prints counts, the greatest first.
func list[K ~string](what string, counts map[K]int) {
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b K) int { return counts[b]*1000 - counts[a]*1000 + strings.Compare(string(a), string(b)) })
	for _, k := range keys {
		fmt.Printf("%-8s %6d  %s\n", what, counts[k], k)
	}
}

// fallen is what the dosegates did that they should not.
func (s *stage) fallen() (all []string) {
	for n, m := range s.members {
		for _, what := range m.troubles() {
			all = append(all, fmt.Sprintf("%d: %s", n+1, what))
		}
		text, _ := m.logSince(0)
		for _, bad := range []string{"panic:", "DATA RACE", "fatal error:"} {
			if strings.Contains(text, bad) {
				all = append(all, fmt.Sprintf("%d: its log has %q", n+1, bad))
			}
		}
	}
	return all
}

// unexpected are the person's commands that failed though the ledger was there.
func (s *stage) unexpected(p *person) []string {
	if s.server != nil {
		return nil // it was crashed now and then
	}
	return p.failed
}

var message = regexp.MustCompile(`level=(WARN|ERROR) msg=("(?:\\.|[^"\\])*"|\S+)`)

// logged counts what the dosegates complained of.
func (s *stage) logged() map[string]int {
	counts := make(map[string]int)
	for _, m := range s.members {
		text, err := os.ReadFile(m.log())
		if err != nil {
			s.t.Error(err)
		}
		for _, found := range message.FindAllSubmatch(text, -1) {
			counts[string(found[1])+" "+strings.Trim(string(found[2]), `"`)]++
		}
	}
	return counts
}
