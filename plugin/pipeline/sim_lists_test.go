package pipeline_test

import (
	"slices"

	"github.com/dosegate/dosegate/plugin/filter"
)

// simStations are the Station Names of the reports, by number; the last names none.
var simStations = []string{"CT1", "CT2", "CT9", " "}

// simList is a stations list, and what it says of each station's reports: "" for
// accepted, else why they are held.
type simList struct {
	text string
	says []string // as simStations
	to   []string // where the reports of CT1 go; nil: everywhere
}

const unconfigured, nameless = filter.StationNotConfigured, filter.NoStationName

var simLists = []simList{
	{"stations:\n  - name: CT1\n", []string{"", unconfigured, unconfigured, nameless}, nil},
	{"stations:\n  - name: CT1\n  - name: CT2\n", []string{"", "", unconfigured, nameless}, nil},
	{"stations:\n  - name: CT2\n", []string{unconfigured, "", unconfigured, nameless}, nil},
	{"stations:\n  - {name: CT1, paused: true}\n  - name: CT2\n", []string{filter.Paused, "", unconfigured, nameless}, nil},
	{"stations:\n  - {name: CT1, send: false}\n  - {name: CT9, paused: true}\n", []string{filter.StationLeftOut, unconfigured, filter.Paused, nameless}, nil},
	{"stations:\n  - {name: CT1, registries: [research]}\n", []string{"", unconfigured, unconfigured, nameless}, []string{"research"}},
	{"stations:\n  - {name: CT1, manufacturer: Invented Devices}\n  - {name: CT1, source: main}\n  - {name: CT1, source: pacs}\n",
		[]string{filter.AmbiguousStation, unconfigured, unconfigured, nameless}, nil},
}

// simBadLists are texts that never come into force. The last is no file at all.
var simBadLists = []string{"stations:\n  - {name: CT1, se", "stations: []\n", "\n", "stations:\n  - {nam: CT1}\n", ""}

// listOf finds a list by its text; false for one that is not good.
func listOf(text string) (simList, bool) {
	i := slices.IndexFunc(simLists, func(l simList) bool { return l.text == text })
	if i < 0 {
		return simList{}, false
	}
	return simLists[i], true
}
