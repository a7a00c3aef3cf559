package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/spf13/cobra"
)

func discardCommand() *cobra.Command {
	var path, reason string
	cmd := &cobra.Command{
		Use:   "discard -c dosegate.yaml --reason TEXT ID",
		Short: "Delete a held report in its gateway now, with the care of expiry",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if reason = strings.TrimSpace(reason); reason == "" {
				return usagef("say why with --reason: it stays in the ledger when the report is gone")
			}
			o, err := openAll(cmd.Context(), path, "discard")
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, o.ledger.Close()) }()
			return discard(cmd.Context(), o, args[0], reason, cmd.OutOrStdout())
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&reason, "reason", "", "`why`, for the ledger; nothing of the patient's")
	return cmd
}

func discard(ctx context.Context, o *opened, id, reason string, to io.Writer) error {
	report, err := o.ledger.Get(ctx, id)
	if err != nil {
		return err
	}
	if err := o.gate.Discard(ctx, report, reason, person("discard")); err != nil {
		return notDiscarded(ctx, o.ledger, report, err)
	}
	_, err = fmt.Fprintf(to, "%s  deleted in %s\n", id, report.Source)
	return err
}

// notDiscarded words why nothing was deleted: by what the report turned out to
// be, where that is news.
func notDiscarded(ctx context.Context, l *ledger.Ledger, was ledger.Report, err error) error {
	now, gerr := l.Get(ctx, was.ID)
	if gerr == nil && (now.State != was.State || now.Reason != was.Reason) {
		return fmt.Errorf("report %s was not deleted: it is %s now: %s", was.ID, now.State, now.Reason)
	}
	return err
}
