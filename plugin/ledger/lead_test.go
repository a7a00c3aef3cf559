package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/postgrestest"
)

// leaseOfTests is short, but longer than two shared cores may stall a test.
const leaseOfTests = 2 * time.Second

// member is a dosegate that would lead.
type member struct {
	*ledger.Ledger
	t    *testing.T
	name string
	end  func() // as SIGTERM

	mu      sync.Mutex
	led     *ledger.Ledger // while it leads; the last one afterwards
	leading bool
	reigns  int
	stands  []ledger.Standing
	refusal error
}

// join has a member stand for the lead.
func join(t *testing.T, name, address string) *member {
	t.Helper()
	m := &member{Ledger: open(t, address, ledger.Options{}), t: t, name: name}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	m.end = func() { cancel(); <-done }
	t.Cleanup(m.end)
	go func() {
		defer close(done)
		err := m.Lead(ctx, ledger.Member{Name: name, For: leaseOfTests, Run: m.run,
			May: func(context.Context, ledger.Lease) error { m.mu.Lock(); defer m.mu.Unlock(); return m.refusal },
			Stands: func(s ledger.Standing) {
				m.mu.Lock()
				defer m.mu.Unlock()
				m.stands = append(m.stands, s)
			}})
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}()
	return m
}

func (m *member) run(ctx context.Context, led *ledger.Ledger) error {
	m.mu.Lock()
	m.led, m.leading, m.reigns = led, true, m.reigns+1
	m.mu.Unlock()
	<-ctx.Done()
	m.mu.Lock()
	m.leading = false
	m.mu.Unlock()
	return nil
}

func (m *member) leads() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.leading
}

func (m *member) refuse(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.refusal = err
}

// until polls until something is so.
func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	for give := time.Now().Add(time.Minute); !so(); {
		if time.Now().After(give) {
			t.Fatalf("waited in vain until %s", what)
		}
		<-time.After(10 * time.Millisecond)
	}
}

func TestOneMemberLeadsAndTheNextFollowsWhenItStops(t *testing.T) {
	url := postgrestest.Database(t)
	one := join(t, "one", url)
	until(t, "one leads", one.leads)
	two := join(t, "two", url)
	until(t, "two stands by", func() bool {
		two.mu.Lock()
		defer two.mu.Unlock()
		return len(two.stands) == 1 && two.stands[0] == ledger.Standing{Leader: "one"}
	})
	<-time.After(2 * leaseOfTests) // a leader that beats stays the leader
	if !one.leads() || two.leads() {
		t.Error("the lead went over without a reason")
	}
	at := time.Now()
	one.end()
	until(t, "two leads", two.leads)
	if took := time.Since(at); took > leaseOfTests {
		t.Errorf("after a clean stop it took %s", took)
	}
	_, err := one.led.Lease(ctx) // reading is no harm
	must(t, err)
	mustBeFenced(t, one.led)
}

func mustBeFenced(t *testing.T, led *ledger.Ledger) {
	t.Helper()
	for what, write := range map[string]func() error{
		"record":   func() error { return led.Record(ctx, "gw", ledger.Page{Seq: 99}) },
		"settings": func() error { return led.SetSetting(ctx, "stations", []byte("x")) },
		"pause":    func() error { return led.Pause(ctx, ledger.Pause{Registry: "dir"}) },
	} {
		if err := write(); !errors.Is(err, ledger.ErrFenced) {
			t.Errorf("%s of an old leader: %v", what, err)
		}
	}
	if _, ok, err := led.Position(ctx, "gw"); ok || err != nil {
		t.Errorf("something was written: %v, %v", ok, err)
	}
}

func TestALeaderThatIsCutOffStopsBeforeTheNextOneBegins(t *testing.T) {
	url := postgrestest.Database(t)
	far := postgrestest.NewCable(t, url)
	one := join(t, "one", far.URL)
	until(t, "one leads", one.leads)
	two := join(t, "two", url)
	must(t, one.led.SetSetting(ctx, "before", []byte("cut")))
	far.Sever()
	at := time.Now()
	until(t, "one has stopped", func() bool { return !one.leads() })
	if two.leads() {
		t.Error("two led beside one")
	}
	until(t, "two leads", two.leads)
	if took := time.Since(at); took > 3*leaseOfTests {
		t.Errorf("it took %s", took)
	}
	must(t, two.led.SetSetting(ctx, "after", []byte("cut")))
	far.Mend()
	until(t, "one sees who leads", func() bool {
		one.mu.Lock()
		defer one.mu.Unlock()
		return len(one.stands) > 0 && one.stands[len(one.stands)-1] == ledger.Standing{Leader: "two"}
	})
	mustBeFenced(t, one.led)
}

