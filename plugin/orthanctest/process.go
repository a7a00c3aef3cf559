package orthanctest

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"time"
)

// process is a child that does not outlive the test.
type process struct {
	child *os.Process
	ended chan struct{} // closed when it has ended and was waited for
}

// startProcess starts a command whose output is added to a log file.
func startProcess(logFile string, env []string, name string, args ...string) (*process, error) {
	log, err := os.OpenFile(logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Env = append(os.Environ(), env...)
	endWithParent(cmd)

	p := &process{ended: make(chan struct{})}
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
			_ = cmd.Wait() // how it ended is in its log
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return p, nil
}

// end sends the signal and waits; true if the process ended of it, and not only
// of the SIGKILL that follows.
func (p *process) end(sig os.Signal) bool {
	_ = p.child.Signal(sig) // an error means that it has ended already
	select {
	case <-p.ended:
		return true
	case <-time.After(deadline):
		_ = p.child.Kill()
		<-p.ended
		return false
	}
}
