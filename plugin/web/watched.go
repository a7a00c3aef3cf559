package web

import (
	"context"
	"net/http"
	"time"
)

// readyTime is how long the ledger may take to be thought of as there.
const readyTime = 3 * time.Second

// ready says whether requests are answered: the program is well, and its ledger is
// there. A dosegate that stands by is ready too.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	Health(func() (bool, string) {
		well, words := s.Health()
		if !well {
			return well, words
		}
		ctx, cancel := context.WithTimeout(r.Context(), readyTime)
		defer cancel()
		if _, err := s.Ledger.LastWrite(ctx); err != nil {
			s.Log.Warn("not ready: the ledger does not answer", "error", err)
			return false, "the ledger does not answer"
		}
		return well, words
	}).answer(w, r)
}

// metrics are for whoever may see the page. No foreign page can get them by giving
// its own name our address: it has neither token nor session, and what needs none
// must ask for this machine by its name.
func (s *Server) metrics(w http.ResponseWriter, r *http.Request) {
	if s.who(r).anybody() {
		w.Header().Set("WWW-Authenticate", "Bearer")
		http.Error(w, "Send a token that dosegate passwd --token made: Authorization: Bearer …", http.StatusUnauthorized)
		return
	}
	s.Metrics.ServeHTTP(w, r)
}
