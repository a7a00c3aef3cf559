package pipeline

import (
	"context"
	"time"
)

// doorbell wakes sleeping loops early. Correctness never depends on it: a loop
// that misses it sleeps its time out.
type doorbell struct {
	rings chan struct{}
}

func newDoorbell() doorbell { return doorbell{rings: make(chan struct{}, 1)} }

// ring never blocks; several rings before an answer are one.
func (b doorbell) ring() {
	select {
	case b.rings <- struct{}{}:
	default:
	}
}

// wait sleeps until the bell rings or the time is over; false when the
// context ended.
func (b doorbell) wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
	case <-b.rings:
	}
	return ctx.Err() == nil
}
