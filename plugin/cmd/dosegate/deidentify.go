package main

import (
	"io"

	"github.com/dosegate/dosegate/plugin/config"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/spf13/cobra"
)

func deidentifyCommand() *cobra.Command {
	var path, keyFile string
	var keepNames, asJSON, diff bool
	cmd := &cobra.Command{
		Use:   "deidentify [-c dosegate.yaml] [--key-file FILE] [--keep-names] [--json | --diff] IN OUT",
		Short: "De-identify a file, or a folder of files, into the folder OUT",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if asJSON && diff {
				return usagef("name --json or --diff, not both")
			}
			job, err := newDeidentification(cmd.ErrOrStderr(), path, keyFile)
			if err != nil {
				return err
			}
			if job.out, err = newOutputs(args[0], args[1], keepNames); err != nil {
				return err
			}
			switch {
			case asJSON:
				job.show = deidentifiedJSON
			case diff:
				job.show, job.compare = showChanges, true
			default:
				job.show = showDeidentified
			}
			return job.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), args[0])
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&keyFile, "key-file", "", "the site key's `file`, instead of the configuration's")
	cmd.Flags().BoolVar(&keepNames, "keep-names", false, "keep the names of the inputs, which may hold a patient's")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	cmd.Flags().BoolVar(&diff, "diff", false, "say of every change where it is and what is there now, never what was there")
	return cmd
}

// newDeidentification takes policy and key from the configuration, where there
// is one. A key is never made here: copies under a key that nobody kept could
// not be told from other people's.
func newDeidentification(warnings io.Writer, path, keyFile string) (*deidentification, error) {
	job := &deidentification{policy: deid.Registry}
	if path != "" {
		c, err := loadConfig(path)
		if err != nil {
			return nil, err
		}
		if job.judge, err = judgeBy(warnings, c, "", filter.Came{}); err != nil {
			return nil, err
		}
		job.policy, job.issuer = newPolicy(c), commonIssuer(c)
		if keyFile == "" {
			keyFile = c.Deidentify.KeyFile
		}
	}
	if keyFile == "" {
		return nil, usagef("name the site key with --key-file or -c; dosegate key new FILE makes one")
	}
	var err error
	job.keys, err = loadRing(keyFile)
	return job, err
}

// commonIssuer is the Issuer of Patient ID of the sources, if they have one in
// common: a file does not say which of them it would have come through.
func commonIssuer(c *config.Config) string {
	issuer := c.Orthanc[0].Issuer
	for _, s := range c.Orthanc {
		if s.Issuer != issuer {
			return ""
		}
	}
	return issuer
}
