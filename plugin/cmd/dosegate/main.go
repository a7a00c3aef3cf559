// Command dosegate takes dose reports that arrive in an Orthanc and gets them,
// de-identified, to a dose index registry.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2 // wrong usage or configuration
)

// usageError is a mistake of the caller's: it exits with exitUsage.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// errFailed ends a command with exitFailed when it has said what is wrong.
var errFailed = errors.New("failed")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends at once
	os.Exit(run(ctx, os.Args[1:]))
}

// run executes a command line and returns its exit code.
func run(ctx context.Context, args []string) int {
	root := rootCommand()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var usage usageError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &usage):
		fmt.Fprintln(os.Stderr, "dosegate:", err)
		return exitUsage
	case !errors.Is(err, errFailed):
		fmt.Fprintln(os.Stderr, "dosegate:", err)
	}
	return exitFailed
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "dosegate",
		Short:         "Send dose reports from Orthanc, de-identified, to a dose index registry",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cmd.Help()
			return usagef("name a command")
		},
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(commands()...)
	for _, c := range root.Commands() {
		c.Args = usageArgs(c.Args)
	}
	return root
}

// usageArgs makes a wrong number of arguments a mistake of the caller's.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if check == nil {
			check = cobra.NoArgs
		}
		if err := check(cmd, args); err != nil {
			return usageError{err}
		}
		return nil
	}
}

// commands are the subcommands, one a file.
func commands() []*cobra.Command {
	return []*cobra.Command{
		serveCommand(), checkCommand(), inspectCommand(), deidentifyCommand(), dictionaryCommand(), reportsCommand(), statementCommand(), historyCommand(), stationsCommand(),
		releaseCommand(), resendCommand(), discardCommand(), backfillCommand(), missingCommand(), notifyCommand(), keyCommand(), backupCommand(), restoreCommand(), passwdCommand(), healthcheckCommand(), versionCommand(),
	}
}
