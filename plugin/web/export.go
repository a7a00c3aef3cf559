package web

import (
	"encoding/csv"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/dosegate/dosegate/plugin/ledger"
)

// exportReports writes what is looked for as CSV, without Orthanc IDs, since a
// table goes from hand to hand.
func (s *Server) exportReports(w http.ResponseWriter, r *http.Request) {
	c := s.who(r)
	if c.anybody() {
		s.toLogin(w, r)
		return
	}
	q, known, err := s.search(r.Context(), readSearch(r))
	if err != nil {
		s.failed(w, r, err)
		return
	}
	table := newTable(w, "dosegate-reports.csv", "id", "source", "station_name", "template", "kind", "state", "reason_code", "reason",
		"registry", "attempts", "received_at", "held_until", "delivered_at")
	if known {
		err = s.Ledger.Search(r.Context(), q, func(row ledger.Row) error {
			l := reportRow(row, caller{})
			return table.row(l.ID, l.Source, l.StationName, l.Template, l.Kind, string(l.State), l.ReasonCode, l.Reason, l.Registry,
				strconv.Itoa(l.Attempts), inTable(l.ReceivedAt), inTable(l.HeldUntil), inTable(l.DeliveredAt))
		})
	}
	table.Flush()
	if err != nil && r.Context().Err() == nil {
		s.Log.Error("cannot export reports", "error", err)
		panic(http.ErrAbortHandler) // half a table must not look like a whole one
	}
}

func inTable(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Format(time.RFC3339)
}

// exportDictionary writes what leaves the house as CSV.
func (s *Server) exportDictionary(w http.ResponseWriter, r *http.Request) {
	if s.who(r).anybody() {
		s.toLogin(w, r)
		return
	}
	table := newTable(w, "dosegate-dictionary.csv", "tag", "scheme", "code", "name", "type", "unit", "templates", "action", "details", "reason")
	for _, e := range s.Dictionary.Entries {
		table.row(e.Tag, e.Scheme, e.Code, e.Name, e.Type, e.Unit, strings.Join(e.Templates, " "), e.Action, e.Details, e.Reason)
	}
	table.Flush()
}

// table writes CSV that no spreadsheet runs.
type table struct{ *csv.Writer }

func newTable(w http.ResponseWriter, name string, heads ...string) table {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	t := table{csv.NewWriter(w)}
	t.row(heads...)
	return t
}

func (t table) row(cells ...string) error {
	for i := range cells {
		cells[i] = defused(cells[i])
	}
	return t.Write(cells)
}

// formula is where a spreadsheet may begin to calculate: at the beginning of a cell,
// and after whatever it is set to part cells by.
var formula = regexp.MustCompile(`(^|[;,|])([\s"']*[=+\-@＝＋－＠])`)

// defused is a cell that no spreadsheet takes for a formula, on one line.
func defused(cell string) string {
	return formula.ReplaceAllString(strings.Join(strings.FieldsFunc(cell, unicode.IsControl), " "), "$1'$2")
}
