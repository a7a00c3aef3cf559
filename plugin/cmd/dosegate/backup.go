package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/spf13/cobra"
)

// What lies in the folder of a backup.
const (
	backupManifest = "manifest.json"
	backupLedger   = "ledger.db"     // SQLite, whatever the ledger is
	backupStations = "stations.yaml" // as it lay on the disk
	backupKey      = "key.age"       // only when asked for: the age format, by a passphrase
)

// manifest says what a backup is, and what its files were when it was made.
type manifest struct {
	MadeAt  time.Time         `json:"made_at"`
	Version string            `json:"version"` // of dosegate
	Ledger  string            `json:"ledger"`  // where it lay
	SHA256  map[string]string `json:"sha256"`
}

func backupCommand() *cobra.Command {
	var path, passphraseFile string
	var withKey bool
	cmd := &cobra.Command{
		Use:   "backup -c dosegate.yaml [--with-key [--passphrase-file F]] OUT",
		Short: "Copy ledger and stations list into a new folder, while serve runs",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			o, err := openLedger(cmd.Context(), path)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, o.ledger.Close()) }()
			b := &backup{opened: o, out: args[0], to: cmd.OutOrStdout()}
			if withKey {
				if b.key, err = encryptedKey(o.config.Deidentify.KeyFile, passphraseFrom{passphraseFile, true, cmd}); err != nil {
					return err
				}
			}
			return b.make(cmd.Context())
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().BoolVar(&withKey, "with-key", false, "the site key too, encrypted by a passphrase")
	passphraseFlag(cmd, &passphraseFile)
	return cmd
}

// backup is one that is being made.
type backup struct {
	*opened
	out string
	key []byte // encrypted; nil: not in it
	to  io.Writer
}

// make makes the folder under another name, so that a backup with its own name
// is a whole one.
func (b *backup) make(ctx context.Context) (err error) {
	if _, err := os.Lstat(b.out); err == nil {
		return usagef("%s exists already: name a folder that does not", b.out)
	}
	partial := filepath.Clean(b.out) + ".partial"
	if err := os.Mkdir(partial, 0o700); err != nil {
		return fmt.Errorf("make backup: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(partial))
		}
	}()
	if err := b.fill(ctx, partial); err != nil {
		return err
	}
	if err := os.Rename(partial, b.out); err != nil {
		return fmt.Errorf("make backup: %w", err)
	}
	b.tell()
	return nil
}

func (b *backup) fill(ctx context.Context, folder string) error {
	if err := b.ledger.CopyTo(ctx, filepath.Join(folder, backupLedger)); err != nil {
		return err
	}
	files := []string{backupLedger}
	switch text, err := os.ReadFile(b.config.StationsFile); {
	case errors.Is(err, os.ErrNotExist):
		fmt.Fprintf(b.to, "%s is missing and so is not in the backup; the list in force is in the ledger\n", b.config.StationsFile)
	case err != nil:
		return fmt.Errorf("back up the stations list: %w", err)
	default:
		if err := writeNew(filepath.Join(folder, backupStations), text); err != nil {
			return err
		}
		files = append(files, backupStations)
	}
	if b.key != nil {
		if err := writeNew(filepath.Join(folder, backupKey), b.key); err != nil {
			return err
		}
		files = append(files, backupKey)
	}
	return b.describe(folder, files)
}

// describe writes the manifest, the last file.
func (b *backup) describe(folder string, files []string) error {
	m := manifest{MadeAt: time.Now().UTC().Truncate(time.Second), Version: version(), Ledger: b.ledger.Name(), SHA256: map[string]string{}}
	for _, name := range files {
		sum, err := sumOf(filepath.Join(folder, name))
		if err != nil {
			return err
		}
		m.SHA256[name] = sum
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("describe the backup: %w", err)
	}
	return writeNew(filepath.Join(folder, backupManifest), append(text, '\n'))
}

func (b *backup) tell() {
	fmt.Fprintf(b.to, "%s holds the ledger and the stations list.\n", b.out)
	if b.key != nil {
		fmt.Fprintf(b.to, "It holds the site key too: whoever has the passphrase can link what was sent to your patients.\n")
		return
	}
	fmt.Fprintf(b.to, "It does not hold the site key %s: keep a copy of that in another safe place, or say --with-key.\n", b.config.Deidentify.KeyFile)
}

// encryptedKey is the key file, encrypted.
func encryptedKey(file string, from passphraseFrom) ([]byte, error) {
	if _, err := deid.LoadKeyring(file); err != nil {
		return nil, usageError{err}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("back up the key: %w", err)
	}
	passphrase, err := from.read()
	if err != nil {
		return nil, err
	}
	return encrypt(text, passphrase)
}
