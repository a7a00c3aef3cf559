package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/spf13/cobra"
)

func releaseCommand() *cobra.Command {
	var path, station string
	cmd := &cobra.Command{
		Use:   "release -c dosegate.yaml {--station NAME | ID}",
		Short: "Decide held reports again, now; what the filter holds stays held",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if (station == "") == (len(args) == 0) {
				return usagef("name either one report by its ID or a station with --station")
			}
			o, err := openAll(cmd.Context(), path, "release")
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, o.ledger.Close()) }()
			r := &releaser{opened: o, to: cmd.OutOrStdout()}
			if station != "" {
				return r.station(cmd.Context(), station)
			}
			return r.report(cmd.Context(), args[0])
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&station, "station", "", "all held reports of this `station`, by the name that the ledger shows")
	return cmd
}

type releaser struct {
	*opened
	to       io.Writer
	decided  int
	released int
}

func (r *releaser) report(ctx context.Context, id string) error {
	report, err := r.ledger.Get(ctx, id)
	if err != nil {
		return err
	}
	if err := r.again(ctx, report); err != nil {
		return err
	}
	return r.outcome()
}

func (r *releaser) station(ctx context.Context, name string) error {
	err := r.gate.HeldOf(ctx, name, func(report ledger.Report) error {
		if report.ReasonCode == filter.Changed {
			r.decided++
			fmt.Fprintf(r.to, "%s  not released: compare it with its other copy, and release the right one by its ID\n", report.ID)
			return nil
		}
		return r.again(ctx, report)
	})
	if err == nil && r.decided == 0 {
		err = fmt.Errorf("nothing is held for station %s", name)
	}
	if err != nil {
		return err
	}
	return r.outcome()
}

// again decides again on one report and says what became of it. That it failed
// for one stops no other.
func (r *releaser) again(ctx context.Context, report ledger.Report) error {
	r.decided++
	done, err := r.gate.Release(ctx, report, person("release"))
	words, why := "still held", done.Verdict.Reason
	switch {
	case err != nil:
		words, why = "not released", err.Error()
	case done.Verdict.Action == filter.Accept:
		r.released++
		words = "released"
	case done.Verdict.Action == filter.Ignore:
		words = "not released"
	}
	fmt.Fprintf(r.to, "%s  %s: %s\n", report.ID, words, why)
	return ctx.Err()
}

// outcome is a failure when nothing could be released.
func (r *releaser) outcome() error {
	if r.released == 0 {
		return errFailed
	}
	return nil
}

// person is who causes an event of the ledger: somebody, by a command.
func person(command string) string { return "person:" + command }
