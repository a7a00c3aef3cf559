package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/pipeline"
)

// Holding is the page of the holding area.
type Holding struct {
	Waits   []Wait `json:"waits"` // what never expires first, then the soonest
	Count   int    `json:"count"`
	HoldFor string `json:"hold_for"` // how long what expires waits, in words

	By string `json:"-"` // station or reason: what the page groups by
}

// WaitGroup is what the page shows under one heading.
type WaitGroup struct {
	Head  string
	Words string // what to do about it
	Count int
	Waits []Wait
}

func (s *Server) holding(r *http.Request, _ caller) (any, error) {
	g, err := s.glance(r.Context())
	if err != nil {
		return nil, err
	}
	h := &Holding{Waits: g.waits, HoldFor: spanWords(s.HoldFor), By: "reason"}
	if r.FormValue("by") == "station" {
		h.By = "station"
	}
	for _, w := range g.waits {
		h.Count += w.Count
	}
	return h, nil
}

// spanWords says a time span in its largest unit.
func spanWords(d time.Duration) string {
	switch {
	case d >= 2*24*time.Hour:
		return plural(int(d/(24*time.Hour)), "day")
	case d >= 2*time.Hour:
		return plural(int(d/time.Hour), "hour")
	case d >= 2*time.Minute:
		return plural(int(d/time.Minute), "minute")
	}
	return plural(int(d/time.Second), "second")
}

// Groups are the waits by station or by reason, in the order of the first of each.
func (h *Holding) Groups() []WaitGroup {
	var all []WaitGroup
	places := map[string]int{}
	for _, w := range h.Waits {
		key, head, words := w.ReasonCode, filter.ReasonWords(w.ReasonCode), adviceFor(w.ReasonCode)
		if h.By == "station" {
			key, head, words = w.Station, shortName(w.Station), ""
		}
		i, ok := places[key]
		if !ok {
			i, all = len(all), append(all, WaitGroup{Head: head, Words: words})
			places[key] = i
		}
		all[i].Waits, all[i].Count = append(all[i].Waits, w), all[i].Count+w.Count
	}
	return all
}

// Telling reports whether the reason in words says more than its code.
func (w Wait) Telling() bool {
	return !slices.Contains([]string{filter.StationNotConfigured, filter.StationLeftOut, filter.Paused}, w.ReasonCode)
}

// adviceFor says what ends a hold.
func adviceFor(code string) string {
	return map[string]string{
		filter.StationNotConfigured: "Configure the station, and its reports go; or leave it out. In a gateway they are deleted when their day comes.",
		filter.NoStationName:        "Configure the device by its serial number, or have its Station Name set at the console.",
		filter.TemplateNotCollected: "These are dose reports of a template that filter.templates does not name.",
		filter.Excluded:             "A rule under filter.exclude matches them: phantoms, quality assurance.",
		filter.StationLeftOut:       "These stations are left out on purpose (send: false).",
		filter.AmbiguousStation:     "Two entries of the stations list match equally well: make one of them more precise.",
		filter.Paused:               "These stations are paused. Their reports wait until the pause ends.",
		filter.Leak:                 "An identifier of the patient was found in the finished object, which therefore did not leave. Look at the report in Orthanc; release decides and looks again.",
		filter.Unreadable:           "Dosegate cannot read these files. Look at them in Orthanc; release reads them again.",
		filter.Changed:              "These came again with other content, and nobody but a person can say which is right. Release takes what Orthanc holds now.",
	}[code]
}

// mostAtOnce is how many reports one act is done to. The next act does the rest.
const mostAtOnce = 1000

