package pipeline

import (
	"math/rand/v2"
	"time"
)

// The pauses between attempts grow from the first to the longest.
const (
	firstPause   = 2 * time.Second
	longestPause = time.Hour
)

// pause is how long to wait after a number of failed attempts: growing, with
// jitter, so that what failed together does not come back together. What the
// registry asked for is the least.
func pause(attempts int, asked time.Duration) time.Duration {
	d := longestPause
	if attempts < 12 {
		d = min(firstPause<<attempts, longestPause)
	}
	d = d/2 + rand.N(d/2)
	return max(d, asked)
}
