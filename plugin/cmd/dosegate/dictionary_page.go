package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/dosegate/dosegate/plugin/deid"
)

// actionWords explains the actions, in the order in which the page does.
var actionWords = []struct {
	action deid.Outcome
	words  string
}{
	{deid.OutcomeKept, "stays as it is"},
	{deid.OutcomeCleaned, "free text: stays, but what matches this report's patient, persons, orders or institution is cut out"},
	{deid.OutcomeDescended, "stays as a frame; what is in it has its own entries"},
	{deid.OutcomeByConcept, "the value of a content item: see its concept"},
	{deid.OutcomeMoved, "a date: moved back by 1 to 3650 days, for one patient always by the same"},
	{deid.OutcomeYear, "of a date the year stays"},
	{deid.OutcomeAge, "an age: stays in whole years, the oldest as one group"},
	{deid.OutcomeDerivedUID, "another UID, under 2.25, derived from the site key: the same for the same"},
	{deid.OutcomePseudonym, "derived from the site key: the same for the same patient or device, and nobody without the key can tell whose it is"},
	{deid.OutcomeDummy, "replaced by what says nothing, where the standard asks for a value"},
	{deid.OutcomeEmptied, "stays without a value"},
	{deid.OutcomeRemoved, "goes, with all that is below it; only where dose figures are below a content item, it stays for them with a dummy as its value"},
	{deid.OutcomeWritten, "made by the de-identification"},
}

// dictionaryPage is the dictionary as Markdown, for those who sign it.
func dictionaryPage(to io.Writer, p deid.Policy, weak []deid.Warning) error {
	w := bufio.NewWriter(to) // errors show in Flush
	fmt.Fprintf(w, "# What leaves the house\n\nMade by `dosegate dictionary` from the tables that dosegate goes by. "+
		"Dates are %s; ages over %d are one group.\n\nClass: %s.\n", dateWords[p.Dates], p.OldestAge, p.Class().Text)
	for _, warning := range weak {
		fmt.Fprintf(w, "\n**Weak:** %s.\n", warning.Text)
	}
	fmt.Fprint(w, "\n## Actions\nA value that breaks the grammar of its kind is never kept: it could carry anything.\n\n| action | what it means |\n|---|---|\n")
	for _, a := range actionWords {
		pageRow(w, string(a.action), a.words)
	}
	var attributes, reported, others, rest []deid.DictionaryEntry
	for _, e := range deid.Dictionary(p) {
		switch {
		case e.Tag != "":
			attributes = append(attributes, e)
		case e.Code == "":
			rest = append(rest, e)
		case len(e.Templates) > 0:
			reported = append(reported, e)
		default:
			others = append(others, e)
		}
	}
	fmt.Fprint(w, "\n## Attributes\nAt every level of a report. A private attribute, and every other that is not here, is removed.\n\n"+
		"| tag | name | VR | unit | action | details | reason |\n|---|---|---|---|---|---|---|\n")
	for _, e := range attributes {
		pageRow(w, e.Tag, e.Name, e.Type, e.Unit, string(e.Action), e.Details, e.Reason)
	}
	const head = "| code | name | value type | unit | action | details | reason | templates |\n|---|---|---|---|---|---|---|---|\n"
	pageItems(w, "Content items of dose reports\nThose that the templates of PS3.16 have.\n\n"+head, reported)
	pageItems(w, "Other content items\nThose that PS3.15 Table E.3.4-1 names besides.\n\n"+head, others)
	fmt.Fprint(w, "\n## Everything else\n| what | action | details | reason |\n|---|---|---|---|\n")
	for _, e := range rest {
		pageRow(w, e.Name, string(e.Action), e.Details, e.Reason)
	}
	return w.Flush()
}

var dateWords = map[deid.Dates]string{deid.DatesFull: "full", deid.DatesModified: "modified", deid.DatesYear: "their year alone", deid.DatesRemoved: "removed"}

func pageItems(w io.Writer, head string, entries []deid.DictionaryEntry) {
	fmt.Fprint(w, "\n## "+head)
	for _, e := range entries {
		pageRow(w, e.Code+" "+e.Scheme, e.Name, e.Type, e.Unit, string(e.Action), e.Details, e.Reason, strings.Join(e.Templates, ", "))
	}
}

// pageRow writes a row of a table. A bar would end a cell.
func pageRow(w io.Writer, cells ...string) {
	for _, cell := range cells {
		fmt.Fprintf(w, "| %s ", strings.ReplaceAll(cell, "|", `\|`))
	}
	fmt.Fprintln(w, "|")
}
