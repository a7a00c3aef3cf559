package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// newLines writes JSON, one object a line.
func newLines(to io.Writer) *json.Encoder {
	lines := json.NewEncoder(to)
	lines.SetEscapeHTML(false)
	return lines
}

// table writes rows under a heading, for a person.
type table struct{ w *tabwriter.Writer }

func newTable(to io.Writer, heading ...any) table {
	t := table{tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)}
	t.row(heading...)
	return t
}

// row adds a row; an empty cell shows as a hyphen.
func (t table) row(cells ...any) {
	texts := make([]string, len(cells))
	for i, cell := range cells {
		if texts[i] = fmt.Sprint(cell); texts[i] == "" {
			texts[i] = "-"
		}
	}
	fmt.Fprintln(t.w, strings.Join(texts, "\t"))
}

func (t table) end() error { return t.w.Flush() }

// inUTC is a time as JSON has it: null where there is none.
func inUTC(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// clock is such a time as a table has it.
func clock(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Format(time.DateTime)
}
