package rdsr

import (
	"slices"
	"strings"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/sr"
)

// Missing is a mandatory row of the report's template that is not there, or has
// no value. The words are the template's.
type Missing struct {
	Path  []string `json:"path"`  // from below the root down to the row
	Count int      `json:"count"` // how often it is missing
	Of    int      `json:"of"`    // how often it should be there
}

// Missing compares a report with its template (PS3.16 6.1.6): rows that are
// mandatory, M, wherever the item that they belong to is there. Conditions, MC,
// are not known here and ask for nothing.
func (doc *Document) Missing() []Missing {
	c := &comparison{d: doc.Dataset, tree: doc.Tree, found: map[string]*Missing{}}
	rows := template(doc.Template)
	if len(rows) == 0 {
		return []Missing{}
	}
	// The first row is the root itself.
	c.compare([]sr.Item{doc.Tree.Root()}, rows[0].children, nil)
	all := []Missing{}
	for _, key := range c.order {
		if m := c.found[key]; m.Count > 0 {
			all = append(all, *m)
		}
	}
	return all
}

// templateNode is a row with those below it. What it includes stands in its place.
type templateNode struct {
	TemplateRow
	children []*templateNode
}

// deepestInclude bounds templates that include each other.
const deepestInclude = 6

// template is the tree of a template with all that it includes.
func template(tid string) []*templateNode { return templateTree(tid, "M", 0) }

// templateTree reads a template that is included with a requirement: where that
// is none, its rows ask for nothing by themselves.
func templateTree(tid, requirement string, depth int) (top []*templateNode) {
	if depth > deepestInclude {
		return nil
	}
	var open []*templateNode // the last one of each level
	for _, row := range Templates() {
		if row.TID != tid {
			continue
		}
		var nodes []*templateNode
		if included := row.Included(); included != "" {
			nodes = templateTree(included, row.Requirement, depth+1)
		} else {
			nodes = []*templateNode{{TemplateRow: row}}
		}
		if row.Level == 0 {
			top = append(top, nodes...)
		} else if row.Level <= len(open) {
			parent := open[row.Level-1]
			parent.children = append(parent.children, nodes...)
		}
		if row.Included() == "" {
			open = append(open[:min(row.Level, len(open))], nodes[0])
		}
	}
	if requirement != "M" {
		for _, n := range top {
			n.Requirement = requirement
		}
	}
	return top
}

type comparison struct {
	d     *dataset.Dataset
	tree  *sr.Tree
	found map[string]*Missing
	order []string
}

// compare looks for the rows below items that all stand in the same place.
func (c *comparison) compare(items []sr.Item, rows []*templateNode, path []string) {
	for _, item := range items {
		children := slices.Collect(c.tree.Children(item))
		for _, row := range rows {
			c.row(children, row, path)
		}
	}
}

func (c *comparison) row(children []sr.Item, row *templateNode, path []string) {
	var there []sr.Item
	full := false
	for _, child := range children {
		if row.is(child) {
			there = append(there, child)
			full = full || c.hasValue(child)
		}
	}
	below := append(slices.Clone(path), row.Meaning)
	if row.Requirement == "M" {
		c.note(below, full)
	}
	if len(there) > 0 && len(row.children) > 0 {
		c.compare(there, row.children, below)
	}
}

// is reports whether an item is one of the row's. A concept that is not of DCM
// may stand under a retired scheme, and one of a context group under any code.
func (n *templateNode) is(item sr.Item) bool {
	if item.ValueType != n.ValueType {
		return false
	}
	return item.Concept == n.Concept || n.Concept.Scheme != "DCM" && item.Concept.Scheme != "DCM" && item.Concept != sr.Code{} ||
		n.Concept.Scheme == "CID"
}

func (c *comparison) note(path []string, full bool) {
	key := strings.Join(path, "\x00")
	m := c.found[key]
	if m == nil {
		m = &Missing{Path: path}
		c.found[key] = m
		c.order = append(c.order, key)
	}
	m.Of++
	if !full {
		m.Count++
	}
}

// hasValue reports whether an item says anything (PS3.3 C.17.3.2).
func (c *comparison) hasValue(item sr.Item) bool {
	has := func(tag dataset.Tag) bool { return c.d.TextOf(item.Ref, tag) != "" }
	switch item.ValueType {
	case "NUM":
		value, _ := measured(c.d, item.Ref)
		return value != ""
	case "CODE":
		return sr.CodeAt(c.d, item.Ref, sr.ConceptCodeSequence) != sr.Code{}
	case "TEXT":
		return has(sr.TextValue)
	case "DATETIME":
		return has(sr.DateTime)
	case "DATE":
		return has(sr.Date)
	case "UIDREF":
		return has(sr.UID)
	case "PNAME":
		return has(sr.PersonName)
	}
	return true
}
