package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/spf13/cobra"
)

func historyCommand() *cobra.Command {
	var path string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "history -c dosegate.yaml [--json] ID",
		Short: "What happened to a report: when, from which state to which, why, and by whom",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			o, err := openLedger(cmd.Context(), path)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, o.ledger.Close()) }()
			return history(cmd.Context(), o.ledger, args[0], asJSON, cmd.OutOrStdout())
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return cmd
}

// eventLine is an event as scripts read it.
type eventLine struct {
	ID       string       `json:"id"` // of the report
	At       time.Time    `json:"at"`
	Registry string       `json:"registry"` // "" for the report itself
	From     ledger.State `json:"from"`     // "" where there was nothing before
	To       ledger.State `json:"to"`       // "" where there is nothing after
	Why      string       `json:"why"`
	By       string       `json:"by"` // follow, deliver, sweep, or person: and a command
}

func history(ctx context.Context, l *ledger.Ledger, id string, asJSON bool, to io.Writer) error {
	if _, err := l.Get(ctx, id); err != nil {
		return err
	}
	events, err := l.History(ctx, id)
	if err != nil {
		return err
	}
	if asJSON {
		lines := newLines(to)
		for _, e := range events {
			if err := lines.Encode(eventLine{e.ReportID, e.At.UTC(), e.Registry, e.From, e.To, e.Why, e.By}); err != nil {
				return err
			}
		}
		return nil
	}
	t := newTable(to, "WHEN (UTC)", "WHAT", "FROM", "TO", "BY", "WHY")
	for _, e := range events {
		t.row(clock(&e.At), cmp.Or(e.Registry, "report"), e.From, e.To, e.By, e.Why)
	}
	return t.end()
}
