package notify

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// longest is how much of a text that is not ours is told.
const longest = 300

// plain makes one line of printable characters of a text: a line's end in it would
// be taken for one of ours.
func plain(text string) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
	if cut := []rune(text); len(cut) > longest {
		text = string(cut[:longest]) + "…"
	}
	return strings.TrimRight(text, ".")
}

func station(name string) string {
	if name == "" {
		return "What names no station"
	}
	return "Station " + plain(name)
}

func because(trouble string) string {
	if trouble == "" {
		return ""
	}
	return "The last attempt: " + plain(trouble) + "."
}

func moment(at time.Time) string { return at.UTC().Format("2006-01-02 15:04") + " UTC" }

func plural(n int64, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// verb is plural for words that end in a verb.
func verb(n int64, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}
