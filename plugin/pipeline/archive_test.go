package pipeline_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/orthanctest"
	"github.com/dosegate/dosegate/plugin/pipeline"
)

// archive is a PACS that fills, and what has to come of it.
type archive struct {
	*world
	wire    *wire
	random  *rand.Rand
	reports map[string]bool // Orthanc IDs
	other   int             // structured reports that are none of these
	images  int
}

// scale is how many studies of how many images, each in four series.
func scale() (studies, images int) {
	if os.Getenv("DOSEGATE_TEST_ARCHIVE") == "full" {
		return 20, 1000
	}
	return 5, 160
}

const archivePoll = 250 * time.Millisecond

func newArchive(t *testing.T) *archive {
	w := newWorld(t, nil)
	w.archive, w.poll = true, archivePoll
	return &archive{world: w, wire: w.overWire(t), random: rand.New(rand.NewPCG(7, 7)), reports: make(map[string]bool)}
}

// study is what one study sends: images in four series, one to three dose reports of
// which the second is in the series of the first, and other structured reports, one
// of them in that series too.
func (a *archive) study(images, reports int) (arrivals []func()) {
	study := orthanctest.NewUID()
	for range 4 {
		for _, file := range orthanctest.Images(a.t, study, images/4) {
			arrivals = append(arrivals, func() { a.gateway.Store(a.t, file); a.images++ })
		}
	}
	shared := orthanctest.NewUID()
	for i := range reports {
		r := orthanctest.Report{StudyInstanceUID: study, SeriesInstanceUID: shared, PatientID: "INVENTED-1"}
		if i == 2 {
			r.SeriesInstanceUID = ""
		}
		file := orthanctest.DoseReport(a.t, r)
		arrivals = a.insert(arrivals, func() { a.reports[a.gateway.Store(a.t, file)[0]] = true })
	}
	for _, series := range []string{shared, ""} {
		file := orthanctest.DoseReport(a.t, orthanctest.Report{SOPClassUID: "1.2.840.10008.5.1.4.1.1.88.11", StudyInstanceUID: study,
			SeriesInstanceUID: series, PatientID: "INVENTED-1"})
		if reports > 0 {
			arrivals = a.insert(arrivals, func() { a.gateway.Store(a.t, file); a.other++ })
		}
	}
	return arrivals
}

// insert puts one in somewhere behind the first images.
func (a *archive) insert(all []func(), one func()) []func() {
	return slices.Insert(all, 10+a.random.IntN(len(all)-10), one)
}

// fill has studies arrive, with all that may happen meanwhile.
func (a *archive) fill(studies, images int) {
	for s := range studies {
		arrivals := a.study(images, 1+s%3)
		trouble := len(arrivals) / 2
		for i, arrive := range arrivals {
			arrive()
			switch {
			case i == trouble && s%6 == 1: // within StableAge, and so there is no StableSeries
				a.gateway.Restart(a.t)
			case i == trouble && s%6 == 2:
				a.gateway.Kill(a.t)
				a.gateway.Restart(a.t)
			case i == trouble && s%6 == 3:
				a.stop()
			case i == trouble+images/4 && s%6 == 3:
				a.start()
			}
		}
		for range 3 { // a re-send is no new instance
			i := a.random.IntN(len(arrivals))
			reports, other, n := len(a.reports), a.other, a.images
			arrivals[i]()
			if len(a.reports) != reports {
				a.t.Fatal("a report that was sent again is another one")
			}
			a.other, a.images = other, n
		}
	}
}

// complete waits until every report was delivered, and holds that there is nothing else.
func (a *archive) complete() {
	a.t.Helper()
	a.eventually(fmt.Sprintf("%d reports are delivered", len(a.reports)), func() bool {
		return a.count("CT1", "delivered") == len(a.reports)
	})
	rows := a.rows()
	for _, r := range rows {
		if !a.reports[r.Report.OrthancID] {
			a.t.Errorf("a row of what is no report that was sent: %v", r.Report)
		}
	}
	if len(rows) != len(a.reports) {
		a.t.Errorf("%d rows of %d reports", len(rows), len(a.reports))
	}
	a.mustHaveArrived(len(a.reports))
}

// TestEveryReportOfABusyArchiveIsSeenForAFewRequests is in full with
// DOSEGATE_TEST_ARCHIVE=full.
func TestEveryReportOfABusyArchiveIsSeenForAFewRequests(t *testing.T) {
	a := newArchive(t)
	began := time.Now()
	a.start()
	a.fill(scale())
	a.complete()
	a.mustHaveAsked("with everything that may happen", time.Since(began), 8*len(a.reports)+a.other)
}

// mustHaveAsked holds that there were few requests: a look at the feed every poll, so
// many others, and three for a thousand images.
func (a *archive) mustHaveAsked(what string, took time.Duration, others int) {
	a.t.Helper()
	feed, asked, words := a.wire.taken()
	a.t.Logf("%s: %d images, %d reports, %d other structured reports in %s: %d looks at the feed and %d other requests: %s",
		what, a.images, len(a.reports), a.other, took.Round(time.Millisecond), feed, asked, words)
	polls := int(took/archivePoll) + 1
	const savedUp = 6 // before
	if most := polls + others + 3*a.images/1000 + savedUp; feed+asked > most {
		a.t.Errorf("%s: %d requests, want at most %d", what, feed+asked, most)
	}
	a.images = 0
}

