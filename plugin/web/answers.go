package web

import (
	"fmt"
	"strings"
	"time"

	"github.com/dosegate/dosegate/plugin/filter"
)

// The levels of an answer.
const (
	levelNone = "none"
	levelGood = "good"
	levelWarn = "warn"
	levelBad  = "bad"
)

// Answer answers one of the three questions.
type Answer struct {
	Question string `json:"question"`
	Level    string `json:"level"` // none (nothing to tell yet), good, warn or bad
	Short    string `json:"short"`
	Words    string `json:"words"`
	Link     string `json:"-"`
}

// arrives answers: does everything arrive?
func (o *Overview) arrives() Answer {
	a := Answer{Question: "Does everything arrive?", Level: levelGood, Short: "Yes", Link: "/registries"}
	last := o.Days[len(o.Days)-1]
	a.Words = fmt.Sprintf("%s came and %s delivered today (UTC).", plural(last.Seen, "report"), verb(last.Delivered, "was", "were"))
	if o.FirstDay {
		a.Level, a.Short, a.Words = levelNone, "Nothing yet", "No report has come so far."
	}
	var wrong []string
	for _, s := range o.Sources {
		if !s.Well && s.CheckedAt != nil {
			wrong = append(wrong, "Orthanc "+s.Name+" does not answer")
		}
	}
	for _, r := range o.Registries {
		if !r.Well() {
			wrong = append(wrong, "registry "+r.Name+" "+r.short())
		}
	}
	level := levelBad
	if len(wrong) == 0 {
		level = levelWarn
	}
	rejected := 0
	for _, d := range o.Days[len(o.Days)-7:] {
		rejected += d.Rejected
	}
	if rejected > 0 {
		wrong = append(wrong, plural(rejected, "report")+" rejected within seven days")
	}
	if len(wrong) > 0 {
		a.Level, a.Short, a.Words = level, "No", sentence(strings.Join(wrong, "; "))
	}
	return a
}

func verb(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}

// waiting answers: is anything waiting for me?
func (o *Overview) waiting() Answer {
	a := Answer{Question: "Is anything waiting for me?", Level: levelGood, Short: "No", Words: "Nothing is held.", Link: "/holding"}
	never, soon, held := 0, 0, 0
	var first *time.Time
	for _, w := range o.Waits {
		held += w.Count
		switch {
		case w.Never() && w.ReasonCode != filter.Paused:
			never += w.Count
		case w.ReasonCode == filter.StationNotConfigured || w.ReasonCode == filter.NoStationName:
			soon += w.Count
			if w.Soonest != nil && (first == nil || w.Soonest.Before(*first)) {
				first = w.Soonest
			}
		}
	}
	if held > 0 {
		a.Words = plural(held, "report") + " held, and none of them needs you."
	}
	var parts []string
	if never > 0 {
		parts = append(parts, plural(never, "report")+" cannot go on without a person")
	}
	if soon > 0 {
		part := plural(soon, "report") + " of stations that nobody configured"
		if first != nil {
			part += ", the first expires " + left(first)
		}
		parts = append(parts, part)
	}
	if len(parts) > 0 {
		a.Level, a.Short, a.Words = levelWarn, "Yes", sentence(strings.Join(parts, "; "))
	}
	if never > 0 || first != nil && first.Sub(*o.At) < 2*oneDay {
		a.Level = levelBad
	}
	return a
}

// silence answers: is anyone silent?
func (o *Overview) silence() Answer {
	a := Answer{Question: "Is anyone silent?", Level: levelGood, Short: "No", Words: "Every station sends as it usually does.", Link: "/stations"}
	if len(o.Stations) == 0 {
		a.Level, a.Short, a.Words = levelNone, "Nobody known", "No station has sent a report yet."
		return a
	}
	var silent, jumped []string
	for _, d := range o.Stations {
		switch {
		case d.Silent:
			silent = append(silent, fmt.Sprintf("%s for %s", shortName(d.Name), plural(d.SilentDays, "day")))
		case d.Jumped:
			jumped = append(jumped, shortName(d.Name))
		}
	}
	if len(silent) > 0 {
		a.Level, a.Short, a.Words = levelBad, "Yes", sentence(firstFew(silent))
	}
	if len(jumped) > 0 {
		if len(silent) == 0 {
			a.Level = levelWarn
		}
		a.Words += " " + sentence(firstFew(jumped)+" sent far more than usual")
	}
	return a
}

func firstFew(words []string) string {
	const few = 3
	if len(words) <= few {
		return strings.Join(words, ", ")
	}
	return strings.Join(words[:few], ", ") + fmt.Sprintf(" and %d more", len(words)-few)
}
