package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dosegate/dosegate/plugin/config"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/notify"
	"github.com/dosegate/dosegate/plugin/pipeline"
	"github.com/dosegate/dosegate/plugin/registry"
	"github.com/dosegate/dosegate/plugin/survey"
	"github.com/dosegate/dosegate/plugin/web"
	"github.com/spf13/cobra"
)

func serveCommand() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "serve -c dosegate.yaml",
		Short: "Follow, deliver, sweep; stops cleanly on SIGTERM",
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(path)
			if err != nil {
				return err
			}
			s := &server{config: c, log: newLog(c.Log, os.Stderr), health: &health{words: "only just started"}}
			if c.LedgerIsShared() {
				return s.serveShared(cmd.Context())
			}
			return s.serveAlone(cmd.Context())
		},
	}
	configFlag(cmd, &path)
	return cmd
}

// configFlag gives a command its -c.
func configFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVarP(path, "config", "c", "", "the configuration `file`")
}

// server is a running serve.
type server struct {
	config *config.Config
	log    *slog.Logger
	health *health
	page   *web.Server
	ring   atomic.Pointer[deid.Keyring]  // nil before it is known
	gate   atomic.Pointer[pipeline.Gate] // of the loops, nil while they do not run
	look   survey.Options                // of whoever measures and tells
}

// serveAlone runs until the context ends, with a ledger in a file: a lock keeps
// a second serve away from it.
func (s *server) serveAlone(ctx context.Context) (err error) {
	lock, err := ledger.TakeLock(s.config.LedgerAddress())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	return s.withLedger(ctx, ledgerOf, func(l *ledger.Ledger) error {
		return s.work(ctx, l, "ok")
	})
}

// withLedger opens ledger and page for as long as fn runs. While the ledger is
// waited for, the page's address says so.
func (s *server) withLedger(ctx context.Context, open func(context.Context, *config.Config, ledger.Options) (*ledger.Ledger, error),
	fn func(*ledger.Ledger) error) (err error) {
	waiting, err := web.AnswerHealth(s.pageAddress())
	if err != nil {
		return fmt.Errorf("web: %w", err)
	}
	l, err := open(ctx, s.config, ledger.Options{})
	if err = errors.Join(err, waiting.Close()); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	if s.page, err = s.openPage(ctx, l); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.page.Close()) }()
	s.log.Debug("the page listens", "web", s.page.Addr())
	return fn(l)
}

// work runs the loops until the context ends, and says so to whoever asks for
// health.
func (s *server) work(ctx context.Context, l *ledger.Ledger, words string) error {
	c := s.config
	if err := l.SetSetting(ctx, "last start", []byte(time.Now().UTC().Format(time.RFC3339))); err != nil {
		return err // a ledger that cannot be written is no start
	}
	if err := warnOfLostLedger(ctx, c, l, s.log); err != nil {
		return err
	}
	// Of several that share a ledger none may make a key that the others lack.
	ring, err := keyring(ctx, c, l, !c.LedgerIsShared())
	if err != nil {
		return err
	}
	gate, err := newGate(ctx, c, l, s.log, ring)
	if err != nil {
		return err
	}
	// The list in force has to be known from the first moment: if this dosegate
	// dies in the next one, another asks whether its own is the same.
	if list := gate.Stations.Stations(); list != nil {
		if err := pipeline.KeepStations(ctx, l, list); err != nil {
			return err
		}
	}
	registries, err := newRegistries(c)
	if err != nil {
		return err
	}
	s.log.Info("dosegate is at work", "version", version(), "sources", len(gate.Sources), "registries", len(registries),
		"key", ring.Keys()[len(ring.Keys())-1].Fingerprint(), "ledger", l.Name(), "web", c.Web.Listen)
	hand, err := s.handGate(ctx, gate, l, ring)
	if err != nil {
		return err
	}
	s.page.Act(hand)
	defer s.page.Act(nil)
	s.health.set(true, words)
	s.gate.Store(gate)
	defer s.gate.Store(nil)
	telling := s.tell(ctx, l)
	pipeline.Run(ctx, gate, registries)
	telling.Wait()
	s.log.Info("dosegate has stopped")
	return nil
}

func newRegistries(c *config.Config) (all []registry.Registry, err error) {
	for _, r := range c.Registries {
		to, err := newRegistry(r, c.Orthanc)
		if err != nil {
			return nil, usageError{err}
		}
		all = append(all, to)
	}
	return all, nil
}

// tell begins to tell what needs somebody, by the ledger of whoever leads.
func (s *server) tell(ctx context.Context, led *ledger.Ledger) *sync.WaitGroup {
	look := s.look
	look.Ledger = led
	var telling sync.WaitGroup
	telling.Go(func() { notify.Run(ctx, newNotify(s.config, look, s.log)) })
	return &telling
}

// warnOfLostLedger says that a site key is there and its ledger is new: either
// an installation begins with its key, or its ledger was lost. Then the feeds
// are read again, and what was sent is sent again as the same objects.
func warnOfLostLedger(ctx context.Context, c *config.Config, l *ledger.Ledger, log *slog.Logger) error {
	known, err := knownKeys(ctx, l)
	if err != nil {
		return err
	}
	if _, err := os.Stat(c.Deidentify.KeyFile); err == nil && len(known) == 0 {
		log.Warn("there is a site key, and the ledger is new: if it was lost, what was sent before is sent again, under the same UIDs",
			"ledger", l.Name(), "key_file", c.Deidentify.KeyFile)
	}
	return nil
}
