package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/deid"
)

// update has the test of the shipped dictionary write it:
//
//	go test ./plugin/cmd/dosegate -run ShippedDictionary -update
var update = flag.Bool("update", false, "write .github/DICTIONARY.md")

func TestTheShippedDictionaryIsCurrent(t *testing.T) {
	const how = "go test ./plugin/cmd/dosegate -run ShippedDictionary -update"
	name := filepath.Join("..", "..", "..", ".github", "DICTIONARY.md")
	have := dosegate(t, "dictionary").want(t, exitDone).stdout
	if *update {
		if err := os.WriteFile(name, []byte(have), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if shipped := read(t, name); string(shipped) != have {
		t.Errorf("%s is not what dosegate dictionary says: look at the difference, for it leaves the house, then run %s", name, how)
	}
}

func TestTheDictionaryIsThatOfTheConfiguration(t *testing.T) {
	h := newHouse(t)
	h.configure(t, "deidentify: {profile: strict}\n")
	h.run(t, "dictionary").want(t, exitDone, "Dates are their year alone", "| (0008,0020) | StudyDate | DA |  | year only |",
		"| (0018,1000) | DeviceSerialNumber | LO |  | removed |", "without the identifiers that Safe Harbor lists")
	h.configure(t, "deidentify: {dates: modified}\n")
	h.run(t, "dictionary").want(t, exitDone, "**Weak:** dates are modified", "| (0008,0020) | StudyDate | DA |  | moved |")
	dosegate(t, "dictionary").want(t, exitDone, "| (0008,0020) | StudyDate | DA |  | kept |",
		"| 113830 DCM | Mean CTDIvol | NUM | mGy | kept |", "PS3.15 E.1-1: K by Retain Device Identity")
	dosegate(t, "dictionary", "--format", "xml").want(t, exitUsage, `--format "xml" is none of md, csv, json`)
}

func TestTheDictionaryIsTheSameInEveryFormat(t *testing.T) {
	entries := deid.Dictionary(deid.Registry)
	var object struct {
		Class    deid.Class
		Warnings []deid.Warning
		Entries  []deid.DictionaryEntry
	}
	if err := json.Unmarshal([]byte(dosegate(t, "dictionary", "--format", "json").want(t, exitDone).stdout), &object); err != nil {
		t.Fatal(err)
	}
	if len(object.Entries) != len(entries) || object.Class != deid.Registry.Class() || object.Warnings == nil {
		t.Errorf("JSON has %d entries of %d, class %v", len(object.Entries), len(entries), object.Class)
	}
	rows, err := csv.NewReader(strings.NewReader(dosegate(t, "dictionary", "--format", "csv").want(t, exitDone).stdout)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != len(entries)+1 {
		t.Fatalf("CSV has %d rows for %d entries", len(rows), len(entries))
	}
	var page bytes.Buffer
	if err := dictionaryPage(&page, deid.Registry, nil); err != nil {
		t.Fatal(err)
	}
	for i, e := range entries {
		if row := rows[i+1]; row[0] != e.Tag || row[3] != e.Name || row[7] != string(e.Action) {
			t.Errorf("row %d is %q, entry %+v", i+1, row, e)
		}
		if !strings.Contains(page.String(), "| "+e.Name+" |") {
			t.Errorf("the page does not have %s", e.Name)
		}
	}
}

func TestEveryActionIsExplained(t *testing.T) {
	explained := make(map[deid.Outcome]bool)
	for _, a := range actionWords {
		explained[a.action] = true
	}
	for _, p := range []deid.Policy{deid.Registry, deid.Strict, {Dates: deid.DatesModified}, {Dates: deid.DatesRemoved}} {
		for _, e := range deid.Dictionary(p) {
			if !explained[e.Action] {
				t.Fatalf("%q of %s is not explained", e.Action, e.Name)
			}
		}
	}
}

func TestNoCellIsAFormula(t *testing.T) {
	for cell, want := range map[string]string{"=1+1": "'=1+1", "+cmd": "'+cmd", "-1": "'-1", "@SUM": "'@SUM", "\tx": "'\tx", "": "", "CT": "CT", "1-2": "1-2"} {
		if have := defused(cell); have != want {
			t.Errorf("%q becomes %q, want %q", cell, have, want)
		}
	}
}
