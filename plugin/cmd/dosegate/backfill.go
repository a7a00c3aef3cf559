package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/dosegate/dosegate/plugin/pipeline"
	"github.com/spf13/cobra"
)

// otherSender is what to know before old reports are sent.
const otherSender = `What another sender has submitted from this archive before must not be sent again: the
registry would count it twice, since the UIDs that Dosegate gives are others than that
sender's. Leave it out by the dates of the studies: --to is the last day before that sender
began, --since the first day after it ended. Where it sent some stations alone, give
those "send: false" in stations.yaml for as long as the backfill of its time runs. What
Dosegate itself has sent, from this ledger, is never sent twice.`

func backfillCommand() *cobra.Command {
	b := &backfiller{}
	var path, since, to string
	cmd := &cobra.Command{
		Use:   "backfill -c dosegate.yaml [--source S] [--since DATE] [--to DATE] [--rate N] [--dry-run]",
		Short: "Take up the reports of an archive from before it was followed; with --dry-run only count them",
		Long: `Takes up the reports that an archive has from before it was followed, a month of studies after
the other, beside a running dosegate serve, which sends them. Ended at any moment it goes on
there when it is run again with the same dates. Reports that the ledger knows stay as they
are, but for expired ones, which are decided again.

` + otherSender,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if err := b.dates(since, to); err != nil {
				return err
			}
			if b.PerSecond <= 0 {
				return usagef("--rate: it has to be more than 0")
			}
			if b.opened, err = openAll(cmd.Context(), path, "backfill"); err != nil {
				return err
			}
			defer func() { err = errors.Join(err, b.ledger.Close()) }()
			b.to, b.says = cmd.OutOrStdout(), cmd.ErrOrStderr()
			return b.run(cmd.Context())
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&b.source, "source", "", "the archive's name in the configuration, where there are several")
	cmd.Flags().StringVar(&since, "since", "", "only studies of this `date` and later, as 2019-01-31")
	cmd.Flags().StringVar(&to, "to", "", "only studies of this `date` and earlier")
	cmd.Flags().Float64Var(&b.PerSecond, "rate", 10, "ask Orthanc about so many reports a second at most")
	cmd.Flags().BoolVar(&b.DryRun, "dry-run", false, "record nothing: show how many there are by month, station and template")
	return cmd
}

// backfiller runs a backfill and says how far it is.
type backfiller struct {
	*opened
	pipeline.Backfill
	source   string
	to, says io.Writer
	found    map[pipeline.Backfilled]int
}

func (b *backfiller) dates(since, to string) error {
	for _, d := range []struct {
		flag, text string
		to         *time.Time
	}{{"--since", since, &b.Studies.From}, {"--to", to, &b.Studies.To}} {
		if d.text == "" {
			continue
		}
		var err error
		if *d.to, err = time.Parse(time.DateOnly, d.text); err != nil {
			return usagef("%s: %q is no date of the form 2019-01-31", d.flag, d.text)
		}
	}
	if since != "" && to != "" && b.Studies.To.Before(b.Studies.From) {
		return usagef("--to is before --since")
	}
	return nil
}

// archive is the source that is meant.
func (b *backfiller) archive() (*pipeline.Source, error) {
	var archives []*pipeline.Source
	for _, src := range b.gate.Sources {
		if src.Archive && (b.source == "" || src.Name == b.source) {
			archives = append(archives, src)
		}
	}
	switch {
	case len(archives) == 1:
		return archives[0], nil
	case len(archives) > 1:
		return nil, usagef("name one of the archives in %s with --source", b.config.File())
	case b.source != "":
		return nil, usagef("--source: there is no %q with role: archive under orthanc in %s", b.source, b.config.File())
	}
	return nil, usagef("there is no source with role: archive in %s: of a gateway every report is taken up anyway", b.config.File())
}

func (b *backfiller) run(ctx context.Context) error {
	src, err := b.archive()
	if err != nil {
		return err
	}
	p := progress{to: b.says}
	b.found = make(map[pipeline.Backfilled]int)
	b.By, b.Progress = person("backfill"), p.show
	b.Found = func(f pipeline.Backfilled) { b.found[f]++ }
	failed := b.gate.Backfill(ctx, src, b.Backfill)
	p.end()
	if err := b.summary(); err != nil {
		return err
	}
	switch {
	case errors.Is(failed, context.Canceled):
		return errors.New("ended before all were looked at: run it again with the same dates, and it goes on there")
	case failed == nil && b.DryRun:
		fmt.Fprintf(b.to, "\nNothing was recorded.\n\n%s\n", otherSender)
	}
	return failed
}

// summary shows what was found, by month, station and template.
func (b *backfiller) summary() error {
	sums := make(map[pipeline.Outcome]int)
	t := newTable(b.to, "STUDY", "STATION", "TEMPLATE", "VERDICT", "REPORTS")
	for _, f := range slices.SortedFunc(maps.Keys(b.found), func(x, y pipeline.Backfilled) int {
		return cmp.Or(cmp.Compare(x.Month, y.Month), cmp.Compare(x.Station, y.Station), cmp.Compare(x.Template, y.Template), cmp.Compare(x.Outcome, y.Outcome))
	}) {
		sums[f.Outcome] += b.found[f]
		if f.Outcome == pipeline.BackfillAccepted || f.Outcome == pipeline.BackfillHeld {
			t.row(f.Month, f.Station, f.Template, f.Outcome, b.found[f])
		}
	}
	if err := t.end(); err != nil {
		return err
	}
	verb := "are"
	if b.DryRun {
		verb = "would be"
	}
	_, err := fmt.Fprintf(b.to, "%d %s accepted, %d %s held; %d are in the ledger already, %d are no dose reports\n", sums[pipeline.BackfillAccepted], verb,
		sums[pipeline.BackfillHeld], verb, sums[pipeline.BackfillKnown], sums[pipeline.BackfillNone])
	return err
}
