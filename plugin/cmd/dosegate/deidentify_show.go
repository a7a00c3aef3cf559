package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/rdsr"
)

// deidentified is what became of one input.
type deidentified struct {
	Input          string       `json:"input"`
	Output         string       `json:"output"`
	Error          string       `json:"error"`
	Counts         *deid.Counts `json:"counts"` // null with an error
	Marks          *deid.Marks  `json:"marks"`  // as they are in the output
	LeakCheck      string       `json:"leak_check"`
	SOPInstanceUID string       `json:"sop_instance_uid"`

	changes []deid.Change
}

// The answers of the leak check; "" where it was not come to.
const (
	leakClean    = "clean"
	leakReplaced = "texts_replaced" // it found identifiers in texts, replaced those, and then no more
	leakFound    = "leak"           // the copy is not written
)

// took takes over a result.
func (d *deidentified) took(r *deid.Result) error {
	marks, err := r.Marks()
	if err != nil {
		return err
	}
	d.Counts, d.Marks, d.SOPInstanceUID, d.LeakCheck = &r.Counts, &marks, r.SOPInstanceUID, leakClean
	if r.Counts.LeakedTexts > 0 {
		d.LeakCheck = leakReplaced
	}
	return nil
}

// failed takes over why there is no copy.
func (d *deidentified) failed(err error) {
	var leak *deid.LeakError
	if errors.As(err, &leak) {
		d.LeakCheck = leakFound
	}
	d.Error = err.Error()
}

func deidentifiedJSON(to io.Writer, d deidentified) error { return newLines(to).Encode(d) }

func showDeidentified(to io.Writer, d deidentified) error {
	if d.Error != "" {
		return nil // said on standard error
	}
	_, err := fmt.Fprintf(to, "%s -> %s  (kept %d, cleaned %d, replaced %d, emptied %d, removed %d)\n", d.Input, d.Output,
		d.Counts.Kept, d.Counts.Cleaned, d.Counts.Replaced, d.Counts.Emptied, d.Counts.Removed)
	return err
}

// showChanges adds a table of what is not as it was, with the values of the copy
// alone.
func showChanges(to io.Writer, d deidentified) error {
	if err := showDeidentified(to, d); err != nil || d.Error != "" {
		return err
	}
	t := newTable(to, "  PLACE", "NAME", "ACTION", "NEW VALUE", "CONTENT ITEM")
	for _, c := range d.changes {
		t.row("  "+c.Place, c.Name, c.Action, rdsr.Plain(c.Value), c.Concept)
	}
	return t.end()
}
