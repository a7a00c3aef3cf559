package pipeline

import (
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

func TestARegistryThatIsDownIsTriedWithOneReportAtATime(t *testing.T) {
	var c circuit
	for i := range failuresToOpen {
		if got := c.room(noon, 0, 4); got != 4 {
			t.Fatalf("after %d failures there is room for %d", i, got)
		}
		c.failed(noon, 0)
	}
	if got := c.room(noon, 0, 4); got != 0 {
		t.Errorf("just after it failed for good there is room for %d", got)
	}
	later := noon.Add(longestOpen + shortestOpen)
	if got := c.room(later, 0, 4); got != 1 {
		t.Errorf("later there is room for %d", got)
	}
	if got := c.room(later, 1, 4); got != 0 {
		t.Errorf("while one is tried there is room for %d more", got)
	}
	if c.answered() {
		t.Error("it had not refused us")
	}
	if got := c.room(later, 1, 4); got != 3 {
		t.Errorf("after an answer there is room for %d more", got)
	}
}

func TestManyReportsThatFailTogetherAreOneTrouble(t *testing.T) {
	for range 50 {
		var c circuit
		for range 64 {
			c.failed(noon, 0)
		}
		if wait := c.opensAgain().Sub(noon); wait > 2*shortestOpen {
			t.Fatalf("nothing is sent for %s", wait)
		}
	}
}

func TestWhatARegistryAsksForHoldsForItsWholeQueue(t *testing.T) {
	var c circuit
	c.failed(noon, time.Minute)
	if got := c.room(noon.Add(59*time.Second), 0, 4); got != 0 {
		t.Errorf("too early there is room for %d", got)
	}
	if got := c.room(noon.Add(time.Minute), 0, 4); got != 4 {
		t.Errorf("in time there is room for %d", got)
	}
}

func TestARefusalIsSaidOnceAPauseAndThePausesGrow(t *testing.T) {
	var c circuit
	now, waits := noon, []time.Duration{}
	for range 6 {
		wait, _, news := c.refused(now)
		if _, _, again := c.refused(now); !news || again {
			t.Fatalf("said %v, and again %v", news, again)
		}
		waits = append(waits, wait)
		now = now.Add(wait)
	}
	for i, want := range []time.Duration{1, 2, 4, 8, 15, 15} {
		if waits[i] != want*time.Minute {
			t.Errorf("pause %d is %v", i+1, waits[i])
		}
	}
	if got := c.room(now, 0, 4); got != 1 {
		t.Errorf("after a refusal there is room for %d", got)
	}
	if !c.answered() {
		t.Error("it had refused us")
	}
}

func TestPausesBetweenAttemptsAreBoundedAndNoShorterThanAskedFor(t *testing.T) {
	for attempts := range 40 {
		for range 50 {
			if p := pause(attempts, 0); p < time.Second || p > longestPause+time.Second {
				t.Fatalf("after %d attempts %v", attempts, p)
			}
			if p := pause(attempts, 2*time.Hour); p != 2*time.Hour {
				t.Fatalf("asked for two hours, got %v", p)
			}
		}
	}
}
