package config

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Role says what a source is for.
type Role string

// The roles of a source.
const (
	Gateway Role = "gateway" // exists for dosegate; what expires is deleted
	Archive Role = "archive" // nothing is ever deleted
)

// Marks says what is written into Orthanc for Orthanc Explorer.
type Marks string

// The marks.
const (
	MarksNone              Marks = "none"
	MarksMetadata          Marks = "metadata"
	MarksMetadataAndLabels Marks = "metadata+labels"
)

// Duration is a time span written in days, hours, minutes and seconds: 14d, 12h,
// 30m, 10s, or several of them as in 1d12h.
type Duration time.Duration

var (
	durationForm = regexp.MustCompile(`^([0-9]+[dhms])+$`)
	durationPart = regexp.MustCompile(`([0-9]+)([dhms])`)
	units        = map[string]time.Duration{"d": 24 * time.Hour, "h": time.Hour, "m": time.Minute, "s": time.Second}
)

// UnmarshalText reads a duration.
func (d *Duration) UnmarshalText(text []byte) error {
	if !durationForm.Match(text) {
		return fmt.Errorf("%q is not a time span such as 14d, 12h, 30m or 10s", text)
	}
	var sum time.Duration
	for _, part := range durationPart.FindAllStringSubmatch(string(text), -1) {
		unit := units[part[2]]
		n, err := strconv.ParseInt(part[1], 10, 64)
		if err != nil || n > int64((100*365*24*time.Hour-sum)/unit) {
			return fmt.Errorf("%q is longer than a hundred years", text)
		}
		sum += time.Duration(n) * unit
	}
	*d = Duration(sum)
	return nil
}

// MarshalText writes a duration as it is read.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// String writes a duration as it is read, in the fewest parts.
func (d Duration) String() string {
	var b strings.Builder
	rest := time.Duration(d)
	for _, u := range []string{"d", "h", "m", "s"} {
		if n := rest / units[u]; n > 0 {
			fmt.Fprintf(&b, "%d%s", n, u)
			rest -= n * units[u]
		}
	}
	if b.Len() == 0 {
		return "0s"
	}
	return b.String()
}

// Retention is how long something stays; zero is for ever, written keep.
type Retention Duration

// UnmarshalText reads keep or a duration.
func (r *Retention) UnmarshalText(text []byte) error {
	if string(text) == "keep" {
		*r = 0
		return nil
	}
	if err := (*Duration)(r).UnmarshalText(text); err != nil {
		return fmt.Errorf("%w, or keep", err)
	}
	if *r == 0 {
		return fmt.Errorf("%q would be at once: give keep, or a time span such as 30d", text)
	}
	return nil
}

// MarshalText writes a retention as it is read.
func (r Retention) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// String writes a retention as it is read.
func (r Retention) String() string {
	if r == 0 {
		return "keep"
	}
	return Duration(r).String()
}

// Delay is from how long to how long something waits, at random; both are the
// same where it is not random.
type Delay struct{ From, To Duration }

// UnmarshalText reads a duration, or two with .. between them.
func (d *Delay) UnmarshalText(text []byte) error {
	from, to, random := strings.Cut(string(text), "..")
	if !random {
		to = from
	}
	if d.From.UnmarshalText([]byte(from)) != nil || d.To.UnmarshalText([]byte(to)) != nil {
		return fmt.Errorf("%q is neither a time span such as 1d nor two such as 1d..7d", text)
	}
	if d.To < d.From {
		return fmt.Errorf("%q ends before it begins: write it as %s..%s", text, to, from)
	}
	return nil
}

// MarshalText writes a delay as it is read.
func (d Delay) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// String writes a delay as it is read.
func (d Delay) String() string {
	if d.From == d.To {
		return d.From.String()
	}
	return d.From.String() + ".." + d.To.String()
}

// Since says where the first start begins to read a feed: all, now, or a date.
type Since string

// Where a first start begins, unless at a date.
const (
	SinceAll Since = "all"
	SinceNow Since = "now"
)

// UnmarshalText reads all, now or a date.
func (s *Since) UnmarshalText(text []byte) error {
	*s = Since(text)
	if _, isDate := s.Date(); isDate || *s == SinceAll || *s == SinceNow {
		return nil
	}
	return fmt.Errorf("%q is neither all, nor now, nor a date such as 2026-01-31", text)
}

// Date gives the date, if it is one: its first moment in UTC.
func (s Since) Date() (time.Time, bool) {
	t, err := time.Parse(time.DateOnly, string(s))
	return t, err == nil
}
