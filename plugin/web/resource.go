package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/dosegate/dosegate/plugin/ledger"
)

// Resource is what is known of an instance, a series or a study in Orthanc, for who
// comes from there. Its Orthanc ID is made of DICOM's, so several Orthancs may have
// the same.
type Resource struct {
	Level     string        `json:"level"` // instances, series or studies, as in Orthanc's addresses
	OrthancID string        `json:"orthanc_id"`
	State     ledger.State  `json:"state"`   // the worst of its reports; "" where none is known
	Words     string        `json:"words"`   // the same for a person
	Page      string        `json:"page"`    // path where a browser sees more: the one report, or all
	Reports   []ReportRow   `json:"reports"` // one for each report and registry, the last received first
	Sources   []Whereabouts `json:"sources"` // what each Orthanc has of it
}

// Whereabouts says what an Orthanc has of a resource.
type Whereabouts struct {
	Source string `json:"source"`
	Has    bool   `json:"has"`
	Words  string `json:"words"`
}

// levels are those of Orthanc's addresses, with how a person calls one.
var levels = map[string]string{"instances": "instance", "series": "series", "studies": "study"}

var orthancID = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{8}){4}$`)

// resource finds the reports of a resource in every Orthanc.
func (s *Server) resource(r *http.Request, c caller) (any, error) {
	found := &Resource{Level: r.PathValue("level"), OrthancID: r.PathValue("id"), Reports: []ReportRow{}, Sources: []Whereabouts{}}
	if levels[found.Level] == "" || !orthancID.MatchString(found.OrthancID) {
		return nil, problem{http.StatusNotFound, "This is no address of an instance, a series or a study in Orthanc."}
	}
	for _, source := range s.Sources {
		if err := s.lookInto(r.Context(), found, source, c); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(found.Reports, func(a, b ReportRow) int {
		return cmp.Or(compareTimes(b.ReceivedAt, a.ReceivedAt), strings.Compare(b.ID, a.ID))
	})
	found.Page = s.home("/orthanc/" + found.Level + "/" + found.OrthancID)
	if ids := found.ids(); len(ids) == 1 {
		found.Page = s.home("/reports/" + ids[0])
	}
	found.State, found.Words = found.sum()
	return found, nil
}

// lookInto adds what one Orthanc has of a resource. What the ledger knows of an
// instance it tells also when that has gone, or when Orthanc does not answer.
func (s *Server) lookInto(ctx context.Context, found *Resource, source Source, c caller) error {
	asking, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	structured, has, err := source.StructuredReports(asking, found.Level, found.OrthancID)
	ids := structured[:min(len(structured), mostAtOnce)]
	if len(ids) == 0 && found.Level == "instances" {
		ids = []string{found.OrthancID}
	}
	known := 0
	for _, id := range ids {
		report, ok, err := s.Ledger.Lookup(ctx, source.Name, id)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		rows, err := s.Ledger.Rows(ctx, report)
		if err != nil {
			return err
		}
		known++
		for _, row := range rows {
			found.Reports = append(found.Reports, reportRow(row, c))
		}
	}
	w := Whereabouts{Source: source.Name, Has: has}
	switch n := len(structured); {
	case err != nil:
		w.Words = "does not answer now"
	case !has:
		w.Words = "does not have it"
	case n == 0:
		w.Words = "has it, and no structured report in it"
	case known == 0:
		w.Words = fmt.Sprintf("has it, with %s, and none is a dose report that Dosegate knows; one that has just come follows within seconds", plural(n, "structured report"))
	default:
		w.Words = fmt.Sprintf("has it, with %s; %s", plural(n, "structured report"), verb(known, "is a dose report", "are dose reports"))
	}
	found.Sources = append(found.Sources, w)
	return nil
}

// ids are those of its reports, each once.
func (r *Resource) ids() (ids []string) {
	for _, row := range r.Reports {
		if !slices.Contains(ids, row.ID) {
			ids = append(ids, row.ID)
		}
	}
	return ids
}

// sum counts the reports by their worst state, the worst first.
func (r *Resource) sum() (worst ledger.State, words string) {
	var parts []string
	counted := map[string]bool{}
	for _, state := range []ledger.State{ledger.Rejected, ledger.Held, ledger.Queued, ledger.Delivered, ledger.Expired, ledger.Withdrawn} {
		n := 0
		for _, row := range r.Reports {
			if row.State == state && !counted[row.ID] {
				counted[row.ID] = true
				n++
			}
		}
		if n > 0 {
			worst, parts = cmp.Or(worst, state), append(parts, fmt.Sprintf("%s %s", thousands(n), state))
		}
	}
	switch {
	case len(counted) == 0:
		return "", "No dose report of this " + levels[r.Level] + " is known."
	case len(counted) == 1 && (worst == ledger.Held || worst == ledger.Rejected):
		i := slices.IndexFunc(r.Reports, func(row ReportRow) bool { return row.State == worst })
		return worst, fmt.Sprintf("The dose report of this %s is %s: %s.", levels[r.Level], worst, r.Reports[i].Reason)
	case len(counted) == 1:
		return worst, fmt.Sprintf("The dose report of this %s is %s.", levels[r.Level], worst)
	}
	return worst, fmt.Sprintf("%s of this %s: %s.", plural(len(counted), "dose report"), levels[r.Level], strings.Join(parts, ", "))
}

// LeadsTo is another page that shows it, "" where its own does.
func (r *Resource) LeadsTo() string {
	if len(r.ids()) == 1 {
		return r.Page
	}
	return ""
}
