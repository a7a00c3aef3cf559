package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/dosegate/dosegate/plugin/config"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/spf13/cobra"
)

func restoreCommand() *cobra.Command {
	var path, passphraseFile string
	cmd := &cobra.Command{
		Use:   "restore -c dosegate.yaml [--passphrase-file F] FOLDER",
		Short: "Put a backup where there is no ledger, while serve is stopped",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			c, err := loadConfig(path)
			if err != nil {
				return err
			}
			r := &restore{config: c, from: args[0], to: cmd.OutOrStdout(), passphrase: passphraseFrom{passphraseFile, false, cmd}}
			if err := r.check(); err != nil {
				return err
			}
			quiet, err := stopped(cmd.Context(), c)
			if errors.Is(err, errServing) {
				return fmt.Errorf("%w: stop it before its ledger is restored", err)
			}
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, quiet.Close()) }()
			return r.all(cmd.Context())
		},
	}
	configFlag(cmd, &path)
	passphraseFlag(cmd, &passphraseFile)
	return cmd
}

// restore puts a backup back. It overwrites nothing: what is there is either
// the same, or a reason to stop.
type restore struct {
	config     *config.Config
	from       string
	manifest   manifest
	passphrase passphraseFrom
	to         io.Writer
}

func (r *restore) path(name string) string { return filepath.Join(r.from, name) }

// check makes sure that the backup is whole.
func (r *restore) check() error {
	text, err := os.ReadFile(r.path(backupManifest))
	if err == nil {
		err = json.Unmarshal(text, &r.manifest)
	}
	if err != nil {
		return fmt.Errorf("%s is no backup: %w", r.from, err)
	}
	if r.manifest.SHA256[backupLedger] == "" {
		return fmt.Errorf("%s is no backup: its manifest names no ledger", r.from)
	}
	for name, want := range r.manifest.SHA256 {
		have, err := sumOf(r.path(filepath.Base(name)))
		if err != nil {
			return err
		}
		if have != want {
			return fmt.Errorf("%s is not what was backed up: the file has changed", r.path(name))
		}
	}
	return nil
}

// all restores the ledger last: with it the rest has to be right.
func (r *restore) all(ctx context.Context) error {
	if err := r.vacant(); err != nil {
		return err
	}
	if err := r.key(); err != nil {
		return err
	}
	if err := r.stations(); err != nil {
		return err
	}
	if err := r.ledger(ctx); err != nil {
		return err
	}
	fmt.Fprintf(r.to, "%s is as it was on %s. What was sent since then is sent again, as the same objects.\n",
		r.config.LedgerAddress(), r.manifest.MadeAt.Format("2006-01-02 15:04:05 UTC"))
	return nil
}

// vacant makes sure that no ledger lies where one is restored. A write-ahead log
// that an earlier one left would be taken for the new one's.
func (r *restore) vacant() error {
	if r.config.LedgerIsShared() {
		return nil // the copying itself finds out
	}
	for _, name := range []string{"", "-wal", "-shm"} {
		if path := r.config.LedgerAddress() + name; exists(path) {
			return fmt.Errorf("%s is there already: move it away, together with its -wal and -shm files", path)
		}
	}
	return nil
}

// key restores the site key, if the backup has it.
func (r *restore) key() error {
	file := r.config.Deidentify.KeyFile
	if r.manifest.SHA256[backupKey] == "" {
		if !exists(file) {
			fmt.Fprintf(r.to, "The backup does not hold the site key: put your copy at %s before serve is started.\n", file)
		}
		return nil
	}
	sealed, err := os.ReadFile(r.path(backupKey))
	if err != nil {
		return fmt.Errorf("restore the key: %w", err)
	}
	passphrase, err := r.passphrase.read()
	if err != nil {
		return err
	}
	text, err := decrypt(sealed, passphrase)
	if err != nil {
		return err
	}
	if have, err := os.ReadFile(file); err == nil {
		if bytes.Equal(have, text) {
			return nil
		}
		return fmt.Errorf("%s is there already, and is another key than that of the backup: move it away", file)
	}
	if err := writeNew(file, text); err != nil {
		return err
	}
	_, err = deid.LoadKeyring(file)
	return err
}

// stations restores the stations list where there is none: one that is there is
// a person's, and newer.
func (r *restore) stations() error {
	if r.manifest.SHA256[backupStations] == "" {
		return nil
	}
	text, err := os.ReadFile(r.path(backupStations))
	if err != nil {
		return fmt.Errorf("restore the stations list: %w", err)
	}
	file := r.config.StationsFile
	have, err := os.ReadFile(file)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return writeNew(file, text)
	case err != nil:
		return fmt.Errorf("restore the stations list: %w", err)
	case !bytes.Equal(have, text):
		fmt.Fprintf(r.to, "%s stays as it is, and is another list than that of the backup.\n", file)
	}
	return nil
}

// ledger restores the ledger by way of a copy, since opening the backup itself
// might bring it up to date.
func (r *restore) ledger(ctx context.Context) (err error) {
	folder := os.TempDir()
	if !r.config.LedgerIsShared() {
		folder = filepath.Dir(r.config.LedgerAddress()) // from where it can be renamed
	}
	folder, err = os.MkdirTemp(folder, "restoring-")
	if err != nil {
		return fmt.Errorf("restore the ledger: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	made := filepath.Join(folder, backupLedger)
	if err := copyFile(made, r.path(backupLedger)); err != nil {
		return err
	}
	from, err := ledger.Open(ctx, made, ledger.Options{})
	if err != nil {
		return err
	}
	err = from.Sound(ctx)
	if err == nil && r.config.LedgerIsShared() {
		err = r.intoShared(ctx, from)
	}
	if err = errors.Join(err, from.Close()); err != nil || r.config.LedgerIsShared() {
		return err
	}
	if err := os.Rename(made, r.config.LedgerAddress()); err != nil {
		return fmt.Errorf("restore the ledger: %w", err)
	}
	return nil
}

func (r *restore) intoShared(ctx context.Context, from *ledger.Ledger) error {
	to, err := ledgerOf(ctx, r.config, ledger.Options{})
	if err != nil {
		return err
	}
	return errors.Join(to.CopyFrom(ctx, from), to.Close())
}
