package orthanc

import (
	"errors"
	"os"
	"slices"
	"testing"

	"github.com/dosegate/dosegate/plugin/orthanctest"
)

func TestStructuredReportsAreFoundAtEveryLevel(t *testing.T) {
	t.Parallel()
	o, c := gateway(t, nil)
	report := o.Store(t, orthanctest.DoseReport(t, orthanctest.Report{}))[0]
	screen, err := os.ReadFile("../../testdata/sc-dose-screen.dcm")
	if err != nil {
		t.Fatal(err)
	}
	image := o.Store(t, screen)[0]
	for id, want := range map[string][]string{report: {report}, image: nil} {
		study, err := c.StudyOf(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		series, err := c.SeriesOf(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		for level, at := range map[string]string{LevelInstance: id, LevelSeries: series, LevelStudy: study} {
			if got, err := c.StructuredReports(t.Context(), level, at); err != nil || !slices.Equal(got, want) {
				t.Errorf("%s: %v, %v, want %v", level, got, err, want)
			}
		}
	}
	for _, level := range []string{LevelInstance, LevelSeries, LevelStudy} {
		if got, err := c.StructuredReports(t.Context(), level, "0a7bca00-0a7bca00-0a7bca00-0a7bca00-0a7bca00"); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s that is not there: %v, %v", level, got, err)
		}
	}
}
