package notify

import (
	"fmt"
	"time"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/survey"
)

// morning is when a week begins on a Monday, by the clock of the machine's place.
const morning = 7 * time.Hour

func weekOf(now time.Time) string {
	year, week := now.Local().Add(-morning).ISOWeek()
	return fmt.Sprintf("%d-W%02d", year, week)
}

// summary says how the last seven days were, and what stands open.
func summary(s *survey.Survey) []string {
	since := s.At.AddDate(0, 0, -7)
	came := func(registry string, state ledger.State) int64 { return s.Came(since, registry, state, survey.All) }
	all := []string{fmt.Sprintf("%s came, %d expired, %d were withdrawn.", plural(came("", ledger.FirstSeen), "report"), came("", ledger.Expired), came("", ledger.Withdrawn))}
	for _, r := range s.Registries {
		all = append(all, fmt.Sprintf("Registry %s: %d delivered, %d rejected; %s now.", r.Name, came(r.Name, ledger.Delivered),
			came(r.Name, ledger.Rejected), verb(int64(r.Queued), "waits", "wait")))
	}
	held := map[string]int64{}
	var codes []string
	for _, w := range s.Waits {
		if held[w.ReasonCode] == 0 {
			codes = append(codes, w.ReasonCode)
		}
		held[w.ReasonCode] += int64(w.Count)
	}
	for _, code := range codes {
		all = append(all, fmt.Sprintf("%s held: %s.", plural(held[code], "report"), reason(code)))
	}
	quiet, silent := 0, 0
	for _, st := range s.Stations {
		switch {
		case !st.Sends():
			quiet++
		case st.Silent:
			silent++
		}
	}
	return append(all, fmt.Sprintf("Stations: %d configured, of them %d silent and %d left out or paused; %d unknown.", len(s.Stations), silent, quiet, len(s.Unknown)))
}

func reason(code string) string { return filter.ReasonWords(code) }
