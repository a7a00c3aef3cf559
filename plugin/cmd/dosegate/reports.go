package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/statement"
	"github.com/spf13/cobra"
)

// shownStates are the states that a row of the ledger shows.
var shownStates = []ledger.State{ledger.Held, ledger.Queued, ledger.Delivered, ledger.Rejected, ledger.Expired, ledger.Withdrawn}

func reportsCommand() *cobra.Command {
	var path, state string
	var asJSON, asCSV bool
	cmd := &cobra.Command{
		Use:   "reports -c dosegate.yaml [--state STATE] [--json | --csv]",
		Short: "List what became of every report",
		RunE: func(cmd *cobra.Command, _ []string) error {
			query := ledger.Query{State: ledger.State(state)}
			if state != "" && !slices.Contains(shownStates, query.State) {
				return usagef("--state: %q is not one of %s", state, stateNames())
			}
			list := listReports
			switch {
			case asJSON && asCSV:
				return usagef("--json and --csv: choose one")
			case asJSON:
				list = listReportsAsJSON
			case asCSV:
				list = listReportsAsCSV
			}
			o, err := openLedger(cmd.Context(), path)
			if err != nil {
				return err
			}
			return errors.Join(list(cmd.Context(), o.ledger, query, cmd.OutOrStdout()), o.ledger.Close())
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&state, "state", "", "only those in this `state`: "+stateNames())
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	cmd.Flags().BoolVar(&asCSV, "csv", false, "a table for a spreadsheet, without Orthanc IDs")
	return cmd
}

func stateNames() string {
	var names []string
	for _, s := range shownStates {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}

// reportLine is a row of the ledger as scripts read it.
type reportLine struct {
	ID                 string       `json:"id"`
	Source             string       `json:"source"`
	OrthancID          string       `json:"orthanc_id"`
	StationName        string       `json:"station_name"`
	Template           string       `json:"template"`
	Kind               string       `json:"kind"`
	State              ledger.State `json:"state"`
	ReasonCode         string       `json:"reason_code"`
	Reason             string       `json:"reason"`
	Registry           string       `json:"registry"`
	Attempts           int          `json:"attempts"`
	NextAttemptAt      *time.Time   `json:"next_attempt_at"`
	LastError          string       `json:"last_error"`
	ReceivedAt         *time.Time   `json:"received_at"`
	HeldUntil          *time.Time   `json:"held_until"`
	DeliveredAt        *time.Time   `json:"delivered_at"`
	SentSOPInstanceUID string       `json:"sent_sop_instance_uid"`

	statement.Way
	statement.Answer
}

func newReportLine(row ledger.Row) reportLine {
	r, d := row.Report, row.Delivery
	line := reportLine{
		ID: r.ID, Source: r.Source, OrthancID: r.OrthancID, StationName: r.StationName, Template: r.Template, Kind: r.Kind,
		State: row.State, ReasonCode: r.ReasonCode, Reason: r.Reason,
		Registry: d.Registry, Attempts: d.Attempts, LastError: d.LastError,
		ReceivedAt: inUTC(r.ReceivedAt), HeldUntil: heldUntil(row), DeliveredAt: inUTC(d.DeliveredAt),
		SentSOPInstanceUID: d.SentSOPInstanceUID, Way: statement.WayOf(r), Answer: statement.AnswerOf(d),
	}
	if row.State == ledger.Queued { // a report that waits or is gone makes no attempt
		line.NextAttemptAt = inUTC(d.NextAttemptAt)
	}
	return line
}

func listReportsAsJSON(ctx context.Context, l *ledger.Ledger, q ledger.Query, to io.Writer) error {
	lines := newLines(to)
	return l.List(ctx, q, func(row ledger.Row) error { return lines.Encode(newReportLine(row)) })
}

func listReportsAsCSV(ctx context.Context, l *ledger.Ledger, q ledger.Query, to io.Writer) error {
	t := statement.NewTable(to, statement.RowHeads...)
	err := l.List(ctx, q, func(row ledger.Row) error { return t.Row(statement.RowCells(row)...) })
	return errors.Join(err, t.End())
}

// heldUntil is when a held report expires, nil for what does not.
func heldUntil(row ledger.Row) *time.Time {
	if row.State != ledger.Held {
		return nil
	}
	return inUTC(row.Report.HeldUntil)
}

// why is the reason for the state that a row shows: a delivery's error only
// where that is what it waits for.
func why(row ledger.Row) string {
	if row.State == ledger.Queued || row.State == ledger.Rejected {
		return cmp.Or(row.Delivery.LastError, row.Report.Reason)
	}
	return row.Report.Reason
}

func listReports(ctx context.Context, l *ledger.Ledger, q ledger.Query, to io.Writer) error {
	t := newTable(to, "ID", "STATE", "STATION", "TEMPLATE", "REGISTRY", "ATTEMPTS", "RECEIVED (UTC)", "HELD UNTIL (UTC)", "REASON")
	err := l.List(ctx, q, func(row ledger.Row) error {
		r, d := row.Report, row.Delivery
		until := ""
		if row.State == ledger.Held {
			until = cmp.Or(clock(inUTC(r.HeldUntil)), "a person decides")
		}
		t.row(r.ID, row.State, r.StationName, r.Template, d.Registry, d.Attempts, clock(inUTC(r.ReceivedAt)), until,
			why(row))
		return nil
	})
	return errors.Join(err, t.end())
}
