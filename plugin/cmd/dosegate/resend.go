package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/spf13/cobra"
)

func resendCommand() *cobra.Command {
	var path string
	r := &resender{by: person("resend")}
	cmd := &cobra.Command{
		Use:   "resend -c dosegate.yaml [--registry NAME] [--as-new] ID",
		Short: "Queue a delivered or rejected report again",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			o, err := openAll(cmd.Context(), path, "resend")
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, o.ledger.Close()) }()
			r.opened, r.to = o, cmd.OutOrStdout()
			return r.resend(cmd.Context(), args[0])
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&r.registry, "registry", "", "only to this registry, by its `name` in the configuration; also one that did not have it")
	cmd.Flags().BoolVar(&r.asNew, "as-new", false, "under other UIDs than before, as another report")
	return cmd
}

type resender struct {
	*opened
	to       io.Writer
	registry string // "" for every one that has had it
	asNew    bool
	by       string
}

// resend queues the deliveries that are settled. If one may not be sent again,
// none is queued.
func (r *resender) resend(ctx context.Context, id string) error {
	if r.registry != "" && !slices.Contains(registryNames(r.config), r.registry) {
		return usagef("--registry: there is no %q under registries in %s", r.registry, r.config.File())
	}
	report, err := r.ledger.Get(ctx, id)
	if err != nil {
		return err
	}
	all, err := r.ledger.Deliveries(ctx, report.ID)
	if err != nil {
		return err
	}
	if to := r.registry; to != "" && !slices.ContainsFunc(all, func(d ledger.Delivery) bool { return d.Registry == to }) {
		if err := r.gate.SendAlso(ctx, report, to, r.by); err != nil {
			return err
		}
		fmt.Fprintf(r.to, "%s  queued for %s, which did not have it\n", id, to)
		return nil
	}
	settled, err := r.settled(report, all)
	if err != nil {
		return err
	}
	for _, d := range settled {
		if err := r.refusal(report, d); err != nil {
			return err
		}
	}
	for _, d := range settled {
		if err := r.ledger.Resend(ctx, id, d.Registry, r.asNew, r.by); err != nil {
			return fmt.Errorf("registry %s: %w", d.Registry, err)
		}
		fmt.Fprintf(r.to, "%s  queued again for %s\n", id, d.Registry)
	}
	if report.State == ledger.Held {
		fmt.Fprintf(r.to, "%s  is held, and goes when it is released: %s\n", id, report.Reason)
	}
	return nil
}

// settled are the deliveries that were asked for and are over.
func (r *resender) settled(report ledger.Report, all []ledger.Delivery) ([]ledger.Delivery, error) {
	settled := slices.DeleteFunc(all, func(d ledger.Delivery) bool {
		return d.State == ledger.Queued || r.registry != "" && d.Registry != r.registry
	})
	if len(settled) == 0 {
		where := "any registry"
		if r.registry != "" {
			where = "registry " + r.registry
		}
		return nil, fmt.Errorf("report %s was neither delivered to %s nor rejected there: there is nothing to send again", report.ID, where)
	}
	return settled, nil
}

// refusal says why a delivery cannot be sent again (rule 4 of the design): a
// registry that has the report would keep the first bytes under the same UID,
// or have the same dose twice under another.
func (r *resender) refusal(report ledger.Report, d ledger.Delivery) error {
	if !slices.Contains(registryNames(r.config), d.Registry) {
		return fmt.Errorf("registry %s is not configured any more: name another with --registry", d.Registry)
	}
	if r.asNew || d.SentSOPInstanceUID == "" {
		return nil
	}
	if why := r.gate.SendsOtherwise(report, d); why != "" {
		return refused(report, d, why)
	}
	return nil
}

func refused(report ledger.Report, d ledger.Delivery, why string) error {
	return fmt.Errorf("report %s is not sent to %s again: %s; with --as-new it is sent as another report", report.ID, d.Registry, why)
}
