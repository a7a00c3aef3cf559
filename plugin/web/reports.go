package web

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/rdsr"
)

// ReportRow is one report on its way to one registry, or by itself.
type ReportRow struct {
	ID            string       `json:"id"`
	Source        string       `json:"source"`
	OrthancID     string       `json:"orthanc_id"` // "" for a viewer
	StationName   string       `json:"station_name"`
	Template      string       `json:"template"`
	Kind          string       `json:"kind"`
	State         ledger.State `json:"state"`
	ReasonCode    string       `json:"reason_code"`
	Reason        string       `json:"reason"` // for the state
	Registry      string       `json:"registry"`
	Attempts      int          `json:"attempts"`
	NextAttemptAt *time.Time   `json:"next_attempt_at"`
	ReceivedAt    *time.Time   `json:"received_at"`
	HeldUntil     *time.Time   `json:"held_until"` // null where nothing expires
	DeliveredAt   *time.Time   `json:"delivered_at"`
}

func reportRow(row ledger.Row, c caller) ReportRow {
	r, d := row.Report, row.Delivery
	line := ReportRow{ID: r.ID, Source: r.Source, StationName: r.StationName, Template: r.Template, Kind: r.Kind, State: row.State,
		ReasonCode: r.ReasonCode, Reason: r.Reason, Registry: d.Registry, Attempts: d.Attempts, ReceivedAt: when(r.ReceivedAt),
		DeliveredAt: when(d.DeliveredAt)}
	if c.Operator() {
		line.OrthancID = r.OrthancID
	}
	switch row.State {
	case ledger.Held:
		line.HeldUntil = when(r.HeldUntil)
	case ledger.Queued:
		line.NextAttemptAt = when(d.NextAttemptAt)
	}
	if (row.State == ledger.Queued || row.State == ledger.Rejected) && d.LastError != "" {
		line.Reason = d.LastError
	}
	return line
}

// Reports is a page of reports.
type Reports struct {
	Rows []ReportRow `json:"reports"`
	Next string      `json:"next"` // the value of after for the next page, "" on the last one

	Search     searchForm     `json:"-"`
	States     []ledger.State `json:"-"`
	Kinds      []string       `json:"-"`
	Registries []string       `json:"-"`
	Unknown    string         `json:"-"` // a station that was looked for and is not known
}

// shownStates are the states that a row can show.
var shownStates = []ledger.State{ledger.Held, ledger.Queued, ledger.Delivered, ledger.Rejected, ledger.Expired, ledger.Withdrawn}

// searchForm is what somebody looks for.
type searchForm struct {
	Station, State, Kind, Registry, Reason, From, To string
}

// rowsShown is how many rows a page has.
const rowsShown = 100

func readSearch(r *http.Request) searchForm {
	text := func(key string) string { return strings.TrimSpace(r.FormValue(key)) }
	return searchForm{text("station"), text("state"), text("kind"), text("registry"), text("reason"), text("from"), text("to")}
}

// query is the form as it stands in an address.
func (f searchForm) query() url.Values {
	q := url.Values{}
	for key, value := range map[string]string{"station": f.Station, "state": f.State, "kind": f.Kind, "registry": f.Registry,
		"reason": f.Reason, "from": f.From, "to": f.To} {
		if value != "" {
			q.Set(key, value)
		}
	}
	return q
}

// Query is the form in an address, as a link to its export has it. The type says
// that it is escaped: html/template would do it again.
func (f searchForm) Query() template.URL { return template.URL(f.query().Encode()) }

// Any reports whether anything is looked for.
func (f searchForm) Any() bool { return f != searchForm{} }

// search turns the form into a search of the ledger. Known is false when no
// station has a name such as the one looked for.
func (s *Server) search(ctx context.Context, f searchForm) (q ledger.Search, known bool, err error) {
	q = ledger.Search{State: ledger.State(f.State), Kind: f.Kind, Registry: f.Registry, ReasonCode: f.Reason}
	if f.State != "" && !slices.Contains(shownStates, q.State) {
		return q, false, problem{http.StatusBadRequest, "There is no such state of a report."}
	}
	if q.From, err = dayOf(f.From); err == nil {
		q.To, err = dayOf(f.To)
	}
	if err != nil {
		return q, false, problem{http.StatusBadRequest, "A day is written as 2026-01-31."}
	}
	if !q.To.IsZero() {
		q.To = q.To.Add(oneDay)
	}
	if f.Station == "" {
		return q, true, nil
	}
	q.Stations, err = s.named(ctx, f.Station)
	return q, len(q.Stations) > 0, err
}

// noName is what a person looks for to find reports without a Station Name.
const noName = "(no name)"

// named are the names of stations that have a text in them; of very many only
// the first.
func (s *Server) named(ctx context.Context, text string) ([]string, error) {
	totals, err := s.Ledger.Totals(ctx)
	var names []string
	for _, t := range totals {
		if t.Registry != "" || len(names) == 100 || slices.Contains(names, t.Station) {
			continue
		}
		if strings.EqualFold(t.Station, text) {
			return []string{t.Station}, err
		}
		if strings.Contains(strings.ToLower(t.Station), strings.ToLower(text)) || text == noName && t.Station == "" {
			names = append(names, t.Station)
		}
	}
	return names, err
}

// dayOf is the first moment of a day in UTC, zero for none.
func dayOf(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.DateOnly, text)
}

func (s *Server) reports(r *http.Request, c caller) (any, error) {
	page := &Reports{Rows: []ReportRow{}, Search: readSearch(r), States: shownStates, Registries: s.registryNames(),
		Kinds: []string{rdsr.KindCT, rdsr.KindXARF, rdsr.KindDX, rdsr.KindMG, rdsr.KindNM}}
	q, known, err := s.search(r.Context(), page.Search)
	if err != nil || !known {
		page.Unknown = page.Search.Station
		return page, err
	}
	if q.After, err = readCursor(r.FormValue("after")); err != nil {
		return nil, err
	}
	q.Limit = rowsShown + 1
	var last ledger.Cursor
	err = s.Ledger.Search(r.Context(), q, func(row ledger.Row) error {
		if len(page.Rows) == rowsShown {
			page.Next = writeCursor(last)
			return errEnough
		}
		page.Rows, last = append(page.Rows, reportRow(row, c)), row.Cursor()
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return page, err
}

// More is the address of the next page.
func (p *Reports) More() template.URL {
	q := p.Search.query()
	q.Set("after", p.Next)
	return template.URL(q.Encode())
}

// A cursor stands in an address as the time in milliseconds, the id and the
// registry of the last row.
func writeCursor(c ledger.Cursor) string {
	return fmt.Sprintf("%d.%s.%s", c.ReceivedAt.UnixMilli(), c.ID, c.Registry)
}

func readCursor(text string) (c ledger.Cursor, err error) {
	if text == "" {
		return c, nil
	}
	parts := strings.SplitN(text, ".", 3)
	ms, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil || len(parts) != 3 {
		return c, problem{http.StatusBadRequest, "This is no address of a page of reports."}
	}
	return ledger.Cursor{ReceivedAt: time.UnixMilli(ms).UTC(), ID: parts[1], Registry: parts[2]}, nil
}
