package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
)

// view gathers what a page, or an answer of the API, shows.
type view func(r *http.Request, c caller) (any, error)

// act does something for an operator, and says in a sentence what was done.
type act func(r *http.Request, c caller) (done any, err error)

// handler are all paths of the page and of its API, below the prefix, and those
// for machines.
func (s *Server) handler() http.Handler {
	mux := s.paths()
	below := mux
	if s.home("") != "" {
		below = http.NewServeMux()
		below.Handle(s.home("/"), http.StripPrefix(s.home(""), mux))
		below.Handle("/", mux) // of a proxy that takes the prefix away
	}
	all := http.NewServeMux()
	// Asked by containers and by Prometheus, by whatever name.
	all.HandleFunc("GET /healthz", s.Health.answer)
	all.HandleFunc("GET /readyz", s.ready)
	if s.Metrics != nil {
		all.HandleFunc("GET /metrics", s.metrics)
	}
	if s.Doorbell != nil {
		all.Handle("GET /doorbell", s.Doorbell) // has a token of its own, and no browser comes
	}
	all.Handle("/", s.guarded(below))
	return all
}

// paths are those of the page and of its API.
func (s *Server) paths() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /assets/{digest}/{name}", s.pages.asset)
	mux.HandleFunc("GET /login", s.showLogin)
	mux.HandleFunc("POST /login", s.login)
	mux.HandleFunc("POST /logout", s.logout)
	mux.HandleFunc("GET /first", s.showFirst)
	mux.HandleFunc("POST /first", s.makeFirst)
	mux.HandleFunc("GET /live", s.serveLive)
	mux.HandleFunc("GET /api/v1/openapi.yaml", s.openAPI)
	mux.HandleFunc("GET /reports.csv", s.exportReports)
	mux.HandleFunc("GET /dictionary.csv", s.exportDictionary)
	s.show(mux, "overview", "Overview", "/{$}", "/api/v1/overview", s.overview)
	s.show(mux, "stations", "Stations", "/stations", "/api/v1/stations", s.stations)
	s.show(mux, "station", "Station", "/stations/entry", "", s.stationForm)
	s.show(mux, "holding", "Holding area", "/holding", "/api/v1/holding", s.holding)
	s.show(mux, "reports", "Reports", "/reports", "/api/v1/reports", s.reports)
	s.show(mux, "report", "Report", "/reports/{id}", "/api/v1/reports/{id}", s.report)
	s.show(mux, "registries", "Registries", "/registries", "/api/v1/registries", s.registries)
	s.show(mux, "configuration", "Configuration", "/configuration", "/api/v1/configuration", s.configuration)
	s.show(mux, "dictionary", "What leaves the house", "/dictionary", "/api/v1/dictionary", s.dictionary)
	s.show(mux, "history", "History", "/history", "/api/v1/history", s.history)
	s.show(mux, "orthanc", "In Orthanc", "/orthanc/{level}/{id}", "/api/v1/orthanc/{level}/{id}", s.resource)
	s.show(mux, "", "", "", "/api/v1/state", s.state)
	mux.HandleFunc("POST /stations/entry", s.postStation)
	s.do(mux, "/holding/{act}", "/api/v1/holding/{act}", s.actOnHeld)
	s.do(mux, "/reports/{id}/{act}", "/api/v1/reports/{id}/{act}", s.actOnReport)
	s.do(mux, "/registries/{name}/{act}", "/api/v1/registries/{name}/{act}", s.actOnRegistry)
	s.do(mux, "", "/api/v1/stations", s.changeStations)
	mux.HandleFunc("POST /registries/{name}/test", s.postTest)
	mux.HandleFunc("POST /api/v1/registries/{name}/test", s.postTest)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.refuse(w, r, http.StatusNotFound, "There is no such page.")
	})
	return mux
}

