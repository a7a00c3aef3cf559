package pipeline_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/orthanctest"
	"github.com/dosegate/dosegate/plugin/postgrestest"
)

// childWorld is the environment variable by which a test starts itself again
// as a dosegate that dies: a process of its own can be killed.
const childWorld = "DOSEGATE_TEST_CHILD"

// child is what the dying dosegate is told.
type child struct {
	Dir, Database                         string
	Gateway, GatewayPassword              string
	Registry, RegistryPassword, DieBefore string
	HoldFor, ClearAfter                   time.Duration
}

func TestMain(m *testing.M) {
	if spec := os.Getenv(childWorld); spec != "" {
		die(spec)
	}
	os.Exit(postgrestest.Run(m))
}

// die runs a dosegate that kills itself at the step it is told.
func die(spec string) {
	var c child
	if err := json.Unmarshal([]byte(spec), &c); err != nil {
		panic(err)
	}
	testing.Init()
	t := &testing.T{}
	w := &world{t: t, dir: c.Dir, url: c.Gateway, holdFor: c.HoldFor, clear: c.ClearAfter, now: time.Now, log: &lines{}, policy: deid.Registry,
		gateway:  &orthanctest.Orthanc{URL: c.Gateway, Password: c.GatewayPassword},
		registry: &orthanctest.Orthanc{URL: c.Registry, Password: c.RegistryPassword}}
	w.send, w.databases = w.stow(c.Registry), map[string]string{c.Dir: c.Database}
	w.prepare = func() {
		w.gate.AtStep(func(step string) {
			if step == c.DieBefore {
				syscall.Kill(os.Getpid(), syscall.SIGKILL)
				select {}
			}
		})
	}
	w.start()
	<-time.After(time.Minute)
	os.Exit(3) // the step was never reached
}

// runUntilKilled runs a dosegate in a process of its own up to a step, where
// it dies by SIGKILL.
func (w *world) runUntilKilled(step string) {
	w.t.Helper()
	w.address() // a database has to be there
	spec, err := json.Marshal(child{Dir: w.dir, Database: w.databases[w.dir], Gateway: w.gateway.URL, GatewayPassword: w.gateway.Password,
		Registry: w.registry.URL, RegistryPassword: w.registry.Password, DieBefore: step, HoldFor: w.holdFor, ClearAfter: w.clear})
	must(w.t, err)
	cmd := exec.CommandContext(w.t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childWorld+"="+string(spec))
	out, err := cmd.CombinedOutput()
	var ended *exec.ExitError
	if !errors.As(err, &ended) || ended.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		w.t.Fatalf("dosegate was not killed at %q: %v\n%s", step, err, out)
	}
}

func TestAKillBetweenAnyTwoStepsLosesAndDoublesNothing(t *testing.T) {
	w := newWorld(t, nil)
	w.stations("stations:\n  - name: CT1\n")
	for _, step := range []string{"before record", "after record", "before send", "after send", "after delivered"} {
		t.Run(step, func(t *testing.T) {
			w.t, w.dir = t, t.TempDir()
			w.stations("stations:\n  - name: CT1\n")
			before := len(w.registry.Instances(t))
			w.gateway.Store(t, w.report("CT1"), w.report("CT9"))
			// Every instance of the rounds before is in the feed again, under a
			// new key: a lost installation, whose reports are others.
			w.runUntilKilled(step)
			w.start()
			defer w.stop()
			n := len(w.gateway.Instances(t))
			w.eventually("everything delivered or held", func() bool {
				states := w.states()
				return len(states) == n && !slices.ContainsFunc(states, func(s string) bool {
					return s != "CT1 delivered station_configured" && s != "CT9 held station_not_configured"
				})
			})
			if got, want := len(w.registry.Instances(t))-before, n/2; got != want {
				t.Errorf("%d new objects at the registry, want %d", got, want)
			}
		})
	}
}

func TestAKillAroundADeletionIsRecordedAsExpired(t *testing.T) {
	w := newWorld(t, nil)
	for _, step := range []string{"before seal", "before delete", "after delete"} {
		t.Run(step, func(t *testing.T) {
			w.t, w.dir, w.holdFor = t, t.TempDir(), 2*time.Second
			w.stations("stations:\n  - name: CT1\n")
			id := w.gateway.Store(t, w.report("CT9"))[0]
			w.runUntilKilled(step)
			w.start()
			defer w.stop()
			w.eventuallyStates("CT9 expired station_not_configured")
			w.eventuallyDeleted("CT9", id)
		})
	}
}
