package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/statement"
	"github.com/spf13/cobra"
)

func statementCommand() *cobra.Command {
	var path, month string
	var asJSON, asCSV bool
	cmd := &cobra.Command{
		Use:   "statement -c dosegate.yaml [--month 2026-01] [--json | --csv]",
		Short: "What became of a month's reports, by facility, station and registry",
		Long: `What became of every report that its Orthanc received in a month (in the time zone of
this machine), by facility, station and registry, to be held against the registry's own
count. RECEIVED is the sum of what follows SENT, of which ACCEPTED, WARNING (accepted with
a warning) and REJECTED are the parts. COPIES went as an object that the registry has of
another copy of the report; NOT SENT is what was rejected here, since the registry has the
report with other bytes.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			from, err := monthOf(month, time.Now())
			if err != nil {
				return err
			}
			show := showStatement
			switch {
			case asJSON && asCSV:
				return usagef("--json and --csv: choose one")
			case asJSON:
				show = showStatementAsJSON
			case asCSV:
				show = showStatementAsCSV
			}
			lines, err := statementOf(cmd, path, from)
			if err != nil {
				return err
			}
			return show(cmd.OutOrStdout(), from, lines)
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&month, "month", "", "the `month`, such as 2026-01; default: the last whole one")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	cmd.Flags().BoolVar(&asCSV, "csv", false, "a table for a spreadsheet")
	return cmd
}

// monthOf is the first moment of a month, of the last whole one where none is given.
func monthOf(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Date(now.Year(), now.Month()-1, 1, 0, 0, 0, 0, now.Location()), nil
	}
	from, err := time.ParseInLocation("2006-01", text, now.Location())
	if err != nil {
		return from, usagef("--month: %q is no month such as 2026-01", text)
	}
	return from, nil
}

func statementOf(cmd *cobra.Command, path string, from time.Time) ([]statement.Line, error) {
	ctx := cmd.Context()
	o, err := openLedger(ctx, path)
	if err != nil {
		return nil, err
	}
	facility, err := o.facilityOf(ctx)
	if err != nil {
		return nil, errors.Join(err, o.ledger.Close())
	}
	lines, err := statement.Month(ctx, o.ledger, from, from.AddDate(0, 1, 0), facility)
	return lines, errors.Join(err, o.ledger.Close())
}

// facilityOf finds the facility of reports that were not sent yet, by the stations list
// as it is now.
func (o *opened) facilityOf(ctx context.Context) (func(ledger.Report) string, error) {
	stations, err := watchStations(ctx, o.config, o.ledger)
	if err != nil {
		return nil, err
	}
	rules := newFilter(o.config, stations.Stations())
	return func(r ledger.Report) string {
		var in filter.Input
		if json.Unmarshal(r.Input, &in) != nil {
			return ""
		}
		return rules.Decide(in).Facility
	}, nil
}

func showStatement(to io.Writer, month time.Time, lines []statement.Line) error {
	fmt.Fprintf(to, "received in %s\n", month.Format("January 2006"))
	t := newTable(to, "FACILITY", "STATION", "REGISTRY", "RECEIVED", "SENT", "ACCEPTED", "WARNING", "REJECTED", "COPIES", "NOT SENT", "QUEUED", "HELD", "EXPIRED", "WITHDRAWN", "WHY REJECTED")
	for _, l := range lines {
		t.row(l.Facility, l.Station, l.Registry, l.Received, l.Sent(), l.Accepted, l.Warned, l.Rejected, l.Copies, l.NotSent, l.Queued, l.Held, l.Expired, l.Withdrawn, l.Why())
	}
	return t.end()
}

func showStatementAsCSV(to io.Writer, month time.Time, lines []statement.Line) error {
	t := statement.NewTable(to, statement.MonthHeads...)
	for _, l := range lines {
		t.Row(l.Cells(month)...)
	}
	return t.End()
}

func showStatementAsJSON(to io.Writer, month time.Time, lines []statement.Line) error {
	all := newLines(to)
	for _, l := range lines {
		err := all.Encode(struct {
			Month string `json:"month"`
			statement.Line
			Sent int `json:"sent"`
		}{month.Format("2006-01"), l, l.Sent()})
		if err != nil {
			return err
		}
	}
	return nil
}
