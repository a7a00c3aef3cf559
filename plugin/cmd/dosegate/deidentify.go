package main

import (
	"fmt"
	"io"

	"github.com/dosegate/dosegate/plugin/config"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/spf13/cobra"
)

func deidentifyCommand() *cobra.Command {
	var path, keyFile string
	var keepNames, asJSON bool
	cmd := &cobra.Command{
		Use:   "deidentify [-c dosegate.yaml] [--key-file FILE] [--keep-names] [--json] IN OUT",
		Short: "De-identify a file, or a folder of files, into the folder OUT",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			job, err := newDeidentification(cmd.ErrOrStderr(), path, keyFile)
			if err != nil {
				return err
			}
			if job.out, err = newOutputs(args[0], args[1], keepNames); err != nil {
				return err
			}
			job.show = showDeidentified
			if asJSON {
				job.show = func(to io.Writer, d deidentified) error { return newLines(to).Encode(d) }
			}
			return job.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), args[0])
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&keyFile, "key-file", "", "the site key's `file`, instead of the configuration's")
	cmd.Flags().BoolVar(&keepNames, "keep-names", false, "keep the names of the inputs, which may hold a patient's")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
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
		if job.judge, err = judgeBy(warnings, c, "", ""); err != nil {
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

// deidentified is what became of one input.
type deidentified struct {
	Input          string       `json:"input"`
	Output         string       `json:"output"`
	Error          string       `json:"error"`
	Counts         *deid.Counts `json:"counts"` // null with an error
	SOPInstanceUID string       `json:"sop_instance_uid"`
}

func showDeidentified(to io.Writer, d deidentified) error {
	if d.Error != "" {
		return nil // said on standard error
	}
	_, err := fmt.Fprintf(to, "%s -> %s  (kept %d, cleaned %d, replaced %d, emptied %d, removed %d)\n", d.Input, d.Output,
		d.Counts.Kept, d.Counts.Cleaned, d.Counts.Replaced, d.Counts.Emptied, d.Counts.Removed)
	return err
}
