package pipeline

import (
	"testing"
	"time"
)

// clocks are a wall clock that is set, and a steady one.
type clocks struct {
	guard
	t            *testing.T
	wall, steady time.Time
}

const (
	settleOfTests = time.Hour
	waitOfTests   = 14 * 24 * time.Hour
)

func newClocks(t *testing.T) *clocks {
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	c := &clocks{t: t, wall: at, steady: at}
	c.compare(c.wall, c.steady, settleOfTests, waitOfTests)
	return c
}

// pass lets time pass, and sees what is said at the end of it.
func (c *clocks) pass(d time.Duration) jump {
	c.wall, c.steady = c.wall.Add(d), c.steady.Add(d)
	return c.compare(c.wall, c.steady, settleOfTests, waitOfTests)
}

// set sets the wall clock.
func (c *clocks) set(by time.Duration) jump {
	c.wall = c.wall.Add(by)
	return c.pass(time.Second)
}

// mustExpire says whether anything may expire now.
func (c *clocks) mustExpire(when string, may bool) {
	c.t.Helper()
	if why := c.unsettled(c.steady); (why == "") != may {
		c.t.Errorf("%s: may expire should be %v; because %q", when, may, why)
	}
}

func (c *clocks) mustSay(j jump, by, lasts time.Duration) {
	c.t.Helper()
	if j.by.Round(time.Minute) != by || j.lasts.Round(time.Minute) != lasts {
		c.t.Errorf("said %+v, want a jump by %s for %s", j, by, lasts)
	}
}

const day = 24 * time.Hour

func TestAClockThatJumpsAheadEndsNoWaitBeforeItsTime(t *testing.T) {
	c := newClocks(t)
	c.mustSay(c.set(3*day), 3*day, 3*day)
	c.mustExpire("at once", false)
	if j := c.pass(3*day - time.Minute); j.by != 0 {
		t.Errorf("said again: %+v", j)
	}
	c.mustExpire("before three days have passed", false)
	c.pass(2 * time.Minute)
	c.mustExpire("after them", true)
	c.pass(30 * day)
	c.mustExpire("later", true)
	c.mustSay(c.set(400*day), 400*day, waitOfTests)
	c.pass(waitOfTests - time.Minute)
	c.mustExpire("before a whole wait", false)
	c.pass(2 * time.Minute)
	c.mustExpire("after a whole wait", true)
}

func TestAClockThatIsSetRightAgainIsBelievedSoon(t *testing.T) {
	c := newClocks(t)
	c.set(30 * day)
	c.pass(6 * time.Hour)
	c.mustSay(c.set(-30*day), -30*day, settleOfTests)
	c.mustExpire("at once", false)
	c.pass(settleOfTests)
	c.mustExpire("soon", true)
}

func TestAClockThatIsSetBackCountsFromThenOn(t *testing.T) {
	c := newClocks(t)
	c.mustSay(c.set(-30*day), -30*day, settleOfTests)
	c.pass(settleOfTests)
	c.mustExpire("soon", true)
	// What came while it was wrong has a day that is too early once it is right.
	c.mustSay(c.set(30*day), 30*day, waitOfTests)
	c.pass(2 * settleOfTests)
	c.mustExpire("soon after it was set right", false)
}

func TestASecondJumpAheadBeginsTheWaitAnew(t *testing.T) {
	c := newClocks(t)
	c.set(3 * day)
	c.pass(2 * day)
	c.set(day)
	c.pass(2 * day)
	c.mustExpire("as long after the second as the first jump was", false)
	c.mustSay(c.set(-day), -day, settleOfTests)
	c.mustExpire("two days after the second, with three days still to make up for", false)
	c.pass(day + time.Minute)
	c.mustExpire("three days after it", true)
}

func TestManySmallJumpsAreOne(t *testing.T) {
	c := newClocks(t)
	for range 10 {
		c.set(clockTolerance / 3)
	}
	c.mustExpire("in the end", false)
}

func TestAClockThatOnlyRunsIsNoJump(t *testing.T) {
	c := newClocks(t)
	for range 100 {
		if j := c.pass(day); j.by != 0 {
			t.Fatalf("said: %+v", j)
		}
		c.mustExpire("every day", true)
	}
}
