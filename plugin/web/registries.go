package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/pipeline"
)

// RegistryState is how a registry and its queue are.
type RegistryState struct {
	Name           string     `json:"name"`
	Address        string     `json:"address"`
	State          string     `json:"state"` // working, waiting (its last attempts failed), refusing (us as a whole) or paused (by a person)
	Words          string     `json:"words"` // why, for a person
	By             string     `json:"by"`    // who paused it
	Queued         int        `json:"queued"`
	OldestQueuedAt *time.Time `json:"oldest_queued_at"`
	NextAttemptAt  *time.Time `json:"next_attempt_at"` // where it waits for one
	Delivered      int        `json:"delivered"`       // of all time
	Rejected       int        `json:"rejected"`        // and not sent again since
}

// The states of a registry.
const (
	registryWorking  = "working"
	registryWaiting  = "waiting"
	registryRefusing = "refusing"
	registryPaused   = "paused"
)

// Well reports whether it takes what is sent.
func (r RegistryState) Well() bool { return r.State == registryWorking }

// Paused reports whether a person has paused it.
func (r RegistryState) Paused() bool { return r.State == registryPaused }

func (r RegistryState) short() string {
	switch r.State {
	case registryPaused:
		return "is paused"
	case registryRefusing:
		return "refuses every report"
	}
	return "does not take reports, " + verb(r.Queued, "waits", "wait")
}

// registryStates are in the order of the configuration; registries of the ledger
// that are not configured any more come last.
func (s *Server) registryStates(ctx context.Context) ([]RegistryState, error) {
	totals, err := s.Ledger.Totals(ctx)
	if err != nil {
		return nil, err
	}
	all := []RegistryState{}
	for _, r := range s.Registries {
		all = append(all, RegistryState{Name: r.Name, Address: r.Address})
	}
	for _, t := range totals {
		if t.Registry == "" {
			continue
		}
		i := slices.IndexFunc(all, func(r RegistryState) bool { return r.Name == t.Registry })
		if i < 0 {
			all, i = append(all, RegistryState{Name: t.Registry, Address: "not configured any more"}), len(all)
		}
		switch t.State {
		case ledger.Delivered:
			all[i].Delivered = int(t.Count)
		case ledger.Rejected:
			all[i].Rejected = int(t.Count)
		}
	}
	pauses, err := s.Ledger.Pauses(ctx)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if err := s.registryState(ctx, &all[i], pauses); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (s *Server) registryState(ctx context.Context, r *RegistryState, pauses []ledger.Pause) error {
	backlog, err := s.Ledger.Backlog(ctx, r.Name)
	if err != nil {
		return err
	}
	r.State, r.Queued, r.OldestQueuedAt = registryWorking, backlog.Queued, when(backlog.Oldest)
	if backlog.Attempts > 0 {
		r.State, r.Words = registryWaiting, backlog.Trouble
		next, _, err := s.Ledger.NextDue(ctx, r.Name)
		if err != nil {
			return err
		}
		r.NextAttemptAt = when(next)
	}
	for _, p := range pauses {
		if p.Registry == r.Name {
			r.State, r.Words, r.NextAttemptAt = registryRefusing, p.Why, when(p.Until)
		}
	}
	stop, stopped, err := pipeline.Stopped(ctx, s.Ledger, r.Name)
	if stopped {
		r.State, r.Words, r.By, r.NextAttemptAt = registryPaused, stop.Why, byWords(stop.By), nil
	}
	return err
}

// Registries is the page of the registries.
type Registries struct {
	Registries []RegistryState `json:"registries"`
	Sources    []SourceState   `json:"sources"`
	Tested     string          `json:"tested"`   // the registry whose way was tried, "" for none
	Findings   []TestFinding   `json:"findings"` // of that, in the order of the way
}

// TestFinding is one step on the way to a registry.
type TestFinding struct {
	Step  string `json:"step"` // name, connection, certificate, STOW
	Well  bool   `json:"well"`
	Words string `json:"words"`
}

// testTime bounds a test of the way to a registry.
const testTime = 20 * time.Second

func (s *Server) registries(r *http.Request, _ caller) (any, error) {
	states, err := s.registryStates(r.Context())
	return &Registries{Registries: states, Sources: s.monitor.states(), Findings: []TestFinding{}}, err
}

// actOnRegistry tests, pauses or resumes a registry.
func (s *Server) actOnRegistry(r *http.Request, c caller) (any, error) {
	ctx, name := r.Context(), r.PathValue("name")
	i := slices.IndexFunc(s.Registries, func(r Registry) bool { return r.Name == name })
	if i < 0 {
		return nil, problem{http.StatusNotFound, "There is no such registry in the configuration."}
	}
	why, err := reasonOf(r)
	switch act := r.PathValue("act"); {
	case act == "pause" && err == nil:
		err = pipeline.StopRegistry(ctx, s.Ledger, name, pipeline.Stop{At: s.Now().UTC(), Why: why, By: c.by()})
		return Done{Words: "Registry " + name + " is paused: its queue waits."}, err
	case act == "resume" && err == nil:
		err = pipeline.ResumeRegistry(ctx, s.Ledger, name, why, c.by())
		return Done{Words: "Registry " + name + " gets reports again."}, err
	case act == "pause", act == "resume":
		return nil, err
	}
	return nil, problem{http.StatusNotFound, "A registry can be paused and resumed."}
}

// testRegistry tries the way to a registry.
func (s *Server) testRegistry(r *http.Request, _ caller) (any, error) {
	for _, to := range s.Registries {
		if to.Name == r.PathValue("name") {
			ctx, cancel := context.WithTimeout(r.Context(), testTime)
			defer cancel()
			states, err := s.registryStates(ctx)
			return &Registries{Registries: states, Sources: s.monitor.states(), Tested: to.Name, Findings: to.Test(ctx)}, err
		}
	}
	return nil, problem{http.StatusNotFound, "There is no such registry in the configuration."}
}

// postTest shows what a test of the way finds.
func (s *Server) postTest(w http.ResponseWriter, r *http.Request) {
	c := s.who(r)
	err := s.mayAct(r, c)
	var found any
	if err == nil {
		found, err = s.testRegistry(r, c)
	}
	switch {
	case err != nil:
		s.failed(w, r, err)
	case strings.Contains(r.URL.Path, "/api/"):
		writeJSON(w, http.StatusOK, found)
	default:
		s.pages.write(w, s.frame(r, "registries", "Registries", found), http.StatusOK)
	}
}

// reasonOf is why somebody does something: it goes into the history.
func reasonOf(r *http.Request) (string, error) {
	why := strings.Join(strings.Fields(r.FormValue("reason")), " ")
	if why == "" {
		return "", problem{http.StatusBadRequest, "Say why: the reason stays in the history. Nothing of a patient's, please."}
	}
	if len([]rune(why)) > 200 {
		return "", problem{http.StatusBadRequest, "The reason is longer than 200 characters."}
	}
	return why, nil
}
