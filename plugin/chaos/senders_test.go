package chaos

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// crowd is who sends reports to the gateway by C-STORE: each sender sends its
// own, one after the other, and each until it is acknowledged.
type crowd struct {
	*stage
	maker   *maker
	reports []report

	allowed      atomic.Int64 // reports that may be begun; the rest comes later
	begun        atomic.Int64 // reports
	acknowledged atomic.Int64 // reports
	stores       atomic.Int64 // C-STOREs tried
	refused      atomic.Int64 // C-STOREs that failed
	again        atomic.Int64 // reports sent once more after they were acknowledged
}

// newCrowd makes the reports of a run known; their files are made when they are
// sent.
func newCrowd(s *stage, o options) *crowd {
	c := &crowd{stage: s, maker: newMaker(s.t, o.seed)}
	for n := range o.reports {
		r, _ := c.maker.make(n)
		c.reports = append(c.reports, r)
		s.markers.add(r.markers...)
	}
	return c
}

// send sends everything, and returns when all is acknowledged or the context has
// ended.
func (c *crowd) send(ctx context.Context) {
	var all sync.WaitGroup
	for _, aet := range senders {
		all.Go(func() {
			for _, r := range c.reports {
				if r.sender == aet && c.turn(ctx) {
					c.one(ctx, r)
				}
			}
		})
	}
	all.Wait()
}

// turn waits until one more report may be sent, so that some are on their way
// whatever harm is done; false when the context has ended.
func (c *crowd) turn(ctx context.Context) bool {
	for n := c.begun.Add(1); n > c.allowed.Load(); {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(20 * time.Millisecond):
		}
	}
	return ctx.Err() == nil
}

func (c *crowd) one(ctx context.Context, r report) {
	_, file := c.maker.make(r.number)
	path := filepath.Join(c.dir, fmt.Sprintf("%s.dcm", r.sender))
	if err := os.WriteFile(path, file, 0o600); err != nil {
		c.t.Error(err)
		return
	}
	defer os.Remove(path)
	if c.untilAcknowledged(ctx, r.sender, path) {
		c.acknowledged.Add(1)
	}
	if r.twice && c.untilAcknowledged(ctx, r.sender, path) {
		c.again.Add(1)
	}
}

func (c *crowd) untilAcknowledged(ctx context.Context, aet, path string) bool {
	for ctx.Err() == nil {
		c.stores.Add(1)
		scu := exec.CommandContext(ctx, "storescu", "-aet", aet, "-aec", c.gateway.AET, "--required", "--propose-little",
			"-to", "10", "-ta", "10", "-td", "30", "127.0.0.1", strconv.Itoa(c.gateway.DICOMPort), path)
		if scu.Run() == nil {
			return true
		}
		c.refused.Add(1)
		select {
		case <-ctx.Done():
		case <-time.After(200 * time.Millisecond):
		}
	}
	return false
}
