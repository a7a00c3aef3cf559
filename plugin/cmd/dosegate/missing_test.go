package main

import (
	"strings"
	"testing"
)

// An Orthanc whose volume was not mounted, and then one whose volume is lost.
func TestReportsThatAreGoneWithTheirVolumeWaitForAPerson(t *testing.T) {
	h := newFullHouse(t)
	s := h.serve(t)
	ids := h.store(t, "dx.dcm", "rf.dcm", "mg.dcm")
	for _, id := range ids {
		h.report(t, id, "held")
	}
	h.run(t, "missing").want(t, exitDone, "source main: 0 of the 3 reports that wait there are gone")
	h.gateway.Stop(t)
	h.gateway.Replace(t, "")
	h.gateway.Restart(t)
	h.until(t, "serve says it", func() bool { return strings.Contains(s.log.String(), "reports of the source are missing") })
	h.run(t, "check").want(t, exitFailed, "reports of main", "FAILED", "3 of 3 reports that were looked for are gone, and its database is another one")
	for _, id := range ids {
		h.report(t, id, "held")
	}
	dx := h.report(t, ids[0], "held")["id"].(string)
	h.run(t, "discard", "--reason", "a test", dx).want(t, exitFailed, "gone with most of the other reports")
	h.run(t, "release", dx).want(t, exitFailed, "gone with most of the other reports")
	h.run(t, "missing", "--source", "elsewhere").want(t, exitUsage, `no "elsewhere" under orthanc`)
	h.run(t, "missing").want(t, exitDone, "3 of the 3 reports that wait there are gone", dx, "station dxroom3 is not configured")
	h.run(t, "missing", "--withdraw", "--source", "main").want(t, exitDone, "3 reports withdrawn")
	for _, id := range ids {
		h.report(t, id, "withdrawn")
	}
	h.run(t, "check").want(t, exitDone)
	h.report(t, h.store(t, "ct-small.dcm")[0], "delivered")
}
