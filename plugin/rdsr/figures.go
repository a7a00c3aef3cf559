package rdsr

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/sr"
)

// Figure is one number of a dose report. Its name is ours, its value a number
// and its unit one that we know, so that it holds nothing else of the report.
type Figure struct {
	Name  string `json:"name"`
	Value string `json:"value"` // "" where the report's is no number
	Unit  string `json:"unit"`  // UCUM; "" for a ratio, and where it is not known
}

// Event is one irradiation, or one administration.
type Event struct {
	Figures []Figure `json:"figures"`
}

// figure is a number that is told, by the short name of the field.
type figure struct {
	concept sr.Code
	name    string
	total   bool // of the whole report, not of an event
}

// figures are in the order in which they are told (PS3.16 TID 10001 to 10042).
var figures = []figure{
	{sr.DCM("113812"), "Events", true},
	{sr.DCM("113813"), "DLP total", true},
	{sr.DCM("113722"), "DAP total", true},
	{sr.DCM("113725"), "Air kerma at reference point, total", true},
	{sr.DCM("113730"), "Fluoroscopy time, total", true},
	{sr.DCM("113726"), "DAP of fluoroscopy", true},
	{sr.DCM("113727"), "DAP of acquisitions", true},
	{sr.DCM("113855"), "Acquisition time, total", true},
	{sr.DCM("111637"), "AGD accumulated", true},
	{sr.DCM("113731"), "Frames", true},

	{sr.DCM("113830"), "CTDIvol", false},
	{sr.DCM("113838"), "DLP", false},
	{sr.DCM("113930"), "SSDE", false},
	{sr.DCM("113825"), "Scan length", false},
	{sr.DCM("122130"), "DAP", false},
	{sr.DCM("113738"), "Air kerma at reference point", false},
	{sr.DCM("113742"), "Duration", false},
	{sr.DCM("111631"), "AGD", false},
	{sr.DCM("111633"), "Compressed thickness", false},
	{sr.DCM("113733"), "Tube voltage", false},
	{sr.DCM("113734"), "Tube current", false},
	{sr.DCM("113845"), "Exposure index", false},
	{sr.DCM("113507"), "Administered activity", false},
}

// Figures reads the dose figures of a report: totals, and those of each event.
// Of what stands several times in an event the first is told.
func (doc *Document) Figures() (totals []Figure, events []Event) {
	totals, events = []Figure{}, []Event{}
	r := figureReader{d: doc.Dataset, tree: doc.Tree}
	r.below(doc.Tree.Root(), nil)
	for _, f := range r.totals {
		totals = append(totals, f.Figure)
	}
	for _, e := range r.events {
		events = append(events, Event{inOrder(*e)})
	}
	return totals, events
}

// placed is a figure with its place in the table.
type placed struct {
	Figure
	place int
}

type figureReader struct {
	d      *dataset.Dataset
	tree   *sr.Tree
	totals []placed
	events []*[]placed
}

// below reads the items below one; event is the one they are in, nil outside.
func (r *figureReader) below(item sr.Item, event *[]placed) {
	for child := range r.tree.Children(item) {
		in := event
		if roles[child.Concept] == isEvent && child.ValueType == "CONTAINER" {
			in = &[]placed{}
			r.events = append(r.events, in)
		}
		r.read(child, in)
		r.below(child, in)
	}
}

func (r *figureReader) read(item sr.Item, event *[]placed) {
	place := slices.IndexFunc(figures, func(f figure) bool { return f.concept == item.Concept })
	if place < 0 || item.ValueType != "NUM" {
		return
	}
	p := placed{Figure{Name: figures[place].name}, place}
	p.Value, p.Unit = measured(r.d, item.Ref)
	switch {
	case figures[place].total && event == nil:
		r.totals = append(r.totals, p)
	case !figures[place].total && event != nil && !slices.ContainsFunc(*event, func(o placed) bool { return o.place == place }):
		*event = append(*event, p)
	}
}

func inOrder(list []placed) []Figure {
	slices.SortStableFunc(list, func(a, b placed) int { return a.place - b.place })
	told := []Figure{}
	for _, p := range list {
		told = append(told, p.Figure)
	}
	return told
}

var decimal = regexp.MustCompile(`^[+-]?([0-9]{1,12}(\.[0-9]{0,12})?|\.[0-9]{1,12})([eE][+-]?[0-9]{1,3})?$`)

// measured is the value and the unit of a NUM item, as far as they are what they
// should be.
func measured(d *dataset.Dataset, item dataset.Ref) (value, unit string) {
	m, ok := d.First(item, sr.MeasuredValueSequence)
	if !ok {
		return "", ""
	}
	if text := d.TextOf(m, sr.NumericValue); decimal.MatchString(text) {
		value = text
	}
	if code := sr.CodeAt(d, m, sr.MeasurementUnitsCodeSequence); knownUnits()[code.Value] {
		unit = strings.Clone(code.Value)
	}
	if unit == "1" || strings.HasPrefix(unit, "{") {
		unit = ""
	}
	return value, unit
}

// knownUnits are those of the templates, and what devices write besides.
var knownUnits = sync.OnceValue(func() map[string]bool {
	known := map[string]bool{}
	for _, unit := range strings.Fields("mGy Gy uGy cGy dGy mGy.cm Gy.m2 dGy.cm2 cGy.cm2 mGy.cm2 uGy.m2 Gy.cm2 mGy.m2 s ms min h mm cm m kV mA uA mA.s uA.s MBq kBq GBq Bq mCi 1") {
		known[unit] = true
	}
	for _, row := range Templates() {
		if row.Unit != "" {
			known[row.Unit] = true
		}
	}
	return known
})
