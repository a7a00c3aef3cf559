package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/pipeline"
)

// adoptStations makes the stations list of this machine the one in force. Where
// several dosegates share a ledger, one whose list is another does not lead; a
// person says which is right when nobody leads who could.
func adoptStations(ctx context.Context, path string, to io.Writer) (err error) {
	o, err := openLedger(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.ledger.Close()) }()
	if !o.config.LedgerIsShared() {
		return usagef("--adopt is for a ledger that several dosegates share: with a file the list is in force as soon as serve has read it")
	}
	lease, lives, err := o.ledger.Led(ctx, ledger.DefaultLease)
	if err != nil {
		return err
	}
	if lives {
		return fmt.Errorf("%s leads: the list in force is its own, change that", lease.Leader)
	}
	list := filter.Watch(o.config.StationsFile, registryNames(o.config), nil)
	if list.Stations() == nil {
		return errors.New(list.Trouble())
	}
	if err := pipeline.KeepStations(ctx, o.ledger, list.Stations()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(to, "%s is the list in force, with %d stations\n", o.config.StationsFile, len(list.Stations().Entries))
	return err
}
