package main

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"strings"

	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/spf13/cobra"
)

func dictionaryCommand() *cobra.Command {
	var path, format string
	cmd := &cobra.Command{
		Use:   "dictionary [-c dosegate.yaml] [--format md|csv|json]",
		Short: "Say what leaves the house: every attribute and content item, what becomes of it, and why",
		RunE: func(cmd *cobra.Command, _ []string) error {
			write := map[string]func(io.Writer, deid.Policy, []deid.Warning) error{"md": dictionaryPage, "csv": dictionaryTable, "json": dictionaryJSON}[format]
			if write == nil {
				return usagef("--format %q is none of md, csv, json", format)
			}
			if path == "" {
				return write(cmd.OutOrStdout(), deid.Registry, warnings(deid.Registry, nil))
			}
			c, err := loadConfig(path)
			if err != nil {
				return err
			}
			policy := newPolicy(c)
			return write(cmd.OutOrStdout(), policy, warnings(policy, c))
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&format, "format", "md", "`md`, csv or json")
	return cmd
}

// dictionaryJSON is the dictionary as one object.
func dictionaryJSON(to io.Writer, p deid.Policy, weak []deid.Warning) error {
	return json.NewEncoder(to).Encode(struct {
		Class    deid.Class             `json:"class"`
		Warnings []deid.Warning         `json:"warnings"`
		Entries  []deid.DictionaryEntry `json:"entries"`
	}{p.Class(), weak, deid.Dictionary(p)})
}

// dictionaryTable is the dictionary as CSV, an entry a line.
func dictionaryTable(to io.Writer, p deid.Policy, _ []deid.Warning) error {
	w := csv.NewWriter(to)
	w.Write([]string{"tag", "scheme", "code", "name", "type", "unit", "templates", "action", "details", "reason"}) // errors show in Error
	for _, e := range deid.Dictionary(p) {
		cells := []string{e.Tag, e.Scheme, e.Code, e.Name, e.Type, e.Unit, strings.Join(e.Templates, " "), string(e.Action), e.Details, e.Reason}
		for i, cell := range cells {
			cells[i] = defused(cell)
		}
		w.Write(cells)
	}
	w.Flush()
	return w.Error()
}

// defused is a cell that no spreadsheet takes for a formula.
func defused(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
