package ledger

import (
	"context"
	"errors"
	"time"
)

// DefaultLease is how long a leader may be silent until another one takes over.
const DefaultLease = 6 * time.Second

// Member is one of several dosegates that share a ledger.
type Member struct {
	Name string        // for people; best one that stays the same
	For  time.Duration // how long the lead is kept without a beat; 0: DefaultLease

	// May says why this member must not lead now, nil when it may. It is told
	// who led last.
	May func(ctx context.Context, last Lease) error

	// Run works as the leader until its context ends: because the program stops,
	// or because the lead is lost. Writes to the ledger that it is given fail
	// when another one leads.
	Run func(ctx context.Context, led *Ledger) error

	// Stands is told what the member waits for, whenever that changes.
	Stands func(Standing)
}

// Standing is why a member does not lead.
type Standing struct {
	Leader string // the one that leads, as far as is known
	Err    error  // why we must not lead, or cannot tell
}

// Lead has a member stand by, lead, and stand by again, until the context ends or
// Run fails for another reason than that the ledger is away.
func (l *Ledger) Lead(ctx context.Context, m Member) error {
	if m.For == 0 {
		m.For = DefaultLease
	}
	for {
		led, err := l.standBy(ctx, m)
		if err != nil {
			return err
		}
		err = led.lead(ctx, m)
		if ctx.Err() != nil || err != nil && !errors.Is(err, ErrFenced) && !errors.Is(err, ErrAway) {
			return err
		}
	}
}

// standBy waits until the lead is ours. Its only error is the context's.
func (l *Ledger) standBy(ctx context.Context, m Member) (*Ledger, error) {
	var w watch
	said := Standing{Leader: "\x00"} // what no standing is
	for {
		now, led := l.reach(ctx, m, &w)
		if led != nil {
			return led, nil
		}
		if ctx.Err() == nil && !now.same(said) {
			m.Stands(now)
			said = now
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(m.For / 12):
		}
	}
}

// reach takes the lead if it is free and we may.
func (l *Ledger) reach(ctx context.Context, m Member, w *watch) (Standing, *Ledger) {
	s, err := l.Lease(ctx)
	if err != nil {
		*w = watch{} // nobody was seen to be silent while we saw nothing
		return Standing{Err: err}, nil
	}
	now := Standing{}
	if s.Held {
		now.Leader = s.Leader
	}
	free := w.look(s, time.Now(), m.For)
	if now.Err = m.May(ctx, s); now.Err != nil || !free {
		return now, nil
	}
	led, err := l.take(ctx, s, m)
	if errors.Is(err, ErrFenced) {
		return now, nil // another one was quicker
	}
	now.Err = err
	return now, led
}

func (s Standing) same(o Standing) bool {
	return s.Leader == o.Leader && (s.Err == nil) == (o.Err == nil) && (s.Err == nil || s.Err.Error() == o.Err.Error())
}

// lead runs, beats beside it, and gives the lead back. It returns ErrFenced when
// the lead was lost.
func (l *Ledger) lead(ctx context.Context, m Member) error {
	running, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	ran := make(chan struct{})
	beating := make(chan struct{})
	go func() {
		defer close(beating)
		if err := l.keepBeating(ran, m.For); err != nil {
			stop(err)
		}
	}()
	err := m.Run(running, l)
	lost := context.Cause(running)
	close(ran)
	<-beating
	if errors.Is(lost, ErrFenced) {
		return errors.Join(ErrFenced, err)
	}
	giving, cancel := context.WithTimeout(context.WithoutCancel(ctx), m.For)
	defer cancel()
	_ = l.giveBack(giving) // where it fails, the others wait a little longer
	return err
}

// keepBeating beats until done. It gives up, with ErrFenced, when another one
// leads, and while there is still a good third of the time in which none can.
func (l *Ledger) keepBeating(done <-chan struct{}, long time.Duration) error {
	for {
		select {
		case <-done:
			return nil
		case <-time.After(long / 4):
		}
		left := l.beaten.left(time.Now())
		if left <= 0 {
			return errors.Join(errors.New("the ledger could not be reached in time"), ErrFenced)
		}
		at := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), left)
		err := l.beat(ctx)
		cancel()
		switch {
		case err == nil:
			l.beaten.confirm(at)
		case errors.Is(err, ErrFenced):
			return err
		}
	}
}
