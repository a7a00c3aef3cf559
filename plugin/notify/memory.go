package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
)

// memory is what one channel has told. It is in the ledger.
type memory struct {
	Told []told    `json:"told"`
	Last time.Time `json:"last"` // message
	Week string    `json:"week"` // of the last summary
}

// told is a condition that was told, and is not over.
type told struct {
	Kind  Kind      `json:"kind"`
	About string    `json:"about"`
	Count int64     `json:"count"`
	At    time.Time `json:"at"`
}

func memoryName(channel string) string { return "told by " + channel }

func recall(ctx context.Context, l *ledger.Ledger, channel string) (m memory, err error) {
	text, _, err := l.Setting(ctx, memoryName(channel))
	if err != nil || len(text) == 0 {
		return m, err
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return memory{}, fmt.Errorf("read what %s has told: %w", channel, err)
	}
	return m, nil
}

// keep fails for who does not lead any more.
func (m memory) keep(ctx context.Context, l *ledger.Ledger, channel string) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return l.SetSetting(ctx, memoryName(channel), text)
}

// again is how long after it was told a condition is told again if it is worse.
const again = 24 * time.Hour

// compare gives what is to be told, what is over, and the memory when that is done.
func (m memory) compare(all []Condition, now time.Time) (news []Condition, over []told, next memory) {
	next = memory{Last: m.Last, Week: m.Week}
	for _, c := range all {
		i := slices.IndexFunc(m.Told, c.same)
		switch {
		case i < 0 && c.Count == 0:
			continue
		case i >= 0 && c.Count == 0:
			next.Told = append(next.Told, m.Told[i])
			continue
		case i < 0:
			news = append(news, c)
			next.Told = append(next.Told, told{c.Kind, c.About, c.Count, now})
			continue
		}
		t := m.Told[i]
		if c.Count > t.Count && now.Sub(t.At) >= again {
			news, t.At, t.Count = append(news, c), now, c.Count
		}
		t.Count = min(t.Count, c.Count) // one more after this is one more
		next.Told = append(next.Told, t)
	}
	for _, t := range m.Told {
		if !slices.ContainsFunc(all, func(c Condition) bool { return c.same(t) }) {
			over = append(over, t)
		}
	}
	return news, over, next
}

// differs says whether next has something else than m.
func (m memory) differs(next memory) bool {
	return m.Week != next.Week || !slices.Equal(m.Told, next.Told)
}
