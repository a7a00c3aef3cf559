// Package processtest runs the programs that tests need beside them, an Orthanc
// or a PostgreSQL, so that none outlives its test.
package processtest

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// deadline is how long a process may take to end by itself.
const deadline = 60 * time.Second

// Options says how a process is started.
type Options struct {
	LogFile   string         // its output is added there
	Env       []string       // "KEY=value", beside the test's own environment
	User      *User          // nil: who runs the test
	WhenAlone syscall.Signal // the kernel ends it with this when the test dies; 0: SIGKILL
}

// User is another user of this machine.
type User struct{ UID, GID uint32 }

// Process is a child that does not outlive the test.
type Process struct {
	child *os.Process
	ended chan struct{}    // closed when it has ended and was waited for
	state *os.ProcessState // then
}

// Start starts a command.
func Start(o Options, name string, args ...string) (*Process, error) {
	log, err := os.OpenFile(o.LogFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Env = append(os.Environ(), o.Env...)
	prepare(cmd, o)

	p := &Process{ended: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// The kernel ends the child with the thread that started it, so this
		// thread must live, and do nothing else, until the child has ended.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(p.ended)
		defer log.Close()
		err := cmd.Start()
		if err == nil {
			p.child = cmd.Process
		}
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended is in its log and its state
			p.state = cmd.ProcessState
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return p, nil
}

// Ended is closed when the process has ended.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Signal sends a signal. That the process has ended already is no error.
func (p *Process) Signal(sig os.Signal) { _ = p.child.Signal(sig) }

// End sends the signal and waits; true if the process ended of it, and not only
// of the SIGKILL that follows.
func (p *Process) End(sig os.Signal) bool {
	p.Signal(sig)
	select {
	case <-p.ended:
		return true
	case <-time.After(deadline):
		_ = p.child.Kill()
		<-p.ended
		return false
	}
}

// ExitCode is that of a process that has ended, -1 where a signal ended it.
func (p *Process) ExitCode() int { return p.state.ExitCode() }

// PID is the number of the process.
func (p *Process) PID() int { return p.child.Pid }