// show serves a view as a page and as JSON.
func (s *Server) show(mux *http.ServeMux, name, title, page, api string, v view) {
	if page != "" {
		mux.HandleFunc("GET "+page, func(w http.ResponseWriter, r *http.Request) {
			c := s.who(r)
			if c.anybody() {
				s.toLogin(w, r)
				return
			}
			data, err := v(r, c)
			if err != nil {
				s.failed(w, r, err)
				return
			}
			if other, ok := data.(interface{ LeadsTo() string }); ok && other.LeadsTo() != "" {
				http.Redirect(w, r, other.LeadsTo(), http.StatusSeeOther)
				return
			}
			s.pages.write(w, s.frame(r, name, title, data), http.StatusOK)
		})
	}
	if api != "" {
		mux.HandleFunc("GET "+api, func(w http.ResponseWriter, r *http.Request) {
			c := s.who(r)
			if c.anybody() {
				s.failed(w, r, problem{http.StatusUnauthorized, "Log in, or send a token: Authorization: Bearer …"})
				return
			}
			data, err := v(r, c)
			if err != nil {
				s.failed(w, r, err)
				return
			}
			writeJSON(w, http.StatusOK, data)
		})
	}
}

// do serves an act as a form's target, which leads back to where the form was,
// and for the API.
func (s *Server) do(mux *http.ServeMux, page, api string, a act) {
	run := func(r *http.Request) (any, error) {
		c := s.who(r)
		if err := s.mayAct(r, c); err != nil {
			return nil, err
		}
		if s.gate.Load() == nil {
			_, words := s.Health()
			return nil, problem{http.StatusServiceUnavailable, "This dosegate changes nothing now: " + words + "."}
		}
		s.acting.Lock()
		defer s.acting.Unlock()
		// What a person has begun is brought to its end, also when the browser goes.
		return a(r.WithContext(context.WithoutCancel(r.Context())), c)
	}
	if page != "" {
		mux.HandleFunc("POST "+page, func(w http.ResponseWriter, r *http.Request) {
			done, err := run(r)
			if err != nil {
				s.failed(w, r, err)
				return
			}
			if d, ok := done.(Done); ok {
				s.people.leaveNotice(s.who(r).cookie, d.Words)
			}
			http.Redirect(w, r, s.home(s.ownPath(r.PostFormValue("back"))), http.StatusSeeOther)
		})
	}
	mux.HandleFunc("POST "+api, func(w http.ResponseWriter, r *http.Request) {
		done, err := run(r)
		if err != nil {
			s.failed(w, r, err)
			return
		}
		writeJSON(w, http.StatusOK, done)
	})
}

// Done is what came of an act.
type Done struct {
	Words string `json:"words"`
	Count int    `json:"count"` // of reports that it was done to
}

// problem is an error with the status of its answer; its words are for a person.
type problem struct {
	status int
	words  string
}

func (p problem) Error() string { return p.words }

// failed answers with an error. What is not made for a person is logged.
func (s *Server) failed(w http.ResponseWriter, r *http.Request, err error) {
	var p problem
	switch {
	case errors.As(err, &p):
	case errors.Is(err, ledger.ErrNotFound):
		p = problem{http.StatusNotFound, "The ledger has no such report."}
	case errors.Is(err, ledger.ErrConflict), errors.Is(err, filter.ErrEdited):
		p = problem{http.StatusConflict, sentence(err.Error())}
	case errors.Is(err, context.Canceled):
		return
	default:
		s.Log.Error("the page cannot answer", "path", r.URL.Path, "error", err)
		p = problem{http.StatusInternalServerError, "Dosegate cannot answer this now; its log says more."}
	}
	s.refuse(w, r, p.status, p.words)
}

// refuse answers without what was asked for.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, status int, words string) {
	if strings.Contains(r.URL.Path, "/api/") {
		if status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", "Bearer")
		}
		writeJSON(w, status, struct {
			Error string `json:"error"`
		}{words})
		return
	}
	s.pages.write(w, s.frame(r, "refused", http.StatusText(status), words), status)
}

// toLogin leads who is not known to the login, and from there back.
func (s *Server) toLogin(w http.ResponseWriter, r *http.Request) {
	if s.people.none() {
		s.showLogin(w, r)
		return
	}
	http.Redirect(w, r, s.home("/login?to="+url.QueryEscape(r.URL.RequestURI())), http.StatusSeeOther)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v) // who asked may have gone
}
