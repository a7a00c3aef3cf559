package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestAMeasuredReportIsTheSameWheneverItIsMadeAndNoTwoEventsAreAlike(t *testing.T) {
	a, b := measured("measured", 15), measured("measured", 15)
	content := a.enc.file(a.data)
	if !bytes.Equal(content, b.enc.file(b.data)) {
		t.Error("made twice, it differs")
	}
	lengths := make(map[string]bool)
	for _, row := range strings.Split(string(content), "113838")[1:] { // DLP
		lengths[row[:400]] = true
	}
	if len(lengths) < 12 {
		t.Errorf("only %d dose length products differ", len(lengths))
	}
	planted := plantedTable([]file{a})
	for _, kind := range []string{"patient", "person", "id", "order", "institution", "uid"} {
		if !strings.Contains(planted, "\t"+kind+"\n") {
			t.Errorf("nothing of the kind %s is planted", kind)
		}
	}
}
