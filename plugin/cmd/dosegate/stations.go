package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

func stationsCommand() *cobra.Command {
	var path string
	var asJSON, adopt bool
	cmd := &cobra.Command{
		Use:   "stations -c dosegate.yaml [--json | --adopt]",
		Short: "List the stations: configured, seen but not configured, and what was ignored",
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if adopt {
				return adoptStations(cmd.Context(), path, cmd.OutOrStdout())
			}
			o, err := openLedger(cmd.Context(), path)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, o.ledger.Close()) }()
			lists, err := gatherStations(cmd.Context(), o)
			if err != nil {
				return err
			}
			if lists.trouble != "" {
				fmt.Fprintln(cmd.ErrOrStderr(), "dosegate:", lists.trouble)
			}
			if asJSON {
				return lists.writeJSON(cmd.OutOrStdout())
			}
			return lists.write(cmd.OutOrStdout())
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	cmd.Flags().BoolVar(&adopt, "adopt", false, "make this machine's list the one in force, while no dosegate leads (PostgreSQL)")
	return cmd
}

// stationLists are the three lists of the command.
type stationLists struct {
	configured []configuredStation
	seen       []seenStation
	ignored    []ignoredStation
	trouble    string // with stations.yaml; "" where there is none
}

func gatherStations(ctx context.Context, o *opened) (*stationLists, error) {
	watched, err := watchStations(ctx, o.config, o.ledger)
	if err != nil {
		return nil, err
	}
	known, err := o.ledger.Stations(ctx)
	if err != nil {
		return nil, err
	}
	rules := newFilter(o.config, watched.Stations())
	lists := &stationLists{trouble: watched.Trouble(), configured: configuredStations(rules.Stations)}
	for _, s := range known {
		in := lastInput(s)
		if place, ok := rules.Stations.Entry(in); ok {
			lists.configured[place].add(s)
			continue
		}
		lists.seen = append(lists.seen, newSeenStation(s, in, rules.Decide(in).Reason))
	}
	lists.ignored, err = ignoredStations(ctx, o.ledger)
	return lists, err
}

func (l *stationLists) writeJSON(to io.Writer) error {
	lines := newLines(to)
	for _, s := range l.configured {
		if err := lines.Encode(s); err != nil {
			return err
		}
	}
	for _, s := range l.seen {
		if err := lines.Encode(s); err != nil {
			return err
		}
	}
	for _, s := range l.ignored {
		if err := lines.Encode(s); err != nil {
			return err
		}
	}
	return nil
}

func (l *stationLists) write(to io.Writer) error {
	t := newTable(to, "CONFIGURED", "FACILITY", "REGISTRIES", "HELD", "QUEUED", "DELIVERED", "REJECTED", "EXPIRED", "LAST RECEIVED (UTC)")
	for _, s := range l.configured {
		c := s.Counts
		t.row(s.label(), s.Facility, s.destination(), c.Held, c.Queued, c.Delivered, c.Rejected, c.Expired, clock(s.LastReceivedAt))
	}
	if err := t.end(); err != nil {
		return err
	}
	fmt.Fprintln(to)
	t = newTable(to, "NOT CONFIGURED", "MODEL", "SERIAL NUMBER", "SENDER", "HELD", "DELIVERED", "EXPIRED", "LAST RECEIVED (UTC)", "ITS LAST REPORT")
	for _, s := range l.seen {
		t.row(s.StationName, s.Model, s.SerialNumber, s.SenderAET, s.Counts.Held, s.Counts.Delivered, s.Counts.Expired,
			clock(s.LastReceivedAt), s.Reason)
	}
	if err := t.end(); err != nil {
		return err
	}
	fmt.Fprintln(to)
	t = newTable(to, "IGNORED FROM", "STATION", "WHAT", "COUNT", "LAST DAY", "WHY")
	for _, s := range l.ignored {
		t.row(s.SenderAET, s.StationName, s.SOPClass, s.Count, s.LastDay, s.Reason)
	}
	return t.end()
}
