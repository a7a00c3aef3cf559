package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
)

// Stop is that a person has a registry's queue wait. It is in the ledger, so that
// whoever leads obeys, and it outlives a start.
type Stop struct {
	At  time.Time `json:"at"`
	Why string    `json:"why"`
	By  string    `json:"by"`
}

func stopSetting(registry string) string { return "registry stopped: " + registry }

// StopRegistry has a registry's queue wait until ResumeRegistry.
func StopRegistry(ctx context.Context, l *ledger.Ledger, registry string, s Stop) error {
	text, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("stop registry %s: %w", registry, err)
	}
	if err := l.SetSetting(ctx, stopSetting(registry), text); err != nil {
		return err
	}
	return l.Note(ctx, "", registry, "paused: "+s.Why, s.By)
}

// ResumeRegistry ends a stop.
func ResumeRegistry(ctx context.Context, l *ledger.Ledger, registry, why, by string) error {
	if err := l.SetSetting(ctx, stopSetting(registry), nil); err != nil {
		return err
	}
	return l.Note(ctx, "", registry, "resumed: "+why, by)
}

// Stopped says whether a person has a registry's queue wait.
func Stopped(ctx context.Context, l *ledger.Ledger, registry string) (s Stop, is bool, err error) {
	text, _, err := l.Setting(ctx, stopSetting(registry))
	if err != nil || len(text) == 0 {
		return s, false, err
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return s, true, fmt.Errorf("read whether registry %s is stopped: %w", registry, err)
	}
	return s, true, nil
}

// isStopped keeps the queue waiting also where it cannot be told: a person may
// have had a reason.
func (d *deliverer) isStopped(ctx context.Context) bool {
	_, stopped, err := Stopped(ctx, d.Ledger, d.to.Name())
	if err != nil && ctx.Err() == nil {
		d.log.Error("cannot tell whether the registry is paused", "error", err)
	}
	return stopped || err != nil
}
