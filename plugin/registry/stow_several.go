package registry

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// gatherer puts objects that are sent at the same time into one request, for a
// registry that takes several. Who sends one does not notice: each gets the receipt for
// its own object, and an object of which the answer says nothing clear goes once more,
// alone.
type gatherer struct {
	stow *STOW
	most int // objects in a request

	mu   sync.Mutex
	open map[string]*batch // that others may join, by facility: it is part of the address
}

const (
	gatherFor = 20 * time.Millisecond // the first object waits so long for others
	mostBytes = 32 << 20              // in a request of several
)

// batch is one request of several objects.
type batch struct {
	objects []Object
	bytes   int
	waiting int // of those who sent them
	started bool
	cancel  context.CancelFunc
	ctx     context.Context

	done   chan struct{}  // closed when what follows is there
	resp   *http.Response // its body is read
	answer []byte
	err    error
}

func newGatherer(s *STOW, most int) *gatherer {
	return &gatherer{stow: s, most: most, open: make(map[string]*batch)}
}

// send sends an object together with those that others send meanwhile.
func (g *gatherer) send(ctx context.Context, o Object) (Receipt, error) {
	b := g.join(ctx, o)
	select {
	case <-b.done:
	case <-ctx.Done():
		g.leave(b, o.Facility)
		return Receipt{}, g.stow.lost(ctx.Err())
	}
	switch {
	case b.err != nil:
		return Receipt{}, b.err
	case len(b.objects) == 1:
		return g.stow.judge(b.resp, b.answer, o.SOPInstanceUID)
	}
	if receipt, err, clear := g.stow.judgeAmong(b.resp, b.answer, o.SOPInstanceUID); clear {
		return receipt, err
	}
	return g.stow.sendAlone(ctx, o)
}

// join puts an object into the request that is being gathered, and sends that when it
// is full.
func (g *gatherer) join(ctx context.Context, o Object) *batch {
	g.mu.Lock()
	defer g.mu.Unlock()
	b := g.open[o.Facility]
	if b != nil && b.bytes+len(o.File) > mostBytes {
		g.start(b, o.Facility)
		b = nil
	}
	if b == nil {
		b = &batch{done: make(chan struct{})}
		b.ctx, b.cancel = context.WithCancel(context.WithoutCancel(ctx))
		g.open[o.Facility] = b
		time.AfterFunc(gatherFor, func() {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.start(b, o.Facility)
		})
	}
	b.objects, b.bytes, b.waiting = append(b.objects, o), b.bytes+len(o.File), b.waiting+1
	if len(b.objects) == g.most {
		g.start(b, o.Facility)
	}
	return b
}

// leave is called by who waits no more; a request that nobody waits for is given up,
// and nobody joins it any more.
func (g *gatherer) leave(b *batch, facility string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if b.waiting--; b.waiting == 0 {
		b.cancel()
		b.started = true
		g.shut(b, facility)
	}
}

// shut ends that others join a request. It is called with the lock held.
func (g *gatherer) shut(b *batch, facility string) {
	if g.open[facility] == b {
		delete(g.open, facility)
	}
}

// start sends what was gathered. It is called with the lock held.
func (g *gatherer) start(b *batch, facility string) {
	if b.started {
		return
	}
	b.started = true
	g.shut(b, facility)
	go func() {
		defer close(b.done)
		defer b.cancel()
		files := make([][]byte, len(b.objects))
		for i, o := range b.objects {
			files[i] = o.File
		}
		b.resp, b.answer, b.err = g.stow.post(b.ctx, newBody(files...), facility)
	}()
}

// judgeAmong decides what the answer to a request of several objects means for one of
// them, and says whether it is clear. The status is then about all of them: it may be
// 202 or 409 because of another.
func (s *STOW) judgeAmong(resp *http.Response, answer []byte, sopInstanceUID string) (Receipt, error, bool) {
	said, _ := readAnswer(answer, sopInstanceUID)
	receipt := Receipt{Status: resp.StatusCode, FailureReason: said.failureReason, Warning: said.warning, Count: said.count}
	switch {
	case refusesUs(resp.StatusCode), resp.StatusCode >= 500, resp.StatusCode == http.StatusTooManyRequests:
		_, err := s.judge(resp, nil, sopInstanceUID)
		return receipt, err, true
	case said.stored && !said.failed:
		return receipt, nil, true
	}
	return receipt, nil, false
}
