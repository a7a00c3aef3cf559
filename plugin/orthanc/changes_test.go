package orthanc

import (
	"testing"

	"github.com/dosegate/dosegate/plugin/orthanctest"
)

// newInstances reads the feed from since to its end in small pages.
func newInstances(t *testing.T, c *Client, since int64) (ids []string, last int64) {
	t.Helper()
	for range 1000 {
		page, err := c.Changes(t.Context(), since, 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, change := range page.Changes {
			if change.NewInstance() {
				ids = append(ids, change.ID)
			}
		}
		since = page.Last
		if page.Done {
			return ids, since
		}
	}
	t.Fatal("the feed does not end")
	return nil, 0
}

func TestSecondReportOfASeriesIsANewInstance(t *testing.T) {
	t.Parallel()
	o, c := gateway(t, nil)
	r := orthanctest.Report{StudyInstanceUID: orthanctest.NewUID(), SeriesInstanceUID: orthanctest.NewUID()}
	stored := o.Store(t, orthanctest.DoseReport(t, r), orthanctest.DoseReport(t, r))
	ids, last := newInstances(t, c, 0)
	if len(ids) != 2 || ids[0] != stored[0] || ids[1] != stored[1] {
		t.Fatalf("stored %v, the feed has %v", stored, ids)
	}
	if more, _ := newInstances(t, c, last); len(more) != 0 {
		t.Errorf("after the end the feed has %v", more)
	}
}

func TestReportSentAgainIsNewOnlyWhereItOverwrites(t *testing.T) {
	t.Parallel()
	for name, overwrite := range map[string]bool{"kept": false, "overwritten": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, c := gateway(t, map[string]any{"OverwriteInstances": overwrite})
			file := orthanctest.DoseReport(t, orthanctest.Report{})
			id := o.Store(t, file)[0]
			_, last := newInstances(t, c, 0)
			if again := o.Store(t, file)[0]; again != id {
				t.Fatalf("one report has two IDs, %s and %s", id, again)
			}
			ids, _ := newInstances(t, c, last)
			if got := len(ids) == 1; got != overwrite {
				t.Errorf("the feed has %v after the second time", ids)
			}
		})
	}
}

func TestLastNeverGoesBackWhenTheEndOfTheFeedIsDeleted(t *testing.T) {
	t.Parallel()
	o, c := gateway(t, nil)
	stored := o.Store(t, orthanctest.DoseReport(t, orthanctest.Report{}), orthanctest.DoseReport(t, orthanctest.Report{}))
	_, end := newInstances(t, c, 0)
	if err := c.DeleteInstance(t.Context(), stored[1]); err != nil {
		t.Fatal(err)
	}
	var survivor struct{ Last int64 }
	if o.GetJSON(t, "/changes?last", &survivor); survivor.Last >= end {
		t.Fatalf("`?last` is %d, so this Orthanc shows no gap to test", survivor.Last)
	}
	if last, err := c.LastChange(t.Context()); err != nil || last < end {
		t.Errorf("last change is %d (%v), it was %d before", last, err, end)
	}
	page, err := c.Changes(t.Context(), survivor.Last, 10)
	if err != nil || len(page.Changes) != 0 || !page.Done || page.Last < end {
		t.Errorf("page after the survivors: %+v, %v", page, err)
	}
	// A position that rows vanished under goes on where it was.
	later := o.Store(t, orthanctest.DoseReport(t, orthanctest.Report{}))
	if ids, _ := newInstances(t, c, end); len(ids) != 1 || ids[0] != later[0] {
		t.Errorf("stored %v after the gap, the feed has %v", later, ids)
	}
}

func TestPositionOfAnotherDatabaseShows(t *testing.T) {
	t.Parallel()
	o, c := gateway(t, nil)
	o.Store(t, orthanctest.DoseReport(t, orthanctest.Report{}))
	page, err := c.Changes(t.Context(), 1000, 10)
	if err != nil || len(page.Changes) != 0 || page.Last >= 1000 || page.Last == 0 {
		t.Errorf("since 1000 in a young database: %+v, %v", page, err)
	}
}

func TestEmptyOrthancHasAnEmptyFeed(t *testing.T) {
	t.Parallel()
	_, c := gateway(t, nil)
	if last, err := c.LastChange(t.Context()); err != nil || last != 0 {
		t.Errorf("last change is %d, %v", last, err)
	}
	page, err := c.Changes(t.Context(), 0, 100)
	if err != nil || len(page.Changes) != 0 || !page.Done {
		t.Errorf("page: %+v, %v", page, err)
	}
}

func TestPageWithoutALimitIsRefused(t *testing.T) {
	c := newClient(t, "http://127.0.0.1:1", "")
	if _, err := c.Changes(t.Context(), 0, 0); err == nil {
		t.Error("limit 0, which Orthanc answers with nothing for ever, was taken")
	}
}
