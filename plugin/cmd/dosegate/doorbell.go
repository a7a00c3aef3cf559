package main

import (
	"context"
	"net/http"
	"time"

	"github.com/dosegate/dosegate/plugin/doorbell"
)

// doorbell hears the plugin inside Orthanc; nil where none has a token.
func (s *server) doorbell() http.Handler {
	token := s.config.Doorbell.Token.Reveal()
	if token == "" {
		return nil
	}
	return doorbell.Handler(func() (string, error) { return token, nil }, s.heard)
}

// heard does what a message asks for. One that comes while this dosegate does
// not lead is for nobody: whoever leads looks by itself.
func (s *server) heard(m doorbell.Message) {
	gate := s.gate.Load()
	if gate == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var err error
	switch m.Event {
	case doorbell.Stored:
		gate.LookNow()
	case doorbell.Refused:
		err = gate.Refused(ctx, m.Sender, m.Count)
	case doorbell.Changed:
		err = gate.CopyDiffers(ctx, m.Instance)
	}
	if err != nil {
		s.log.Error("cannot do what the doorbell told", "error", err)
	}
}
