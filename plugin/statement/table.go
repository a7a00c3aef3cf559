package statement

import (
	"encoding/csv"
	"io"
	"regexp"
	"strings"
	"unicode"
)

// Table writes CSV (RFC 4180) that no spreadsheet runs.
type Table struct{ w *csv.Writer }

// NewTable begins a table.
func NewTable(to io.Writer, heads ...string) Table {
	t := Table{csv.NewWriter(to)}
	t.Row(heads...)
	return t
}

// Row writes one line; its error may come as late as that of End.
func (t Table) Row(cells ...string) error {
	for i, cell := range cells {
		cells[i] = defused(cell)
	}
	return t.w.Write(cells)
}

// End writes what is left, and gives the first error.
func (t Table) End() error {
	t.w.Flush()
	return t.w.Error()
}

// formula is where a spreadsheet may begin to calculate: at the beginning of a cell,
// and after whatever it is set to part cells by.
var formula = regexp.MustCompile(`(^|[;,|])([\s"']*[=+\-@＝＋－＠])`)

// defused is a cell that no spreadsheet takes for a formula, on one line.
func defused(cell string) string {
	return formula.ReplaceAllString(strings.Join(strings.FieldsFunc(cell, unicode.IsControl), " "), "$1'$2")
}
