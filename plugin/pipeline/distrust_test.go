package pipeline_test

import (
	"bytes"
	"compress/flate"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/rdsr"
)

var receptionDate = regexp.MustCompile(`"ReceptionDate"\s*:\s*"(\d{4})`)

func TestAFirstStartWithAnEmptyListDeletesNothingBefore14Days(t *testing.T) {
	w := newWorld(t, nil)
	w.stations("")
	p := w.behindProxy(t)
	p.answer("/metadata", func(status int, body []byte) (int, []byte) {
		return status, receptionDate.ReplaceAll(body, []byte(`"ReceptionDate" : "2025`))
	})
	id := w.gateway.Store(t, w.report("CT9"))[0]
	before := time.Now()
	w.start()
	w.eventuallyStates("CT9 held station_not_configured")
	row := w.rows()[0].Report
	if row.ReceivedAt.Year() != 2025 {
		t.Fatalf("received %v: the proxy does not work", row.ReceivedAt)
	}
	if row.HeldUntil.Before(before.Add(14*24*time.Hour - time.Second)) {
		t.Errorf("it would expire on %v", row.HeldUntil)
	}
	if !w.inGateway(id) {
		t.Error("it was deleted")
	}
}

func TestNothingExpiresWithoutAGoodStationsList(t *testing.T) {
	w := newWorld(t, nil)
	for name, spoil := range map[string]func(){
		"it vanishes": func() { must(t, os.Remove(w.stationsFile())) },
		"it is cut":   func() { w.stations("stations:\n  - {name: CT1, send") },
		"it is empty": func() { w.stations("") },
		"it has none": func() { w.stations("stations: []\n") },
	} {
		t.Run(name, func(t *testing.T) {
			w.t, w.dir, w.holdFor = t, t.TempDir(), 2*time.Second
			w.stations("stations:\n  - name: CT1\n")
			w.start()
			for _, id := range w.gateway.Store(t, w.report("CT9"), w.report("CT1")) {
				defer w.gateway.Do(t, "DELETE", "/instances/"+id, nil)
			}
			spoil()
			w.eventually("its day has come", func() bool {
				for _, r := range w.rows() {
					if r.Report.StationName == "CT9" && time.Now().After(r.Report.HeldUntil.Add(1500*time.Millisecond)) {
						return true
					}
				}
				return false
			})
			// The last good list is in force all the while, and after a restart.
			w.eventuallyStates("CT9 held station_not_configured", "CT1 delivered station_configured")
			w.stop()
			w.start()
			defer w.stop()
			for _, id := range w.gateway.Store(t, w.report("CT1")) {
				defer w.gateway.Do(t, "DELETE", "/instances/"+id, nil)
			}
			w.eventuallyStates("CT9 held station_not_configured", "CT1 delivered station_configured", "CT1 delivered station_configured")
			// The list comes back, and time goes on.
			w.stations("stations:\n  - name: CT1\n")
			w.eventuallyStates("CT9 expired station_not_configured", "CT1 delivered station_configured", "CT1 delivered station_configured")
		})
	}
}

func TestAClockThatIsNotOrthancsExpiresNothing(t *testing.T) {
	w := newWorld(t, nil)
	w.now = func() time.Time { return time.Now().Add(400 * 24 * time.Hour) }
	w.stations("stations:\n  - name: CT1\n")
	w.start()
	id := w.gateway.Store(t, w.report("CT9"))[0]
	w.eventuallyStates("CT9 held station_not_configured")
	w.stop()
	ahead := 800 * 24 * time.Hour
	w.now = func() time.Time { return time.Now().Add(ahead) }
	w.holdFor = time.Second // so that a fresh start and its settling are over at once
	w.start()
	w.eventually("the clocks are found to differ", func() bool { return strings.Contains(w.log.String(), "the clock of source main is") })
	w.eventuallyStates("CT9 held station_not_configured")
	if !w.inGateway(id) {
		t.Error("it was deleted")
	}
}

// bomb is a file of 120 KB whose deflated data set inflates to a thousand times
// that.
func bomb(t *testing.T) []byte {
	var out bytes.Buffer
	out.Write(dataset.AppendFileHeader(nil, rdsr.XRayRadiationDoseSR, "2.25.1", dataset.DeflatedLittleEndian))
	zip, err := flate.NewWriter(&out, flate.BestCompression)
	must(t, err)
	_, err = zip.Write(make([]byte, 120<<20))
	must(t, err)
	must(t, zip.Close())
	return out.Bytes()
}

