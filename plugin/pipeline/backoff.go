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

// pause is how long to wait after a number of failed attempts: anything up to a
// bound that doubles (full jitter), so that what failed together does not come
// back together. What the registry asked for is the least.
func pause(attempts int, asked time.Duration) time.Duration {
	return max(time.Second+rand.N(grown(firstPause, attempts, longestPause)), asked)
}
