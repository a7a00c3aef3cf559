package notify

import (
	"fmt"
	"strings"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/survey"
)

// Message is what is told at once, as a webhook gets it.
type Message struct {
	Site    string      `json:"site"`
	Version string      `json:"version"`
	At      time.Time   `json:"at"`
	Subject string      `json:"subject"` // of our words, numbers and the site's name alone
	New     []Condition `json:"new"`
	Over    []Condition `json:"over"`
	Summary []string    `json:"summary"` // of a week, a line each; null where it is none
	Text    string      `json:"text"`    // all of it, as a mail says it
}

// mostLines is how many lines of a kind a message has.
const mostLines = 40

func (m *Message) write() {
	prefix := "Dosegate"
	if m.Site != "" {
		prefix += " " + m.Site
	}
	var subject []string
	if n := len(m.New); n > 0 {
		subject = append(subject, verb(int64(n), "thing needs attention", "things need attention"))
	}
	if n := len(m.Over); n > 0 {
		subject = append(subject, fmt.Sprintf("%d over", n))
	}
	if len(m.Summary) > 0 {
		subject = append(subject, "the week")
	}
	if len(subject) == 0 {
		subject = []string{"a test"}
	}
	m.Subject = prefix + ": " + strings.Join(subject, ", ")
	var b strings.Builder
	part(&b, "NEEDS ATTENTION", lines(m.New))
	part(&b, "OVER", lines(m.Over))
	part(&b, "THE LAST SEVEN DAYS", m.Summary)
	if b.Len() == 0 {
		b.WriteString("This is a test: messages of dosegate arrive here.\n\n")
	}
	fmt.Fprintf(&b, "-- \nDosegate %s, %s\n", m.Version, moment(m.At))
	m.Text = b.String()
}

func lines(all []Condition) (list []string) {
	for _, c := range all {
		list = append(list, c.Words)
	}
	return list
}

func part(b *strings.Builder, head string, lines []string) {
	if len(lines) == 0 {
		return
	}
	b.WriteString(head + "\n")
	for i, line := range lines {
		if i == mostLines {
			fmt.Fprintf(b, "- and %d more\n", len(lines)-i)
			break
		}
		b.WriteString("- " + line + "\n")
	}
	b.WriteString("\n")
}

// overs say how something ended; what only faded away is not worth a word.
func overs(all []told, s *survey.Survey) (list []Condition) {
	for _, t := range all {
		if words := t.over(s); words != "" {
			list = append(list, Condition{t.Kind, t.About, t.Count, words})
		}
	}
	return list
}

func (t told) over(s *survey.Survey) string {
	switch t.Kind {
	case Missing:
		return "The reports of Orthanc " + t.About + " are back, or were given up."
	case Unread:
		return "Orthanc " + t.About + " answers again."
	case Refused, Behind:
		if inTrouble(s, t.About) {
			return "" // of another kind, which is told
		}
		return "Registry " + t.About + " takes reports again."
	case Paused:
		return "Registry " + t.About + " is not paused any more."
	case Rejected:
		return "No report is rejected by registry " + t.About + " any more."
	case Expiring:
		return t.expired(s)
	case Waiting:
		return "No report waits for that reason any more: " + reason(t.About) + "."
	case Silent:
		if !stillThere(s, t.About) {
			return ""
		}
		return station(t.About) + " is heard again."
	case Unknown:
		if _, configured := s.Entry(t.About); !configured {
			return ""
		}
		return station(t.About) + " is in stations.yaml now."
	case List:
		return "The stations list is in order again."
	case Disk:
		return "The disk that the " + t.About + " lies on has room again."
	case Certificate:
		return "The certificate for " + t.About + " is renewed."
	}
	return ""
}

// expired says whether they went, or were decided on in time.
func (t told) expired(s *survey.Survey) string {
	n := s.Came(t.At, "", ledger.Expired, func(c ledger.DayCount) bool { return c.Station == t.About })
	if n > 0 {
		return fmt.Sprintf("%s: %s.", station(t.About), verb(n, "report has expired", "reports have expired"))
	}
	return station(t.About) + ": no report is about to expire any more."
}

func inTrouble(s *survey.Survey, registry string) bool {
	for _, r := range s.Registries {
		if r.Name == registry {
			return r.Refuses || r.Stopped != nil || r.Behind(s.At) > behindFor
		}
	}
	return false
}

func stillThere(s *survey.Survey, label string) bool {
	for _, st := range s.Stations {
		if st.Label == label {
			return st.Sends()
		}
	}
	return false
}
