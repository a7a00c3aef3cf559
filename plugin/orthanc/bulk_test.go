package orthanc

import (
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/orthanctest"
)

const nowhere = "11111111-11111111-11111111-11111111-11111111"

func TestManyInstancesAreAskedAboutAtOnce(t *testing.T) {
	t.Parallel()
	o, c := gateway(t, nil)
	study := orthanctest.NewUID()
	images := o.Store(t, orthanctest.Images(t, study, 3)...)
	report := o.Store(t, orthanctest.DoseReport(t, orthanctest.Report{StationName: "CT7", StudyInstanceUID: study}))[0]
	series, err := c.Contents(t.Context(), []string{images[1], nowhere, images[2], report})
	if err != nil || len(series) != 2 {
		t.Fatalf("%d series, %v", len(series), err)
	}
	slices.SortFunc(series, func(a, b Content) int { return len(a.Instances) - len(b.Instances) })
	if sr, ct := series[0], series[1]; !sr.SR() || sr.StationName != "CT7" || !slices.Equal(sr.Instances, []string{report}) ||
		ct.SR() || ct.Modality != "CT" || len(ct.Instances) != 3 || !slices.Contains(ct.Instances, images[0]) {
		t.Errorf("series: %+v", series)
	}
	if again, err := c.Contents(t.Context(), []string{series[0].ID}); err != nil || len(again) != 1 || again[0].ID != series[0].ID {
		t.Errorf("by its own ID: %+v, %v", again, err)
	}
	noted, err := c.ReceivedOf(t.Context(), []string{report, nowhere, images[0]})
	if err != nil || len(noted) != 2 || noted[report].SOPClassUID != orthanctest.XRayRadiationDoseSR || noted[images[0]].SOPClassUID != orthanctest.CTImage {
		t.Errorf("noted: %+v, %v", noted, err)
	}
	id, err := c.StudyOf(t.Context(), report)
	reports, err2 := c.ReportsOf(t.Context(), id)
	if err != nil || err2 != nil || !slices.Equal(reports, []string{report}) {
		t.Errorf("reports of the study: %v, %v, %v", reports, err, err2)
	}
}

func TestReportsAreFoundByTheDatesOfTheirStudies(t *testing.T) {
	t.Parallel()
	o, c := gateway(t, nil)
	id := o.Store(t, orthanctest.DoseReport(t, orthanctest.Report{}))[0] // of 2026-01-01
	day := func(month time.Month, day int) time.Time { return time.Date(2026, month, day, 0, 0, 0, 0, time.UTC) }
	for _, want := range []struct {
		dates StudyDates
		found bool
	}{
		{StudyDates{}, true}, {StudyDates{From: day(1, 1)}, true}, {StudyDates{To: day(1, 1)}, true}, {StudyDates{From: day(1, 1), To: day(1, 1)}, true},
		{StudyDates{From: day(1, 2)}, false}, {StudyDates{To: day(0, 31)}, false},
	} {
		ids, err := c.InstancesOf(t.Context(), "SR", want.dates)
		if err != nil || slices.Contains(ids, id) != want.found {
			t.Errorf("%q: %v, %v", want.dates, ids, err)
		}
	}
	if ids, err := c.InstancesOf(t.Context(), "CT", StudyDates{}); err != nil || len(ids) != 0 {
		t.Errorf("of another modality: %v, %v", ids, err)
	}
}

func TestWhatIsNoAnswerIsNotTakenForAnEmptyOne(t *testing.T) {
	t.Parallel()
	o, _ := gateway(t, nil)
	for _, body := range []string{"", "null", "{}", "<html>", `[{}]`, `[{"ID":"x","Type":"Study"}]`, `["x"]`, `[`} {
		c := behind(t, o, func(w http.ResponseWriter, r *http.Request) bool {
			_, _ = io.WriteString(w, body)
			return true
		})
		if series, err := c.Contents(t.Context(), []string{nowhere}); err == nil {
			t.Errorf("%q: %v", body, series)
		}
		if noted, err := c.ReceivedOf(t.Context(), []string{nowhere}); err == nil && len(noted) > 0 {
			t.Errorf("%q: %v", body, noted)
		}
	}
}