// TestImagesAloneCostAlmostNothing: a study without a report is followed for its
// thousandth part.
func TestImagesAloneCostAlmostNothing(t *testing.T) {
	a := newArchive(t)
	a.since = pipeline.Since{Now: true}
	a.start()
	a.eventually("it follows", func() bool { return strings.Contains(a.log.String(), "for the first time") })
	a.study(8, 0)[0]()
	a.settled()
	a.wire.taken()
	began := time.Now()
	_, images := scale()
	for range 3 {
		for _, arrive := range a.study(images, 0) {
			arrive()
		}
	}
	a.settled()
	a.mustHaveAsked("images alone", time.Since(began), 0)
	if len(a.rows()) != 0 {
		t.Errorf("the ledger has %v", a.states())
	}
}

// settled waits until the position has passed every line of the feed.
func (a *archive) settled() {
	a.t.Helper()
	a.eventually("the feed is read to its end", func() bool {
		var end struct{ Last int64 }
		a.gateway.GetJSON(a.t, "/changes?last", &end)
		at, _, err := a.ledger.Position(context.Background(), "main")
		must(a.t, err)
		return at.Seq >= end.Last
	})
}

// TestOwnMarksDoNotWakeAnArchive has marks that change the feed be written.
func TestOwnMarksDoNotWakeAnArchive(t *testing.T) {
	a := newArchive(t)
	a.marks = pipeline.Marks{Metadata: true, Labels: true}
	a.start()
	for _, arrive := range a.study(40, 3) {
		arrive()
	}
	a.complete()
	for id := range a.reports {
		a.eventually("it is marked", func() bool { return a.metadata(id, "4801") == "delivered" })
	}
	a.settled()
	a.wire.taken()
	wait(4 * archivePoll)
	if _, others, words := a.wire.taken(); others > 0 {
		t.Errorf("asked though nothing came: %s", words)
	}
}

// TestASecondReportInAnOldSeriesIsSeen though nobody knows that series, and no line
// tells of it but that of the instance.
func TestASecondReportInAnOldSeriesIsSeen(t *testing.T) {
	a := newArchive(t)
	a.since = pipeline.Since{Now: true}
	r := orthanctest.Report{StudyInstanceUID: orthanctest.NewUID(), SeriesInstanceUID: orthanctest.NewUID()}
	a.gateway.Store(t, orthanctest.DoseReport(t, r))
	images := orthanctest.Images(t, orthanctest.NewUID(), 20)
	a.gateway.Store(t, images[:10]...)
	wait(1100 * time.Millisecond) // Orthanc notes the second
	a.start()
	a.eventually("it follows", func() bool { return strings.Contains(a.log.String(), "for the first time") })
	a.gateway.Store(t, images[10:15]...)
	a.reports[a.gateway.Store(t, orthanctest.DoseReport(t, r))[0]] = true
	a.gateway.Store(t, images[15:]...)
	a.complete()
}

// TestWhatIsDeletedBeforeItWasAskedAboutHoldsNothingUp deletes images when their lines
// were read and nothing was asked yet.
func TestWhatIsDeletedBeforeItWasAskedAboutHoldsNothingUp(t *testing.T) {
	a := newArchive(t)
	study := orthanctest.NewUID()
	r := orthanctest.Report{StudyInstanceUID: study, SeriesInstanceUID: orthanctest.NewUID()}
	a.reports[a.gateway.Store(t, orthanctest.DoseReport(t, r))[0]] = true
	images := orthanctest.Images(t, orthanctest.NewUID(), 130)
	a.gateway.Store(t, images[:10]...)
	a.start()
	a.complete()
	a.settled()
	a.stop()
	doomed := a.gateway.Store(t, images[10:]...)
	a.reports[a.gateway.Store(t, orthanctest.DoseReport(t, r))[0]] = true
	a.wire.before("POST /tools/bulk-content", func() {
		for _, id := range doomed {
			a.gateway.Must(t, "DELETE", "/instances/"+id, nil)
		}
	})
	a.wire.taken()
	a.start()
	a.complete()
	a.settled()
	if _, others, words := a.wire.taken(); others > 20 {
		t.Errorf("%d requests: %s", others, words)
	}
}

// TestAReportThatNoLineToldOfIsFound after the next start, when its study is recent.
func TestAReportThatNoLineToldOfIsFound(t *testing.T) {
	a := newArchive(t)
	r := orthanctest.Report{StudyInstanceUID: orthanctest.NewUID(), SeriesInstanceUID: orthanctest.NewUID()}
	store := func() string {
		file := orthanctest.DoseReport(t, r)
		id := a.gateway.Store(t, bytes.ReplaceAll(file, []byte("20260101"), []byte(time.Now().Format("20060102"))))[0]
		a.reports[id] = true
		return id
	}
	store()
	a.start()
	a.complete()
	a.settled()
	a.stop()
	store()
	hidden := store()
	store()
	a.wire.hide = func(line string) bool { return strings.Contains(line, hidden) }
	a.start()
	a.complete()
	if !strings.Contains(a.log.String(), "that the feed did not tell of") {
		t.Error("nothing is said of it")
	}
}
