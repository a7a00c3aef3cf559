package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/dosegate/dosegate/plugin/config"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/pipeline"
	"github.com/dosegate/dosegate/plugin/registry"
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
			return serve(cmd.Context(), c, newLog(c.Log, os.Stderr))
		},
	}
	configFlag(cmd, &path)
	return cmd
}

// configFlag gives a command its -c.
func configFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVarP(path, "config", "c", "", "the configuration `file`")
}

// serve runs until the context ends.
func serve(ctx context.Context, c *config.Config, log *slog.Logger) (err error) {
	lock, err := ledger.TakeLock(c.LedgerPath())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	l, err := ledger.Open(ctx, c.LedgerPath(), ledger.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	if err := l.SetSetting(ctx, "last start", []byte(time.Now().UTC().Format(time.RFC3339))); err != nil {
		return err // a ledger that cannot be written is no start
	}
	if err := warnOfLostLedger(ctx, c, l, log); err != nil {
		return err
	}
	ring, err := keyring(ctx, c, l, true)
	if err != nil {
		return err
	}
	gate, err := newGate(ctx, c, l, log, ring)
	if err != nil {
		return err
	}
	var registries []registry.Registry
	for _, r := range c.Registries {
		to, err := newRegistry(r)
		if err != nil {
			return usageError{err}
		}
		registries = append(registries, to)
	}
	page, err := web.Listen(c.Web.Listen)
	if err != nil {
		return fmt.Errorf("web.listen: %w", err)
	}
	defer func() { err = errors.Join(err, page.Close()) }()
	log.Info("dosegate is at work", "version", version(), "sources", len(gate.Sources), "registries", len(registries),
		"key", ring.Keys()[len(ring.Keys())-1].Fingerprint(), "web", page.Addr())
	pipeline.Run(ctx, gate, registries)
	log.Info("dosegate has stopped")
	return nil
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
			"ledger", c.LedgerPath(), "key_file", c.Deidentify.KeyFile)
	}
	return nil
}
