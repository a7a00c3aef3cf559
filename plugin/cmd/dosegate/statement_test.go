package main

import (
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestAStatementAccountsForEveryReportOfItsMonth(t *testing.T) {
	h := newHouse(t)
	h.withReports(t)
	received, sent := 0.0, 0.0
	for _, line := range h.run(t, "statement", "--json", "--month", "2026-03").want(t, exitDone).objects(t) {
		received += line["received"].(float64)
		sent += line["sent"].(float64)
		if line["month"] != "2026-03" {
			t.Errorf("it is of %v", line["month"])
		}
	}
	if received != 4 || sent != 2 {
		t.Errorf("%v received and %v sent, want 4 and 2", received, sent)
	}
	if other := h.run(t, "statement", "--json", "--month", "2026-02").want(t, exitDone).stdout; other != "" {
		t.Errorf("the month before has\n%s", other)
	}
	for _, args := range [][]string{{"--csv"}, {}} {
		said := h.run(t, "statement", append(args, "--month", "2026-03")...).want(t, exitDone).stdout
		if !strings.Contains(said, "CT9") || !strings.Contains(said, "CT1") {
			t.Errorf("%v gives\n%s", args, said)
		}
	}
	h.run(t, "statement", "--month", "March").want(t, exitUsage)
	h.run(t, "statement", "--json", "--csv").want(t, exitUsage)
}

func TestWithoutAMonthAStatementIsOfTheLastWholeOne(t *testing.T) {
	got, err := monthOf("", time.Date(2026, 1, 31, 23, 0, 0, 0, time.UTC))
	if err != nil || got.Format(time.DateOnly) != "2025-12-01" {
		t.Errorf("it is %v, %v", got, err)
	}
}

func TestReportsAsCSVHaveALineForEachAndNoOrthancID(t *testing.T) {
	h := newHouse(t)
	h.withReports(t)
	out := h.run(t, "reports", "--csv").want(t, exitDone).stdout
	lines, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || len(lines) != 5 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	for seq := 1; seq <= 4; seq++ {
		if strings.Contains(out, fmt.Sprintf("orthanc-%d", seq)) {
			t.Errorf("an Orthanc ID is in\n%s", out)
		}
	}
	h.run(t, "reports", "--json", "--csv").want(t, exitUsage)
}
