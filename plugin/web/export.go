package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/statement"
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
	table := newTable(w, "dosegate-reports.csv", statement.RowHeads...)
	if known {
		err = s.Ledger.Search(r.Context(), q, func(row ledger.Row) error { return table.Row(statement.RowCells(row)...) })
	}
	if err = errors.Join(err, table.End()); err != nil && r.Context().Err() == nil {
		s.Log.Error("cannot export reports", "error", err)
		panic(http.ErrAbortHandler) // half a table must not look like a whole one
	}
}

// exportDictionary writes what leaves the house as CSV.
func (s *Server) exportDictionary(w http.ResponseWriter, r *http.Request) {
	if s.who(r).anybody() {
		s.toLogin(w, r)
		return
	}
	table := newTable(w, "dosegate-dictionary.csv", "tag", "scheme", "code", "name", "type", "unit", "templates", "action", "details", "reason")
	for _, e := range s.Dictionary.Entries {
		table.Row(e.Tag, e.Scheme, e.Code, e.Name, e.Type, e.Unit, strings.Join(e.Templates, " "), e.Action, e.Details, e.Reason)
	}
	table.End() // whoever asked is gone where it fails
}

func newTable(w http.ResponseWriter, name string, heads ...string) statement.Table {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	return statement.NewTable(w, heads...)
}
