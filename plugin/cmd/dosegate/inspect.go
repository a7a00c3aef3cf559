package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/dosegate/dosegate/plugin/config"
	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/rdsr"
	"github.com/spf13/cobra"
)

func inspectCommand() *cobra.Command {
	var path, source string
	var came filter.Came
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "inspect [-c dosegate.yaml [--source NAME] [--aet AET] [--called AET] [--origin ORIGIN]] [--json] FILE...",
		Short: "Say what files are and, with a configuration, the verdict on them and why",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			j, err := newJudge(cmd.ErrOrStderr(), path, source, came)
			if err != nil {
				return err
			}
			show := showInspection
			if asJSON {
				show = func(to io.Writer, in inspection) error { return newLines(to).Encode(in) }
			}
			return inspectAll(cmd.OutOrStdout(), files, j, show)
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&source, "source", "", "judge as if it lay in this Orthanc, by its `name` in the configuration")
	cmd.Flags().StringVar(&came.SenderAET, "aet", "", "judge as if this AE `title` had sent it")
	cmd.Flags().StringVar(&came.CalledAET, "called", "", "judge as if the sender had called Orthanc by this AE `title`")
	cmd.Flags().StringVar(&came.Origin, "origin", "", "judge as if Orthanc had got it this `way`: DicomProtocol, RestApi, Plugins, ...")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return cmd
}

// judge gives verdicts by a configuration and its stations list alone: a file
// on a disk needs no ledger, no key and no Orthanc to be judged.
type judge struct {
	rules      *filter.Filter
	registries []string // of a report that no entry and no route sends elsewhere
	source     string
	came       filter.Came
}

// newJudge is nil without a configuration.
func newJudge(warnings io.Writer, path, source string, came filter.Came) (*judge, error) {
	if path == "" {
		if source != "" || came != (filter.Came{}) {
			return nil, usagef("--source, --aet, --called and --origin are for a verdict: name the configuration with -c")
		}
		return nil, nil
	}
	c, err := loadConfig(path)
	if err != nil {
		return nil, err
	}
	return judgeBy(warnings, c, source, came)
}

func judgeBy(warnings io.Writer, c *config.Config, source string, came filter.Came) (*judge, error) {
	source, err := sourceName(c, source)
	if err != nil {
		return nil, err
	}
	list, err := readStations(warnings, c)
	if err != nil {
		return nil, err
	}
	return &judge{rules: newFilter(c, list), registries: defaultRegistries(c), source: source, came: filter.NewCame(came.SenderAET, came.CalledAET, came.Origin)}, nil
}

// sourceName checks the name of a source. Where there is only one, it is meant.
func sourceName(c *config.Config, name string) (string, error) {
	var names []string
	for _, s := range c.Orthanc {
		if s.Name == name {
			return name, nil
		}
		names = append(names, s.Name)
	}
	switch {
	case name != "":
		return "", usagef("--source: there is no %q under orthanc in %s; there is %s", name, c.File(), enumerate(names))
	case len(names) == 1:
		return names[0], nil
	}
	return "", nil
}

// readStations reads the stations list as it is now. Before there is one,
// everything is judged as by an empty one, as serve would.
func readStations(warnings io.Writer, c *config.Config) (*filter.Stations, error) {
	text, err := os.ReadFile(c.StationsFile)
	if errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(warnings, "dosegate: there is no stations list %s: no station is configured\n", c.StationsFile)
		return nil, nil
	}
	if err != nil {
		return nil, usagef("read the stations list: %w", err)
	}
	list, err := filter.ParseStations(text, registryNames(c))
	if err != nil {
		return nil, usagef("%s: %w", c.StationsFile, err)
	}
	return list, nil
}

