//go:build native

package main_test

import (
	"cmp"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/orthanctest"
)

// roundsVariable says how often everything is stored for the figures of
// TestOrthancStoresWhateverDosegateDoes: 30, say; once in a usual run.
const roundsVariable = "DOSEGATE_TEST_ROUNDS"

// perRound is how many reports a round stores by C-STORE, and how many by REST.
const perRound = 10

// hanging takes connections and says nothing, as a process does that was stopped.
func hanging(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return "http://" + l.Addr().String()
}

// slow is a dosegate that answers everything a second late.
func slow(t *testing.T) string {
	target, err := url.Parse(newDosegate(t).URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(time.Second):
		case <-r.Context().Done():
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// contestant is an Orthanc, with what the plugin in it has to do with.
type contestant struct {
	name   string
	o      *orthanctest.Orthanc
	cstore []time.Duration // a round
	rest   []time.Duration
}

func contestants(t *testing.T) []*contestant {
	refused := fmt.Sprintf("http://127.0.0.1:%d", orthanctest.FreePort(t))
	all := []*contestant{{name: "no plugin", o: orthanctest.Start(t, orthanctest.Options{Config: "gateway.json"})}}
	for _, c := range []struct{ name, url string }{
		{"dosegate works", newDosegate(t).URL}, {"dosegate is absent", refused}, {"dosegate is stopped", hanging(t)}, {"dosegate is slow", slow(t)},
	} {
		all = append(all, &contestant{name: c.name, o: orthanc(t, c.url, map[string]any{"Changed": true, "Door": true})})
	}
	return all
}

// storeAll stores new reports by C-STORE in one association, and others by REST.
func (c *contestant) storeAll(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	args := []string{"-aet", "CT1", "-aec", c.o.AET, "127.0.0.1", fmt.Sprint(c.o.DICOMPort)}
	var files [][]byte
	for i := range perRound {
		path := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(path, orthanctest.DoseReport(t, orthanctest.Report{}), 0o600); err != nil {
			t.Fatal(err)
		}
		args, files = append(args, path), append(files, orthanctest.DoseReport(t, orthanctest.Report{}))
	}
	at := time.Now()
	if out, err := exec.CommandContext(t.Context(), "storescu", args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: storescu: %v\n%s", c.name, err, out)
	}
	c.cstore = append(c.cstore, time.Since(at))
	at = time.Now()
	c.o.Store(t, files...)
	c.rest = append(c.rest, time.Since(at))
}

// TestOrthancStoresWhateverDosegateDoes prints figures side by side. What it
// checks is that everything is stored: a plugin that waits for dosegate would never
// get there.
func TestOrthancStoresWhateverDosegateDoes(t *testing.T) {
	rounds, err := strconv.Atoi(os.Getenv(roundsVariable))
	if err != nil {
		rounds = 1
	}
	all := contestants(t)
	for range rounds {
		for _, c := range all {
			c.storeAll(t)
		}
	}
	var table strings.Builder
	fmt.Fprintf(&table, "%d rounds of %d reports, medians %16s %8s %16s %8s\n", rounds, perRound, "C-STORE", "ratio", "REST", "ratio")
	for _, c := range all {
		if got := len(c.o.Instances(t)); got != 2*perRound*rounds {
			t.Errorf("%s: %d reports are stored, want %d", c.name, got, 2*perRound*rounds)
		}
		fmt.Fprintf(&table, "%-34s %16s %8.2f %16s %8.2f\n", c.name, perReport(c.cstore), ratio(c.cstore, all[0].cstore), perReport(c.rest), ratio(c.rest, all[0].rest))
	}
	t.Logf("\n%s", &table)
}

func middle(times []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	return sorted[len(sorted)/2]
}

func perReport(times []time.Duration) string {
	return (middle(times) / perRound).Round(10 * time.Microsecond).String()
}

func ratio(times, of []time.Duration) float64 {
	return float64(middle(times)) / float64(cmp.Or(middle(of), 1))
}
