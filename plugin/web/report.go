package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/rdsr"
)

// Report is the page of one report.
type Report struct {
	ID              string       `json:"id"`
	Source          string       `json:"source"`
	OrthancID       string       `json:"orthanc_id"` // "" for a viewer
	StationName     string       `json:"station_name"`
	Template        string       `json:"template"`
	Kind            string       `json:"kind"`
	State           ledger.State `json:"state"` // held, accepted, expired or withdrawn
	ReasonCode      string       `json:"reason_code"`
	Reason          string       `json:"reason"`
	ReceivedAt      *time.Time   `json:"received_at"`
	HeldUntil       *time.Time   `json:"held_until"`
	ClearedAt       *time.Time   `json:"cleared_at"` // deleted in its gateway after it was delivered
	Deliveries      []Delivery   `json:"deliveries"`
	History         []Event      `json:"history"`  // from the beginning
	Contents        *Contents    `json:"contents"` // null where the report cannot be read now
	ContentsTrouble string       `json:"contents_trouble"`
	ExplorerURL     string       `json:"explorer_url"` // "" for a viewer

	Archive bool `json:"-"`
}

// Delivery is the report on its way to one registry, and what that answered.
type Delivery struct {
	Registry           string       `json:"registry"`
	State              ledger.State `json:"state"`
	Attempts           int          `json:"attempts"`
	NextAttemptAt      *time.Time   `json:"next_attempt_at"`
	LastError          string       `json:"last_error"`
	DeliveredAt        *time.Time   `json:"delivered_at"`
	SentSOPInstanceUID string       `json:"sent_sop_instance_uid"` // the derived one
	Status             int          `json:"status"`                // of the answer; 0: none
	FailureReason      int          `json:"failure_reason"`        // (0008,1197)
	Count              int          `json:"object_count"`          // that the registry says it stored
	Edition            int          `json:"edition"`
}

// Event is one line of a history.
type Event struct {
	ReportID string       `json:"report_id"` // "" where it is about no report
	At       *time.Time   `json:"at"`
	Registry string       `json:"registry"` // "" for the report itself
	From     ledger.State `json:"from"`
	To       ledger.State `json:"to"`
	Why      string       `json:"why"`
	By       string       `json:"by"`
}

func eventsOf(found []ledger.Event) []Event {
	all := []Event{}
	for _, e := range found {
		all = append(all, Event{e.ReportID, when(e.At), e.Registry, e.From, e.To, e.Why, e.By})
	}
	return all
}

// Moved reports whether the event is a change of state.
func (e Event) Moved() bool { return e.From != e.To }

// Contents is what is in a report, in numbers alone, and what becomes of it.
type Contents struct {
	Totals  []rdsr.Figure  `json:"totals"`
	Events  []rdsr.Event   `json:"events"`  // irradiations or administrations
	Missing []rdsr.Missing `json:"missing"` // mandatory rows of the template that are empty
	Actions *Actions       `json:"actions"` // null where they cannot be counted now
}

// Actions counts what de-identification does, in elements and items.
type Actions struct {
	Kept     int `json:"kept"`
	Cleaned  int `json:"cleaned"`
	Replaced int `json:"replaced"`
	Emptied  int `json:"emptied"`
	Removed  int `json:"removed"`
}

// contentsTime bounds the fetch of a report for its page.
const contentsTime = 10 * time.Second

func (s *Server) report(r *http.Request, c caller) (any, error) {
	ctx := r.Context()
	found, err := s.Ledger.Get(ctx, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	page := &Report{ID: found.ID, Source: found.Source, StationName: found.StationName, Template: found.Template, Kind: found.Kind,
		State: found.State, ReasonCode: found.ReasonCode, Reason: found.Reason, ReceivedAt: when(found.ReceivedAt),
		ClearedAt: when(found.ClearedAt), Deliveries: []Delivery{}}
	if found.State == ledger.Held {
		page.HeldUntil = when(found.HeldUntil)
	}
	i := slices.IndexFunc(s.Sources, func(src Source) bool { return src.Name == found.Source })
	if i >= 0 {
		page.Archive = s.Sources[i].Archive
	}
	if c.Operator() {
		page.OrthancID = found.OrthancID
		if i >= 0 && page.lies() {
			page.ExplorerURL = s.Sources[i].BrowserURL + "/app/explorer.html#instance?uuid=" + url.QueryEscape(found.OrthancID)
		}
	}
	deliveries, err := s.Ledger.Deliveries(ctx, found.ID)
	if err != nil {
		return nil, err
	}
	for _, d := range deliveries {
		page.Deliveries = append(page.Deliveries, Delivery{d.Registry, d.State, d.Attempts, when(d.NextAttemptAt), d.LastError,
			when(d.DeliveredAt), d.SentSOPInstanceUID, d.Status, d.FailureReason, d.Count, d.Edition})
	}
	events, err := s.Ledger.History(ctx, found.ID)
	page.History = eventsOf(events)
	s.readContents(ctx, page, found)
	return page, err
}

// lies reports whether Orthanc still has the report.
func (p *Report) lies() bool {
	return p.ClearedAt == nil && (p.State == ledger.Held || p.State == ledger.Accepted || p.State == ledger.Expired && p.Archive)
}

// Held reports whether it waits.
func (p *Report) Held() bool { return p.State == ledger.Held }

// Settled are the registries that have had it, or have rejected it.
func (p *Report) Settled() (names []string) {
	for _, d := range p.Deliveries {
		if d.State == ledger.Delivered || d.State == ledger.Rejected {
			names = append(names, d.Registry)
		}
	}
	return names
}

func (s *Server) readContents(ctx context.Context, page *Report, found ledger.Report) {
	if !page.lies() {
		page.ContentsTrouble = "Orthanc does not have this report any more."
		return
	}
	ctx, cancel := context.WithTimeout(ctx, contentsTime)
	defer cancel()
	var err error
	if page.Contents, err = s.Contents(ctx, found); err != nil {
		page.ContentsTrouble = sentence(err.Error())
	}
}

// Columns are the figures that the irradiation events have, each once and in the
// order of the events, though one may lack what another has.
func (c *Contents) Columns() (names []string) {
	for _, e := range c.Events {
		at := 0
		for _, f := range e.Figures {
			if known := slices.Index(names, f.Name); known >= 0 {
				at = known + 1
				continue
			}
			names = slices.Insert(names, at, f.Name)
			at++
		}
	}
	return names
}

// actOnReport does something to one report.
func (s *Server) actOnReport(r *http.Request, c caller) (any, error) {
	ctx := r.Context()
	found, err := s.Ledger.Get(ctx, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if r.PathValue("act") == "resend" {
		why, err := reasonOf(r)
		if err != nil {
			return nil, err
		}
		registry, asNew := r.PostFormValue("registry"), r.PostFormValue("as_new") != ""
		if err := s.Resend(ctx, s.gate.Load(), found.ID, registry, asNew, c.by()); err != nil {
			return nil, problem{http.StatusConflict, sentence(err.Error())}
		}
		err = s.Ledger.Note(ctx, found.ID, registry, "sent again: "+why, c.by())
		return Done{Words: "The report is queued again for " + cmp.Or(registry, "every registry that has had it") + ".", Count: 1}, err
	}
	o, err := s.readOrder(r, c)
	if err != nil {
		return nil, err
	}
	return s.carryOut(ctx, o, []ledger.Report{found})
}