// inspection is what a file is, as scripts read it. The fields are as in the
// file: it is the operator's own.
type inspection struct {
	File               string  `json:"file"`
	DoseReport         bool    `json:"dose_report"`
	SOPClassUID        string  `json:"sop_class_uid"`
	Template           string  `json:"template"`
	Kind               string  `json:"kind"`
	StationName        string  `json:"station_name"`
	DeviceObserverName string  `json:"device_observer_name"`
	Manufacturer       string  `json:"manufacturer"`
	Model              string  `json:"model"`
	SerialNumber       string  `json:"serial_number"`
	IrradiationEvents  int     `json:"irradiation_events"`
	TransferSyntax     string  `json:"transfer_syntax"`
	Error              string  `json:"error"`
	Verdict            *string `json:"verdict"` // null without a configuration, and where there can be none
	ReasonCode         *string `json:"reason_code"`
	Reason             *string `json:"reason"`
	NotDose            string  `json:"not_dose_report_because"` // "" for a dose report, and for what cannot be read

	Sender     string   `json:"sender"`     // the name of the way it came by, of those configured
	Route      string   `json:"route"`      // what says where an accepted report goes, "" without a verdict
	Registries []string `json:"registries"` // where it goes
}

// inspectAll shows every file; one that cannot be read makes it fail.
func inspectAll(to io.Writer, files []string, j *judge, show func(io.Writer, inspection) error) error {
	var failed error
	for _, file := range files {
		in := inspect(file, j)
		if in.Error != "" {
			failed = errFailed
		}
		if err := show(to, in); err != nil {
			return err
		}
	}
	return failed
}

func inspect(file string, j *judge) inspection {
	in := inspection{File: file}
	content, err := readUpTo(file, dataset.DefaultLimits.Bytes)
	if err != nil {
		in.Error = err.Error()
		return in
	}
	doc, err := rdsr.Recognise(content, dataset.DefaultLimits)
	var not *rdsr.NotDoseError
	switch {
	case errors.As(err, &not):
		in.NotDose = not.Reason
	case err != nil:
		in.Error = err.Error()
	default:
		in.DoseReport = true
	}
	if doc != nil {
		in.describe(doc.Report)
	}
	if j != nil && !errors.Is(err, dataset.ErrNotDICOM) { // Orthanc takes in nothing else
		in.judged(j.verdict(doc, err), j.registries)
		in.Sender = j.rules.CameTo(j.source, j.came).Sender
	}
	return in
}

func (in *inspection) describe(r rdsr.Report) {
	in.SOPClassUID, in.Template, in.Kind, in.TransferSyntax = r.SOPClassUID, r.Template, r.Kind, r.TransferSyntax
	in.StationName, in.DeviceObserverName, in.IrradiationEvents = r.StationName, r.DeviceObserverName, r.IrradiationEvents
	in.Manufacturer, in.Model, in.SerialNumber = r.Manufacturer, r.Model, r.SerialNumber
}

func (in *inspection) judged(v filter.Verdict, defaults []string) {
	action := string(v.Action)
	in.Verdict, in.ReasonCode, in.Reason = &action, &v.ReasonCode, &v.Reason
	if in.Route = v.Route; v.Action != filter.Accept {
		return
	}
	if in.Registries = v.Registries; in.Registries == nil {
		in.Registries = defaults
	}
}

// verdict decides as serve does on what [rdsr.Recognise] gave. A file that is
// cut before its SOP class can be told is taken for a dose report, the more
// careful way.
func (j *judge) verdict(doc *rdsr.Document, err error) filter.Verdict {
	var not *rdsr.NotDoseError
	switch {
	case errors.As(err, &not):
		return filter.Ignored(not)
	case err != nil:
		return filter.HeldUnreadable(err)
	}
	return j.rules.Decide(j.rules.NewInput(doc, j.source, j.came))
}

// readUpTo reads a file that is not longer than max bytes.
func readUpTo(name string, max int) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, int64(max)+1))
	if err == nil && len(content) > max {
		err = fmt.Errorf("%s: longer than %d bytes", name, max)
	}
	return content, err
}
