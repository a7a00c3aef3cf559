// Package web serves the page of dosegate: what arrives, what waits for a
// person, who is silent, and the few acts that a person can do about it.
//
// A view is a function that gathers a struct. The same struct is drawn by a
// template as a page and encoded as JSON under /api/v1, so both tell the same.
// All drawing is done here: pages are whole without a script, which only keeps
// them up to date. The acts are those of package pipeline and filter; there is
// no rule of its own here.
//
// The page must never show a value of a patient's. It reads the ledger, which
// has none, and what the dose figures of a report are, which it is given as
// numbers.
package web
