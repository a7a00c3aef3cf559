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

func newClocks(t *testing.T) *clocks {
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	c := &clocks{t: t, wall: at, steady: at}
	c.compare(c.wall, c.steady)
	return c
}

const day = 24 * time.Hour

// pass lets time pass.
func (c *clocks) pass(d time.Duration) jump {
	c.wall, c.steady = c.wall.Add(d), c.steady.Add(d)
	return c.compare(c.wall, c.steady)
}

// set sets the wall clock, and has that believed.
func (c *clocks) set(by time.Duration) jump {
	c.wall = c.wall.Add(by)
	j := c.pass(time.Second)
	if j.by != 0 {
		c.believe(c.wall, c.steady, j)
	}
	return j
}

func TestAClockThatOnlyRunsIsNoJump(t *testing.T) {
	c := newClocks(t)
	for range 100 {
		if j := c.pass(day); j.by != 0 {
			t.Fatalf("said: %+v", j)
		}
	}
}

func TestAJumpIsSaidUntilItIsBelieved(t *testing.T) {
	c := newClocks(t)
	c.wall = c.wall.Add(3 * day)
	for range 3 {
		if j := c.pass(time.Hour); j.by != 3*day || j.right {
			t.Errorf("said: %+v", j)
		}
	}
	c.believe(c.wall, c.steady, jump{by: 3 * day})
	if j := c.pass(day); j.by != 0 {
		t.Errorf("said again: %+v", j)
	}
}

func TestAClockThatIsSetBackToWhatItWasIsRightAgain(t *testing.T) {
	c := newClocks(t)
	for i, step := range []struct {
		by    time.Duration
		right bool
	}{{30 * day, false}, {-10 * day, false}, {-20 * day, true}, {-30 * day, false}, {30 * day, false}, {day, false}, {-day, true}} {
		c.pass(6 * time.Hour)
		if j := c.set(step.by); j.by != step.by || j.right != step.right {
			t.Errorf("step %d: %+v, want %+v", i, j, step)
		}
	}
}

func TestManySmallJumpsAreOne(t *testing.T) {
	c := newClocks(t)
	said := 0
	for range 10 {
		if j := c.set(clockTolerance / 3); j.by != 0 {
			said++
		}
	}
	if said != 3 {
		t.Errorf("said %d times", said)
	}
}
