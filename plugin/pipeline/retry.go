package pipeline

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanc"
)

// means identifies what reading and de-identifying a report depend on. The key
// is not among it: a report keeps the one in force when it was received.
func (g *Gate) means() string {
	all := []string{g.Version, g.Deidentifier.Policy().Fingerprint()}
	for _, to := range slices.Sorted(maps.Keys(g.Preparations)) {
		all = append(all, g.profile(to))
	}
	return strings.Join(all, " ")
}

// retry tries once more what could not be read, or not be made safe to send,
// when that was with other means than today's: a newer dosegate may read it.
// The ledger keeps by source what all was tried with, so that a stop in
// between, or a source that does not answer, only makes it begin again.
func (s *sweeper) retry(ctx context.Context) error {
	for _, src := range s.Sources {
		setting := "tried with, " + src.Name
		tried, _, err := s.Ledger.Setting(ctx, setting)
		if err != nil {
			return err
		}
		if string(tried) == s.means() {
			continue
		}
		err = everyReport(ctx, s.Ledger.Held, func(r ledger.Report) error { return s.tryAgain(ctx, src, r) })
		if err == nil {
			err = s.Ledger.SetSetting(ctx, setting, []byte(s.means()))
		}
		if err != nil && ctx.Err() == nil {
			s.log.Warn("cannot try again what was unreadable or unsafe, trying later", "source", src.Name, "error", err)
		}
	}
	return ctx.Err()
}

// tryAgain tries one report again. Only a person may take other content for
// the report; whether a leak is none any more shows when it is delivered.
func (s *sweeper) tryAgain(ctx context.Context, src *Source, r ledger.Report) error {
	if r.Source != src.Name || r.ReasonCode != filter.Unreadable && r.ReasonCode != filter.Leak {
		return ctx.Err()
	}
	f, err := s.Gate.look(ctx, src, r.OrthancID, r.ReceivedAt)
	switch {
	case errors.Is(err, orthanc.ErrNotFound):
		err = s.notThere(ctx, r, err, ledger.BySweep)
	case err != nil:
		_, err = src.Client.System(ctx) // if that answers, the instance alone is still not given out
	case f.doc == nil:
	case r.Digest != "" && r.Digest != f.digest && r.Digest != f.asFile:
		err = s.keepChanged(ctx, r, ledger.BySweep)
	default:
		err = s.reopen(ctx, src, r, f, ledger.BySweep)
	}
	if errors.Is(err, ledger.ErrConflict) || errors.Is(err, errKept) {
		return nil
	}
	return err
}
