package pipeline

import (
	"math/rand/v2"
	"sync"
	"time"
)

// Limits say how much is asked of one registry. The zero value asks for the
// defaults.
type Limits struct {
	AtOnce    int // reports on their way; 0: 4
	PerMinute int // deliveries begun; 0: as many as there are
}

// deliveriesAtOnce is how many reports are on their way to one registry.
const deliveriesAtOnce = 4

// circuit decides whether a registry is spoken to at all. It opens when the
// registry refuses us, when it asks for time, and after a number of failures in
// a row that no report is to blame for. Then nothing is sent for a while, and
// after that one report alone, until one comes through: a registry that is down
// costs its queue no attempts.
type circuit struct {
	mu       sync.Mutex
	failures int       // transient, in a row
	refusals int       // of us, in a row
	until    time.Time // nothing is sent before, by the steady clock
}

const (
	failuresToOpen  = 5
	shortestOpen    = 2 * time.Second
	longestOpen     = 5 * time.Minute
	shortestRefusal = time.Minute
	longestRefusal  = 15 * time.Minute
)

// room is how many sends may begin, with some under way.
func (c *circuit) room(now time.Time, underWay, atOnce int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case now.Before(c.until):
		return 0
	case c.doubts():
		atOnce = 1 // to see
	}
	return max(0, atOnce-underWay)
}

// wary reports whether one report alone is sent, to see.
func (c *circuit) wary() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.doubts()
}

func (c *circuit) doubts() bool { return c.failures >= failuresToOpen || c.refusals > 0 }

// opensAgain is when something may be sent again, zero for at once.
func (c *circuit) opensAgain() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.until
}

// answered notes that the registry took a report, or rejected one: it is there.
// It says whether it had refused us before.
func (c *circuit) answered() (refused bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	refused = c.refusals > 0
	c.failures, c.refusals, c.until = 0, 0, time.Time{}
	return refused
}

// failed notes a failure that may pass, and how long the registry asked to be
// left alone. What was under way when it opened fails with it and makes no pause
// longer: of twenty reports in one request none tells more than the others.
func (c *circuit) failed(now time.Time, asked time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failures < failuresToOpen || !now.Before(c.until) {
		c.failures++
		if over := c.failures - failuresToOpen; over >= 0 {
			c.open(now, shortestOpen/2+rand.N(grown(shortestOpen, over, longestOpen)))
		}
	}
	if asked > 0 {
		c.open(now, asked)
	}
}

// refused notes that the registry refuses us as a whole. It says for how long
// nothing is sent, news false where that was known: several sends end in the
// same refusal.
func (c *circuit) refused(now time.Time) (wait time.Duration, refusals int, news bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Before(c.until) && c.refusals > 0 {
		return c.until.Sub(now), c.refusals, false
	}
	wait = grown(shortestRefusal, c.refusals, longestRefusal)
	c.refusals++
	c.open(now, wait)
	return wait, c.refusals, true
}

// suspect goes on where another process was refused: one report is tried first.
func (c *circuit) suspect(refusals int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refusals = refusals
}

func (c *circuit) open(now time.Time, wait time.Duration) {
	if until := now.Add(wait); until.After(c.until) {
		c.until = until
	}
}

// grown doubles a pause with every time that it was not enough.
func grown(first time.Duration, times int, longest time.Duration) time.Duration {
	if times > 20 {
		return longest
	}
	return min(first<<times, longest)
}
