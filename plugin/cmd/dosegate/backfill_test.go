package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanctest"
)

// newArchiveHouse is one whose Orthanc is an archive, followed from now on.
func newArchiveHouse(t *testing.T) *house {
	h := newFullHouse(t)
	h.archive(t)
	return h
}

// archive makes the house's Orthanc an archive.
func (h *house) archive(t *testing.T) {
	h.configure(t, "")
	write(t, h.config, strings.Replace(string(read(t, h.config)), "role: gateway", "role: archive", 1))
}

// reportOf makes a dose report of a study of some day, which may be blank; "" leaves it out.
func reportOf(t *testing.T, station, day string) []byte {
	file := orthanctest.DoseReport(t, orthanctest.Report{StationName: station})
	if day == "" {
		return bytes.Replace(file, []byte("\x08\x00\x20\x00DA\x08\x0020260101"), nil, 1)
	}
	return bytes.Replace(file, []byte("20260101"), []byte(day), 1)
}

// followed starts serve, which follows from now on, that is not from the second in
// which something was stored.
func (h *house) followed(t *testing.T) *serving {
	<-time.After(1100 * time.Millisecond)
	s := h.serve(t)
	h.until(t, "it follows", func() bool { return strings.Contains(s.log.String(), "for the first time") })
	return s
}

func TestABackfillTakesUpWhatWasThereBefore(t *testing.T) {
	h := newArchiveHouse(t)
	h.gateway.Store(t, reportOf(t, "CT1", "20190304"), reportOf(t, "CT1", "20190331"), reportOf(t, "CT9", "20190401"), reportOf(t, "CT1", "20240229"),
		reportOf(t, "CT1", "        "), reportOf(t, "CT1", ""), orthanctest.DoseReport(t, orthanctest.Report{SOPClassUID: "1.2.840.10008.5.1.4.1.1.88.11"}))
	h.gateway.Store(t, orthanctest.Images(t, orthanctest.NewUID(), 5)...)
	h.followed(t)
	dry := h.run(t, "backfill", "--dry-run", "--rate", "1000")
	dry.want(t, exitDone, "Nothing was recorded", "What another sender has submitted", "5 would be accepted, 1 would be held; 0 are in the ledger already, 1 are no dose reports")
	for _, row := range []string{"2019-03 CT1 10011 accepted 2", "2019-04 CT9 10011 held 1", "2024-02 CT1 10011 accepted 1", "before 2000 or without a date CT1 10011 accepted 2"} {
		if !strings.Contains(strings.Join(strings.Fields(dry.stdout), " "), row) {
			t.Errorf("no row %q in\n%s", row, dry.stdout)
		}
	}
	if n := len(h.run(t, "reports", "--json").objects(t)); n != 0 {
		t.Fatalf("a dry run recorded %d reports", n)
	}
	h.run(t, "backfill", "--since", "2019-03-05", "--to", "2019-04-30", "--rate", "1000").want(t, exitDone, "1 are accepted, 1 are held; 0 are in the ledger already, 0 are no dose reports")
	h.run(t, "backfill", "--rate", "1000").want(t, exitDone, "4 are accepted, 0 are held; 2 are in the ledger already, 1 are no dose reports")
	h.until(t, "all are delivered", func() bool { return len(h.sent(t)) == 5 })
	h.run(t, "backfill", "--rate", "1000").want(t, exitDone, "0 are accepted, 0 are held; 6 are in the ledger already")
	if n := len(h.sent(t)); n != 5 {
		t.Errorf("%d reports at the registry, want 5", n)
	}
}

// TestABackfillGoesOnWhereItWasEnded however often that happens.
func TestABackfillGoesOnWhereItWasEnded(t *testing.T) {
	h := newArchiveHouse(t)
	const reports = 70 // more than are looked at between two places that are kept
	for i := range reports {
		h.gateway.Store(t, reportOf(t, "CT1", fmt.Sprintf("2020%02d15", 1+i%2)))
	}
	s := h.followed(t)
	known := func() int { return len(h.run(t, "reports", "--json").objects(t)) }
	for _, most := range []int{10, 55} {
		cmd := dosegateCommand(t, "backfill", "-c", h.config, "--rate", "200")
		var out lockedBuffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		h.until(t, "some are taken up", func() bool { return known() >= most })
		_ = cmd.Process.Kill() // unless it was faster
		_ = cmd.Wait()
	}
	last := h.run(t, "backfill", "--rate", "1000")
	last.want(t, exitDone, "0 are no dose reports")
	h.until(t, "all are delivered", func() bool { return len(h.sent(t)) == reports })
	if sent := h.sent(t); len(slices.Compact(slices.Sorted(slices.Values(sent)))) != reports {
		t.Error("a report was sent twice")
	}
	if strings.Contains(last.stdout, fmt.Sprintf("%d are accepted", reports)) {
		t.Error("it began anew")
	}
	if s.end() != exitDone {
		t.Error("serve did not end well")
	}
}

func TestAnArchiveThatForbidsQuestionsIsNotInOrder(t *testing.T) {
	h := newArchiveHouse(t)
	h.run(t, "check").want(t, exitDone, "archive, AE title")
	script := h.path("filter.lua")
	write(t, script, "function IncomingHttpRequestFilter(method) return method ~= 'POST' end\n")
	h.gateway = orthanctest.Start(t, orthanctest.Options{Config: "archive.json", Overlay: map[string]any{"LuaScripts": []string{script}}})
	h.archive(t)
	h.run(t, "check").want(t, exitFailed, "orthanc main", "FAILED", "POST /tools/bulk-content")
}

func TestABackfillSaysWhatItIsFor(t *testing.T) {
	h := newHouse(t).withKey(t)
	h.record(t, ledger.Page{})
	for _, c := range []struct {
		args []string
		says string
	}{
		{nil, "no source with role: archive"},
		{[]string{"--source", "main"}, `no "main" with role: archive`},
		{[]string{"--since", "yesterday"}, "no date of the form"},
		{[]string{"--since", "2020-01-02", "--to", "2020-01-01"}, "--to is before --since"},
		{[]string{"--rate", "0"}, "more than 0"},
	} {
		h.run(t, "backfill", c.args...).want(t, exitUsage, c.says)
	}
}
