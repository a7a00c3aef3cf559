package pipeline_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/orthanctest"
)

// wire counts the requests that go to an Orthanc.
type wire struct {
	*httptest.Server
	mu     sync.Mutex
	counts map[string]int // by method and the kind of path
}

func (w *world) overWire(t *testing.T) *wire {
	target, err := url.Parse(w.gateway.URL)
	must(t, err)
	to := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
	c := &wire{counts: make(map[string]int)}
	c.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		parts := strings.Split(r.URL.Path, "/")
		for i, part := range parts {
			if len(part) == 44 {
				parts[i] = "ID"
			}
		}
		c.counts[r.Method+" "+strings.Join(parts, "/")]++
		c.mu.Unlock()
		to.ServeHTTP(rw, r)
	}))
	t.Cleanup(c.Close)
	w.url = c.URL
	return c
}

const theFeed = "GET /changes"

// taken gives how often the feed was read and how many other requests there were
// since it was asked last, and all of them in words.
func (c *wire) taken() (feed, others int, words string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for what, n := range c.counts {
		if what != theFeed {
			others += n
		}
	}
	feed, words = c.counts[theFeed], fmt.Sprint(c.counts)
	clear(c.counts)
	return feed, others, words
}

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
	return 6, 200
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
	if most := polls + others + 3*a.images/1000; feed+asked > most {
		a.t.Errorf("%s: %d requests, want at most %d", what, feed+asked, most)
	}
	a.images = 0
}