func TestWhatCannotBeReadIsHeldAndTheFeedGoesOn(t *testing.T) {
	w := newWorld(t, nil)
	p := w.behindProxy(t)
	whole := w.report("CT1")
	bad := map[string][]byte{
		"cut":     whole[:len(whole)*2/3],
		"empty":   {},
		"text":    []byte("This is no DICOM file at all, it is a letter."),
		"garbage": bytes.Repeat([]byte{0xDE, 0xAD, 0xBE, 0xEF}, 4000),
		"lengths": append(bytes.Clone(whole[:len(whole)-200]), bytes.Repeat([]byte{0xFE, 0xFF}, 100)...),
		"bomb":    bomb(t),
	}
	names := map[string]string{}
	for name, content := range bad {
		id := w.gateway.Store(t, w.report("CT1"))[0]
		names[id] = name
		p.answer("/instances/"+id+"/file", func(status int, _ []byte) (int, []byte) { return status, content })
	}
	refused := w.gateway.Store(t, w.report("CT1"))[0]
	p.answer("/instances/"+refused+"/file", func(int, []byte) (int, []byte) { return 500, []byte("Invented^Ida cannot be read") })
	w.gateway.Store(t, w.report("CT1"))
	w.start()
	w.eventually("the last one arrives", func() bool {
		return len(w.rows()) == len(bad)+2 && strings.Contains(strings.Join(w.states(), ","), "delivered")
	})
	w.mustHaveArrived(1)
	for _, r := range w.rows() {
		if r.State == ledger.Delivered {
			continue
		}
		if r.Report.ReasonCode != "unreadable" || !r.Report.HeldUntil.IsZero() {
			t.Errorf("%s: %s, %s, until %v", names[r.Report.OrthancID], r.State, r.Report.ReasonCode, r.Report.HeldUntil)
		}
		t.Logf("%s: %s", names[r.Report.OrthancID], r.Report.Reason)
	}
	if log := w.log.String(); strings.Contains(log, "Ida") || !strings.Contains(log, "cannot be read") {
		t.Errorf("the log is not a clear line without a name:\n%s", log)
	}
}

func TestNoLogLineNoLedgerFileAndNoMarkHoldsAnIdentifier(t *testing.T) {
	w := newWorld(t, nil)
	w.stations("stations:\n  - name: CT1\n")
	w.start()
	names := []string{"ct-identities.dcm", "rf-identities.dcm", "nm.dcm", "ct-sloppy.dcm", "ct-names-in-protocol.dcm"}
	var ids, needles []string
	for _, name := range names {
		file, err := os.ReadFile("../../testdata/" + name)
		must(t, err)
		ids = append(ids, w.gateway.Store(t, file)...)
		needles = append(needles, planted(t, name)...)
	}
	w.eventually("all recorded", func() bool { return len(w.rows()) == len(names) })
	// Now every station is configured, so that all steps have been gone.
	list := "stations:\n"
	for _, station := range w.stationNames() {
		list += fmt.Sprintf("  - name: %q\n", station)
	}
	w.stations(list)
	w.eventually("all delivered, or held as a leak", func() bool {
		return !slices.ContainsFunc(w.rows(), func(r ledger.Row) bool {
			return r.State != ledger.Delivered && r.Report.ReasonCode != "leak"
		})
	})
	w.eventually("all is marked", w.allMarked)
	w.stop()
	written := map[string]string{"the log": w.log.String()}
	files, err := filepath.Glob(filepath.Join(w.dir, "dosegate.db*"))
	must(t, err)
	for _, path := range files {
		content, err := os.ReadFile(path)
		must(t, err)
		written["the ledger file "+filepath.Base(path)] = string(content)
	}
	for _, id := range ids {
		for _, number := range []string{"4801", "4802", "4803"} {
			written["metadata "+number+" of "+id] = w.metadata(id, number)
		}
	}
	for where, text := range written {
		for _, needle := range needles {
			if strings.Contains(text, needle) {
				t.Errorf("%s holds the planted %q", where, needle)
			}
		}
	}
	t.Logf("%d planted identities in %d places", len(needles), len(written))
}

// stationNames are the stations of all reports, each once.
func (w *world) stationNames() []string {
	var names []string
	for _, r := range w.rows() {
		if name := r.Report.StationName; name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// planted are the identities planted in a file of testdata, except those of
// the device.
func planted(t *testing.T, name string) []string {
	text, err := os.ReadFile("../../testdata/planted.tsv")
	must(t, err)
	seen := map[string]bool{}
	var values []string
	for _, line := range strings.Split(string(text), "\n") {
		c := strings.Split(line, "\t")
		if len(c) == 4 && c[0] == name && c[3] != "device" && c[3] != "freetext" && !seen[c[2]] {
			seen[c[2]] = true
			values = append(values, c[2])
		}
	}
	if len(values) == 0 {
		t.Fatalf("planted.tsv names nothing for %s", name)
	}
	return values
}