// PostgreSQL may go just when a member has taken the lead: that ends no program.
func TestALeaderWhoseLedgerIsAwayStandsByAgain(t *testing.T) {
	l := open(t, postgrestest.Database(t), ledger.Options{})
	failure := errors.New("the disk is gone")
	for _, c := range []struct {
		first, want error
		reigns      int
	}{{fmt.Errorf("begin: %w", ledger.ErrAway), failure, 2}, {failure, failure, 1}} {
		reigns := 0
		err := l.Lead(ctx, ledger.Member{Name: "one", For: leaseOfTests, May: func(context.Context, ledger.Lease) error { return nil },
			Stands: func(ledger.Standing) {},
			Run: func(context.Context, *ledger.Ledger) error {
				if reigns++; reigns == 1 {
					return c.first
				}
				return failure
			}})
		if !errors.Is(err, c.want) || reigns != c.reigns {
			t.Errorf("%v after %d reigns, want %v after %d", err, reigns, c.want, c.reigns)
		}
	}
}

// A leader that is frozen in the middle of a write would have all others wait:
// the server ends its transaction.
func TestAWriteThatWasCutOffDoesNotBlockTheNextLeader(t *testing.T) {
	url := postgrestest.Database(t)
	far := postgrestest.NewCable(t, url)
	one, two := open(t, far.URL, ledger.Options{}), open(t, url, ledger.Options{})
	must(t, one.Stuck(ctx, far.Sever))
	at := time.Now()
	must(t, two.SetSetting(ctx, "after", []byte("cut")))
	t.Logf("the next write waited for %s", time.Since(at).Round(100*time.Millisecond))
	if _, ok, err := two.Setting(ctx, "stuck"); ok || err != nil {
		t.Errorf("half a write stands: %v, %v", ok, err)
	}
}

func TestAMemberThatMayNotLeadSaysWhyAndWaits(t *testing.T) {
	url := postgrestest.Database(t)
	one := join(t, "one", url)
	one.refuse(errors.New("its key is another one"))
	until(t, "it says why", func() bool {
		one.mu.Lock()
		defer one.mu.Unlock()
		last := len(one.stands) - 1
		return last >= 0 && one.stands[last].Err != nil && strings.Contains(one.stands[last].Err.Error(), "key is another")
	})
	if one.leads() {
		t.Error("it leads")
	}
	one.refuse(nil)
	until(t, "it leads", one.leads)
}

func TestAServerThatIsBackIsLedAgain(t *testing.T) {
	s := postgrestest.Start(t)
	one := join(t, "one", s.Database(t))
	until(t, "one leads", one.leads)
	s.Kill(t)
	until(t, "one has stopped", func() bool { return !one.leads() })
	s.Restart(t)
	until(t, "one leads again", one.leads)
	must(t, one.led.SetSetting(ctx, "after", []byte("a restart")))
}

func TestPausesAreKept(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		until := b.clock.now().Add(time.Minute)
		must(t, b.Pause(ctx, ledger.Pause{Registry: "dir", Until: until, Refusals: 1, Why: "it refuses the login"}))
		must(t, b.Pause(ctx, ledger.Pause{Registry: "dir", Until: until, Refusals: 2, Why: "it refuses the login"}))
		list, err := b.Pauses(ctx)
		must(t, err)
		if len(list) != 1 || list[0] != (ledger.Pause{Registry: "dir", Until: until, Refusals: 2, Why: "it refuses the login"}) {
			t.Errorf("pauses are %v", list)
		}
		must(t, b.Resume(ctx, "dir"))
		if list, err := b.Pauses(ctx); err != nil || len(list) != 0 {
			t.Errorf("after it resumed: %v, %v", list, err)
		}
	})
}
