package statement

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
)

// Line is what became of the reports of one station, for one registry, that its
// Orthanc received in a month. What waits in the holding area or has left it goes to
// no registry, and stands under "". Received is the sum of all that follows it.
type Line struct {
	Facility string `json:"facility"` // the registry's ID of it, "" where none is known
	Station  string `json:"station_name"`
	Registry string `json:"registry"`

	Received  int            `json:"received"`
	Accepted  int            `json:"accepted"`              // delivered
	Warned    int            `json:"accepted_with_warning"` // delivered, of which the registry says more than that
	Rejected  int            `json:"rejected"`
	Copies    int            `json:"copies"`   // delivered, as an object that the registry has of another copy of the report
	NotSent   int            `json:"not_sent"` // rejected before it was sent: the registry has the report with other bytes, say
	Queued    int            `json:"queued"`
	Held      int            `json:"held"`
	Expired   int            `json:"expired"`
	Withdrawn int            `json:"withdrawn"`
	Reasons   map[string]int `json:"rejected_reasons"` // how often which, as status and Failure Reason
}

// Sent is how many objects the registry has answered for good: what it counts itself.
func (l Line) Sent() int { return l.Accepted + l.Warned + l.Rejected }

// Month is the statement of what was received from one time to another. Facility
// gives that of a report that was not sent yet.
func Month(ctx context.Context, l *ledger.Ledger, from, to time.Time, facility func(ledger.Report) string) ([]Line, error) {
	type key struct{ facility, station, registry string }
	lines := make(map[key]*Line)
	objects := make(map[[2]string]bool) // that a registry has, by its name and their UID
	err := l.Search(ctx, ledger.Search{From: from, To: to}, func(row ledger.Row) error {
		of := row.Delivery.Facility
		if row.Delivery.SentSHA256 == "" {
			of = facility(row.Report)
		}
		k := key{of, row.Report.StationName, row.Delivery.Registry}
		if lines[k] == nil {
			lines[k] = &Line{Facility: k.facility, Station: k.station, Registry: k.registry, Reasons: make(map[string]int)}
		}
		object := [2]string{row.Delivery.Registry, row.Delivery.SentSOPInstanceUID}
		lines[k].add(row, objects[object])
		objects[object] = objects[object] || row.State == ledger.Delivered
		return nil
	})
	var all []Line
	for _, line := range lines {
		all = append(all, *line)
	}
	slices.SortFunc(all, func(a, b Line) int {
		return cmp.Or(cmp.Compare(a.Facility, b.Facility), cmp.Compare(a.Station, b.Station), cmp.Compare(a.Registry, b.Registry))
	})
	return all, err
}

// add counts a row, of an object that was counted before or not.
func (l *Line) add(row ledger.Row, again bool) {
	l.Received++
	switch d := row.Delivery; {
	case row.State == ledger.Delivered && again:
		l.Copies++
	case row.State == ledger.Delivered && d.Warning:
		l.Warned++
	case row.State == ledger.Delivered:
		l.Accepted++
	case row.State == ledger.Rejected && d.Status == 0 && d.FailureReason == 0:
		l.NotSent++
	case row.State == ledger.Rejected:
		l.Rejected++
		l.Reasons[refusal(d)]++
	case row.State == ledger.Held:
		l.Held++
	case row.State == ledger.Expired:
		l.Expired++
	case row.State == ledger.Withdrawn:
		l.Withdrawn++
	default:
		l.Queued++
	}
}

// refusal is why a registry refused a report, in numbers.
func refusal(d ledger.Delivery) string {
	return strings.TrimSpace(number(d.Status) + " " + reason(d.FailureReason))
}

// MonthHeads are the columns of a statement.
var MonthHeads = []string{"month", "facility", "station_name", "registry", "received", "sent", "accepted", "accepted_with_warning",
	"rejected", "rejected_reasons", "copies", "not_sent", "queued", "held", "expired", "withdrawn"}

// Cells is a line under [MonthHeads].
func (l Line) Cells(month time.Time) []string {
	cells := []string{month.Format("2006-01"), l.Facility, l.Station, l.Registry}
	for _, n := range []int{l.Received, l.Sent(), l.Accepted, l.Warned, l.Rejected} {
		cells = append(cells, fmt.Sprint(n))
	}
	cells = append(cells, l.Why())
	for _, n := range []int{l.Copies, l.NotSent, l.Queued, l.Held, l.Expired, l.Withdrawn} {
		cells = append(cells, fmt.Sprint(n))
	}
	return cells
}

// Why are the reasons of the refusals, the most frequent first.
func (l Line) Why() string {
	names := slices.SortedFunc(maps.Keys(l.Reasons), func(a, b string) int {
		return cmp.Or(cmp.Compare(l.Reasons[b], l.Reasons[a]), cmp.Compare(a, b))
	})
	var all []string
	for _, name := range names {
		all = append(all, fmt.Sprintf("%s: %d", name, l.Reasons[name]))
	}
	return strings.Join(all, ", ")
}
