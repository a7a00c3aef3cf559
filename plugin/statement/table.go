package statement

import (
	"encoding/csv"
	"io"
	"strings"
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

// defused is a cell that no spreadsheet takes for a formula.
func defused(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
