package rdsr

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/dosegate/dosegate/plugin/sr"
)

//go:embed templates.tsv
var templatesTable string

// TemplateRow is one content item of a template of PS3.16 annex C: what a dose
// report may hold, and what it must.
type TemplateRow struct {
	TID   string // as in "10013" or "10003B"
	Level int    // depth in the template, 0 for its top

	// Requirement is M, MC, U or UC (PS3.16 6.1.6), "" where it is not known.
	Requirement string
	Many        bool // it may stand more than once

	// ValueType is that of the content item, or INCLUDE for another template,
	// which Concept then names: its number under the scheme TID. A concept that
	// comes from a context group is the group's number under the scheme CID.
	ValueType string
	Concept   sr.Code
	Meaning   string

	Unit         string   // of a NUM, in UCUM
	Values       []string // where a CODE's value or a NUM's unit comes from: "CID 4030" or "77477000 SCT"
	Relationship string   // with the parent (PS3.3 C.17.3.2.4)
}

// Included is the number of the template that the row includes, "" where it is
// a content item itself.
func (r TemplateRow) Included() string {
	if r.ValueType != "INCLUDE" {
		return ""
	}
	return r.Concept.Value
}

// Templates are the rows of the dose templates and of those that they include,
// template after template. The slice is shared: it is not to be changed.
func Templates() []TemplateRow { return templates() }

var templates = sync.OnceValue(func() []TemplateRow {
	var all []TemplateRow
	head := true
	for line := range strings.Lines(templatesTable) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		if head {
			head = false
			continue
		}
		row, err := templateRow(strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
		if err != nil {
			panic("templates.tsv: " + err.Error())
		}
		all = append(all, row)
	}
	return all
})

func templateRow(c []string) (TemplateRow, error) {
	if len(c) != 11 {
		return TemplateRow{}, fmt.Errorf("%d columns in %q", len(c), c)
	}
	level, err := strconv.Atoi(c[1])
	if err != nil {
		return TemplateRow{}, fmt.Errorf("read the level of %q: %w", c, err)
	}
	row := TemplateRow{TID: c[0], Level: level, Requirement: c[2], Many: c[3] == "n", ValueType: c[4],
		Concept: sr.Code{Scheme: c[5], Value: c[6]}, Meaning: c[7], Unit: c[8], Relationship: c[10]}
	if c[9] != "" {
		row.Values = strings.Split(c[9], "|")
	}
	return row, nil
}
