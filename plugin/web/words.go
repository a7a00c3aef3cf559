package web

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
)

// functions are what templates may call.
var functions = template.FuncMap{
	"time":   clock,
	"day":    func(t *time.Time) string { return format(t, time.DateOnly) },
	"iso":    func(t *time.Time) string { return format(t, time.RFC3339) },
	"date":   func(t time.Time) template.HTML { return clock(when(t)) },
	"left":   left,
	"since":  since,
	"reason": filter.ReasonWords,
	"state":  stateWords,
	"name":   shortName,
	"count":  plural,
	"dict":   dict,
	"join":   strings.Join,
	"by":     byWords,
	"lower":  strings.ToLower,
	"chart":  chart,
	"strip":  strip,
	"scale":  scale,
	"big":    thousands,
	"within": func(list, word string) bool { return slices.Contains(strings.Fields(list), word) },
	"level":  func(plural string) string { return levels[plural] },
	"next":   func(i int) int { return i + 1 },
	"first":  firstFew,
}

// when is a time as the API has it: null where there is none.
func when(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func format(t *time.Time, layout string) string {
	if t == nil {
		return ""
	}
	return t.Local().Format(layout)
}

// clock shows a time with its zone.
func clock(t *time.Time) template.HTML {
	if t == nil {
		return ""
	}
	return template.HTML(fmt.Sprintf(`<time datetime="%s">%s</time>`, t.UTC().Format(time.RFC3339),
		template.HTMLEscapeString(t.Local().Format("2006-01-02 15:04 MST"))))
}

// left says how long something still waits.
func left(t *time.Time) string {
	if t == nil {
		return "never expires"
	}
	d := time.Until(*t)
	switch {
	case d < 0:
		return "due now"
	case d < time.Hour:
		return "in " + plural(int(d.Minutes())+1, "minute")
	case d < 48*time.Hour:
		return "in " + plural(int(d.Hours()), "hour")
	}
	return "in " + plural(int(d.Hours()/24), "day")
}

// since says how long ago something was.
func since(t *time.Time) string {
	if t == nil {
		return ""
	}
	d := time.Since(*t)
	switch {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return plural(int(d.Minutes()), "minute") + " ago"
	case d < 48*time.Hour:
		return plural(int(d.Hours()), "hour") + " ago"
	}
	return plural(int(d.Hours()/24), "day") + " ago"
}

// plural is a number with what it counts.
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	if before, ok := strings.CutSuffix(what, "y"); ok && !strings.HasSuffix(what, "day") {
		what = before + "ie"
	}
	return thousands(n) + " " + what + "s"
}

// thousands writes a number with a thin space between groups of three.
func thousands(n int) string {
	text := fmt.Sprint(n)
	for at := len(text) - 3; at > 0 && text[at-1] != '-'; at -= 3 {
		text = text[:at] + "\u202f" + text[at:]
	}
	return text
}

// sentence makes an error one.
func sentence(text string) string {
	first, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(text[n:], ".") + "."
}

// shortName shows a name that may be missing or long.
func shortName(text string) string {
	if text == "" {
		return "(no name)"
	}
	if r := []rune(text); len(r) > 64 {
		return string(r[:63]) + "…"
	}
	return text
}

func stateWords(state ledger.State) string {
	if state == ledger.None {
		return "–"
	}
	return string(state)
}

// byWords says who caused an event.
func byWords(by string) string {
	if person, ok := strings.CutPrefix(by, "person:"); ok {
		return person
	}
	return map[string]string{ledger.ByFollow: "dosegate (feed)", ledger.ByDeliver: "dosegate (delivery)", ledger.BySweep: "dosegate (holding area)"}[by]
}

// dict makes a map for a template within a template.
func dict(pairs ...any) map[string]any {
	m := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	return m
}
