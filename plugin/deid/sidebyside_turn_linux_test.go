package deid_test

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// contestant is something that de-identifies a report.
type contestant struct {
	name string
	// times does it n times over, and returns the CPU time that it took, in all
	// processes that took part but not in the one that asks, and a copy.
	times func(t testing.TB, r *benchReport, n int) (cpu time.Duration, output []byte)
	inGo  bool // in this process: allocations can be counted
}

// turn is a contestant with one report.
type turn struct {
	contestant
	report *benchReport
	n      int // how often in a round
	output []byte
	each   []time.Duration // CPU time a report, by round
	spent  time.Duration

	bytes, allocs          uint64 // a report
	leaked, uidsLeft, lost string
}

const (
	aTurn  = 400 * time.Millisecond // CPU time of a contestant with a report in a round
	atMost = 5 * time.Second        // and in all: the slow ones have fewer rounds
)

// newTurn warms up, and finds out how often a report fits into a round.
func newTurn(t testing.TB, c contestant, r *benchReport) *turn {
	u := &turn{contestant: c, report: r}
	cpu, output := c.times(t, r, 1)
	if u.output = output; c.inGo {
		cpu, _ = c.times(t, r, 1)
	}
	u.n = int(min(max(1, aTurn/max(cpu, 1)), 3000))
	return u
}

func (u *turn) take(t testing.TB) {
	if u.spent > atMost {
		return
	}
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, _ := u.times(t, u.report, u.n)
	runtime.ReadMemStats(&after)
	if n := uint64(u.n); u.inGo {
		u.bytes, u.allocs = (after.TotalAlloc-before.TotalAlloc)/n, (after.Mallocs-before.Mallocs)/n
	}
	u.each = append(u.each, cpu/time.Duration(u.n))
	u.spent += cpu
}

// inProcess is a contestant in Go. Its CPU time is that of this process, the
// garbage collector's included.
func inProcess(name string, deidentify func(file []byte) ([]byte, error)) contestant {
	return contestant{name: name, inGo: true, times: func(t testing.TB, r *benchReport, n int) (cpu time.Duration, output []byte) {
		from := ownCPU(t)
		var err error
		for range n {
			if output, err = deidentify(r.file); err != nil {
				t.Fatalf("%s: %s: %v", name, r.name, err)
			}
		}
		return ownCPU(t) - from, output
	}}
}

func ownCPU(t testing.TB) time.Duration {
	var u syscall.Rusage
	must(t, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// cpuOf is the CPU time of another running process, in ticks of 10 ms (proc(5)).
func cpuOf(t testing.TB, pid int) time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	must(t, err)
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	var ticks int
	for _, f := range fields[11:13] { // utime and stime
		n, err := strconv.Atoi(f)
		must(t, err)
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}
