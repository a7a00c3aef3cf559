package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/pipeline"
	"github.com/spf13/cobra"
)

func missingCommand() *cobra.Command {
	m := &misser{}
	var path string
	cmd := &cobra.Command{
		Use:   "missing -c dosegate.yaml [--source S] [--withdraw]",
		Short: "The reports that wait in an Orthanc and are gone from it; with --withdraw they are given up",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if m.opened, err = openAll(cmd.Context(), path, "missing"); err != nil {
				return err
			}
			defer func() { err = errors.Join(err, m.ledger.Close()) }()
			m.to = cmd.OutOrStdout()
			return m.all(cmd.Context())
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&m.source, "source", "", "only of this `source`, by its name in the configuration")
	cmd.Flags().BoolVar(&m.withdraw, "withdraw", false, "they are lost: withdraw them, and go on with the others")
	return cmd
}

// misser looks for reports that are gone.
type misser struct {
	*opened
	to       io.Writer
	source   string // "" for all
	withdraw bool
}

func (m *misser) all(ctx context.Context) error {
	found := false
	for _, src := range m.gate.Sources {
		if m.source != "" && src.Name != m.source {
			continue
		}
		found = true
		if err := m.one(ctx, src); err != nil {
			return err
		}
	}
	if !found {
		return usagef("--source: there is no %q under orthanc in %s", m.source, m.config.File())
	}
	return nil
}

func (m *misser) one(ctx context.Context, src *pipeline.Source) error {
	gone, looked, err := m.gate.AllMissing(ctx, src)
	if err != nil {
		return err
	}
	fmt.Fprintf(m.to, "source %s: %d of the %d reports that wait there are gone\n", src.Name, len(gone), looked)
	if len(gone) > 0 {
		if err := m.table(gone); err != nil {
			return err
		}
	}
	if !m.withdraw {
		return nil
	}
	n, err := m.gate.Lost(ctx, src, gone, person("missing"))
	fmt.Fprintf(m.to, "source %s: %d reports withdrawn\n", src.Name, n)
	return err
}

func (m *misser) table(gone []ledger.Report) error {
	t := newTable(m.to, "ID", "STATION", "STATE", "RECEIVED", "REASON")
	for _, r := range gone {
		t.row(r.ID, r.StationName, r.State, r.ReceivedAt.UTC().Format(time.DateTime), r.Reason)
	}
	return t.end()
}