// actOnHeld does something to all reports that wait for the same reason.
func (s *Server) actOnHeld(r *http.Request, c caller) (any, error) {
	ctx := r.Context()
	order, err := s.readOrder(r, c)
	if err != nil {
		return nil, err
	}
	for _, key := range []string{"source", "station", "reason_code"} {
		if !r.PostForm.Has(key) {
			return nil, problem{http.StatusBadRequest, "Say what is meant: source, station and reason_code."}
		}
	}
	source := r.PostFormValue("source")
	var held []ledger.Report
	search := ledger.Search{State: ledger.Held, Stations: []string{r.PostFormValue("station")}, ReasonCode: r.PostFormValue("reason_code")}
	err = s.Ledger.Search(ctx, search, func(row ledger.Row) error {
		if row.Report.Source == source && (len(held) == 0 || held[len(held)-1].ID != row.Report.ID) {
			held = append(held, row.Report)
		}
		if len(held) > mostAtOnce {
			return errEnough
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	if len(held) == 0 {
		return nil, problem{http.StatusConflict, "Nothing waits for that reason any more."}
	}
	return s.carryOut(ctx, order, held)
}

var errEnough = errors.New("enough")

// order is what an operator wants done to held reports.
type order struct {
	act, why, by string
	days         int // how much longer to keep
	gate         *pipeline.Gate
	now          time.Time
}

func (s *Server) readOrder(r *http.Request, c caller) (order, error) {
	o := order{act: r.PathValue("act"), by: c.by(), gate: s.gate.Load(), now: s.Now()}
	if !slices.Contains([]string{"release", "keep", "discard"}, o.act) {
		return o, problem{http.StatusNotFound, "What is held can be released, kept and discarded."}
	}
	var err error
	if o.why, err = reasonOf(r); err != nil {
		return o, err
	}
	if o.act == "keep" {
		if o.days, err = strconv.Atoi(r.PostFormValue("days")); err != nil || o.days < 1 || o.days > 3650 {
			return o, problem{http.StatusBadRequest, "Say for how many more days, from 1 to 3650."}
		}
	}
	return o, nil
}

// carryOut does what is ordered to each report. That it fails for one stops no
// other.
func (s *Server) carryOut(ctx context.Context, o order, held []ledger.Report) (Done, error) {
	rest := len(held) > mostAtOnce
	done, failed := 0, map[string]int{}
	for _, r := range held[:min(len(held), mostAtOnce)] {
		why := ""
		if o.act == "release" && r.ReasonCode == filter.Changed && len(held) > 1 {
			why = "compare each with its other copy, and release the right one on its own page"
		} else {
			why = o.do(ctx, r)
		}
		if why == "" {
			done++
		} else {
			failed[strings.ReplaceAll(why, r.ID, "…")]++
		}
	}
	words := sentence(plural(done, "report") + " " + map[string]string{"release": "released", "keep": "kept for longer", "discard": "deleted"}[o.act])
	for why, n := range failed {
		words += fmt.Sprintf(" %s not: %s.", thousands(n), strings.TrimSuffix(why, "."))
	}
	if rest {
		words += " There are more: do it again."
	}
	if done == 0 {
		return Done{}, problem{http.StatusConflict, words}
	}
	return Done{Words: words, Count: done}, nil
}

// do carries an order out on one report, and says why not where it cannot.
func (o order) do(ctx context.Context, r ledger.Report) string {
	var err error
	switch o.act {
	case "release":
		var released pipeline.Released
		if released, err = o.gate.Release(ctx, r, o.by); err == nil && released.Verdict.Action != filter.Accept {
			return "still held: " + released.Verdict.Reason
		}
		if err == nil {
			err = o.gate.Ledger.Note(ctx, r.ID, "", "released: "+o.why, o.by)
		}
	case "keep":
		until := r.HeldUntil
		if until.Before(o.now) {
			until = o.now
		}
		err = o.gate.Prolong(ctx, r, until.Add(time.Duration(o.days)*oneDay), fmt.Sprintf("kept %d days longer: %s", o.days, o.why), o.by)
	case "discard":
		err = o.gate.Discard(ctx, r, o.why, o.by)
	}
	if err != nil {
		return err.Error()
	}
	return ""
}
