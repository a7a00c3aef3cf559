package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/dosegate/dosegate/plugin/config"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/pipeline"
	"github.com/spf13/cobra"
)

// patience is how long check waits for one machine.
const patience = 10 * time.Second

func checkCommand() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "check -c dosegate.yaml",
		Short: "Check the configuration, and that every Orthanc and registry can be reached",
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(path)
			if err != nil {
				return err
			}
			f := &findings{}
			f.ok("configuration", "%s", c.File())
			f.installation(cmd.Context(), c)
			for _, s := range c.Orthanc {
				if err := f.source(cmd.Context(), s); err != nil {
					return err
				}
			}
			for _, r := range c.Registries {
				if err := f.registry(cmd.Context(), r, c.Orthanc); err != nil {
					return err
				}
			}
			f.page(c)
			f.notify(cmd.Context(), c)
			f.output(c)
			return f.write(cmd.OutOrStdout())
		},
	}
	configFlag(cmd, &path)
	return cmd
}

// findings are the rows of check's table.
type findings struct {
	rows   [][3]string
	failed bool
}

func (f *findings) ok(what, format string, args ...any) {
	f.rows = append(f.rows, [3]string{what, "ok", fmt.Sprintf(format, args...)})
}

// warn notes what works and is not as it should be.
func (f *findings) warn(what, format string, args ...any) {
	f.rows = append(f.rows, [3]string{what, "warning", fmt.Sprintf(format, args...)})
}

func (f *findings) fail(what string, err error) {
	f.failed = true
	f.rows = append(f.rows, [3]string{what, "FAILED", err.Error()})
}

func (f *findings) write(to io.Writer) error {
	t := newTable(to, "WHAT", "RESULT", "DETAILS")
	for _, r := range f.rows {
		t.row(r[0], r[1], r[2])
	}
	if err := t.end(); err != nil {
		return err
	}
	if f.failed {
		return errFailed
	}
	return nil
}

// installation checks what lies on this machine: ledger, key and stations list.
// It makes none of them.
func (f *findings) installation(ctx context.Context, c *config.Config) {
	l, err := f.ledger(ctx, c)
	if l == nil {
		f.keys(c.Deidentify.KeyFile, nil, err)
		f.stations(filter.Watch(c.StationsFile, registryNames(c), nil))
		return
	}
	defer l.Close()
	for _, s := range c.Orthanc {
		f.missing(ctx, l, s.Name)
	}
	known, err := knownKeys(ctx, l)
	f.keys(c.Deidentify.KeyFile, known, err)
	list, err := watchStations(ctx, c, l)
	if err != nil {
		f.fail("stations list", err)
		return
	}
	f.stations(list)
}

// ledger opens the ledger; it is nil without an error before the first start. Neither
// that nor one of an older dosegate is changed.
func (f *findings) ledger(ctx context.Context, c *config.Config) (*ledger.Ledger, error) {
	l, err := ledgerOf(ctx, c, ledger.Options{MustBe: true, AsItIs: true})
	switch {
	case errors.Is(err, ledger.ErrNone):
		if _, err := os.Stat(filepath.Dir(c.LedgerAddress())); err != nil && !c.LedgerIsShared() {
			f.fail("ledger", fmt.Errorf("its folder: %w", err))
		} else {
			f.ok("ledger", "%s will be made by the first start of dosegate serve", ledger.NameOf(c.LedgerAddress()))
		}
		return nil, nil
	case errors.Is(err, ledger.ErrOlder):
		f.warn("ledger", "%s: the next start of dosegate serve brings it up to date; make a backup before", err)
		return nil, errors.New("not compared: the ledger is an older dosegate's")
	case err != nil:
		f.fail("ledger", err)
		return nil, errors.New("not compared: the ledger cannot be opened")
	}
	f.ok("ledger", "%s", l.Name())
	return l, nil
}

// missing fails where most reports of a source are gone.
func (f *findings) missing(ctx context.Context, l *ledger.Ledger, source string) {
	m, is, err := pipeline.MissingFrom(ctx, l, source)
	if is && err == nil {
		err = fmt.Errorf("%s, since %s: none is withdrawn and nothing is deleted until they are back; see dosegate missing",
			m.Words(), m.Since.Format(time.DateTime))
	}
	if err != nil {
		f.fail("reports of "+source, err)
	}
}

func (f *findings) keys(path string, known []string, err error) {
	const what = "key file"
	if err != nil {
		f.fail(what, err)
		return
	}
	ring, err := loadKeys(path, known)
	switch {
	case errors.Is(err, deid.ErrNoKey):
		f.ok(what, "%s will be made by the first start of dosegate serve", path)
	case err != nil:
		f.fail(what, err)
	default:
		f.ok(what, "%s, fingerprint %s", path, ring.At(time.Now()).Fingerprint())
	}
}

func (f *findings) stations(list *filter.Watched) {
	const what = "stations list"
	stations := list.Stations()
	switch trouble := list.Trouble(); {
	case trouble != "":
		f.fail(what, errors.New(trouble))
	case len(stations.Entries) == 0:
		f.warn(what, "it names no station: every report is held")
	default:
		f.ok(what, "%d stations", len(stations.Entries))
	}
}
