package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
)

// showInspection writes a paragraph about a file, for a person. What the file
// does not say is left out.
func showInspection(to io.Writer, in inspection) error {
	fmt.Fprintf(to, "%s: %s\n", in.File, in.nature())
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	for _, line := range [][2]string{
		{"SOP class", className(in.SOPClassUID)},
		{"template", in.Template},
		{"kind", in.Kind},
		{"station name", in.StationName},
		{"device observer name", in.DeviceObserverName},
		{"manufacturer", in.Manufacturer},
		{"model", in.Model},
		{"serial number", in.SerialNumber},
		{"irradiation events", in.events()},
		{"transfer syntax", className(in.TransferSyntax)},
		{"verdict", in.verdictInWords()},
		{"goes to", in.way()},
	} {
		if line[1] != "" {
			fmt.Fprintf(w, "  %s\t%s\n", line[0], line[1])
		}
	}
	return w.Flush()
}

func (in inspection) nature() string {
	switch {
	case in.Error != "":
		return in.Error
	case in.DoseReport:
		return "a dose report"
	}
	return "no dose report: " + in.NotDose
}

// events counts only where there is something to count in.
func (in inspection) events() string {
	if !in.DoseReport {
		return ""
	}
	return strconv.Itoa(in.IrradiationEvents)
}

// way says where an accepted report goes, and why.
func (in inspection) way() string {
	switch {
	case in.Route == "":
		return ""
	case len(in.Registries) == 0:
		return "nowhere, by " + in.Route
	}
	return strings.Join(in.Registries, ", ") + ", by " + in.Route
}

func (in inspection) verdictInWords() string {
	if in.Verdict == nil {
		return ""
	}
	return fmt.Sprintf("%s: %s (%s)", *in.Verdict, *in.Reason, *in.ReasonCode)
}
