package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/dosegate/dosegate/plugin/config"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/spf13/cobra"
)

func keyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "key {new FILE | rotate | show}",
		Short: "Make, rotate or identify the site key",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usagef("say what to do with the key: new, rotate or show")
		},
	}
	cmd.AddCommand(keyNewCommand(), keyRotateCommand(), keyShowCommand())
	for _, c := range cmd.Commands() {
		c.Args = usageArgs(c.Args)
	}
	return cmd
}

func keyNewCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "new FILE",
		Short: "Write a new key to a file that does not exist yet",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ring, err := makeKey(args[0])
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s holds a new key, fingerprint %s.\nKeep a copy of it in a safe place: "+
				"without it, what was sent cannot be recognised again.\n", args[0], ring.Keys()[0].Fingerprint())
			return nil
		},
	}
}

func keyRotateCommand() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "rotate {-c dosegate.yaml | FILE}",
		Short: "Add a new key that counts from now on, while serve is stopped",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			file, c, err := keyFile(path, args)
			if err != nil {
				return err
			}
			if c != nil {
				// It would go on with the key that it has read, and after its next
				// start what it sent in between would count as changed.
				lock, err := stopped(cmd.Context(), c)
				if errors.Is(err, errServing) {
					return fmt.Errorf("%w with the present key: stop it, rotate the key, and start it again", err)
				}
				if err != nil {
					return err
				}
				defer func() { err = errors.Join(err, lock.Close()) }()
			}
			return rotate(cmd.OutOrStdout(), file)
		},
	}
	configFlag(cmd, &path)
	return cmd
}

// errServing says that a command is one for the time when serve is stopped.
var errServing = errors.New("dosegate serve is running")

// stopped makes sure that no serve runs, until what it returns is closed, where a
// serve would go on with what it has read.
func stopped(ctx context.Context, c *config.Config) (io.Closer, error) {
	if !c.LedgerIsShared() {
		lock, err := ledger.TakeLock(c.LedgerAddress())
		if errors.Is(err, ledger.ErrLocked) {
			err = errServing
		}
		return lock, err
	}
	l, err := ledgerOf(ctx, c, ledger.Options{MustBe: true})
	if errors.Is(err, ledger.ErrNone) {
		return io.NopCloser(nil), nil // nobody has ever served with it
	}
	if err != nil {
		return nil, err
	}
	lease, lives, err := l.Led(ctx, ledger.DefaultLease)
	if err == nil && lives {
		err = fmt.Errorf("%w: %s leads", errServing, lease.Leader)
	}
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

func rotate(to io.Writer, file string) error {
	ring, err := loadRing(file)
	if err != nil {
		return err
	}
	if err := ring.Rotate(time.Now()); err != nil {
		return err
	}
	if err := ring.Save(file, false); err != nil {
		return err
	}
	keys := ring.Keys()
	newest := keys[len(keys)-1]
	fmt.Fprintf(to, "%s has a new key, fingerprint %s.\nIt counts for reports that Orthanc receives from %s on: their patients and UIDs become\n"+
		"others than before. Earlier reports keep the key they have, so the file holds all keys.\nKeep a copy of it in a safe place.\n"+
		"A dosegate serve that runs with this file goes on with the old key until it is restarted: restart it now.\n",
		file, newest.Fingerprint(), newest.From.Format(time.RFC3339))
	return nil
}

func keyShowCommand() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "show {-c dosegate.yaml | FILE}",
		Short: "Print the fingerprints of the keys, never a key",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, _, err := keyFile(path, args)
			if err != nil {
				return err
			}
			ring, err := loadRing(file)
			if err != nil {
				return err
			}
			t := newTable(cmd.OutOrStdout(), "FINGERPRINT", "FOR REPORTS RECEIVED FROM (UTC)")
			for _, k := range ring.Keys() {
				from := "the beginning"
				if !k.From.IsZero() {
					from = k.From.Format(time.DateTime)
				}
				t.row(k.Fingerprint(), from)
			}
			return t.end()
		},
	}
	configFlag(cmd, &path)
	return cmd
}

// keyFile is the key file that is meant, with the configuration if that names
// it.
func keyFile(path string, args []string) (string, *config.Config, error) {
	if (path == "") == (len(args) == 0) {
		return "", nil, usagef("name either the key file or the configuration with -c")
	}
	if path == "" {
		return args[0], nil, nil
	}
	c, err := loadConfig(path)
	if err != nil {
		return "", nil, err
	}
	return c.Deidentify.KeyFile, c, nil
}

// loadRing reads a key file that has to be there.
func loadRing(file string) (*deid.Keyring, error) {
	ring, err := deid.LoadKeyring(file)
	if err != nil {
		return nil, usageError{err}
	}
	return ring, nil
}
