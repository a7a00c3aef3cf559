package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

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
