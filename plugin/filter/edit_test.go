package filter_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/filter"
	"pgregory.net/rapid"
)

const byHand = `# Our stations.
stations:
  # The old building.
  - name: CT1                 # room 3
    facility: "100001"
  - {name: RF Lab 1, facility: "100001"}   # till May

  # New since March.
  - serial_number: "4711"
    # It names no station.
    model: Invented CT
    registries: [dir]
  - {name: CT9, send: false}
# the end
`

func edited(t testing.TB, text string, e filter.Edit) string {
	t.Helper()
	list, err := listed(t, text).Edited(e, []string{"dir", "inside"})
	if err != nil {
		t.Fatal(err)
	}
	return string(list.Text())
}

func TestAnAddedStationStandsBelowTheOthersAndNothingElseChanges(t *testing.T) {
	for text, want := range map[string]string{
		byHand:                        strings.Replace(byHand, "send: false}\n", "send: false}\n  - name: DX 2\n    facility: \"007\"\n    registries: [inside]\n", 1),
		"":                            "stations:\n  - name: DX 2\n    facility: \"007\"\n    registries: [inside]\n",
		"# none yet\n":                "# none yet\nstations:\n  - name: DX 2\n    facility: \"007\"\n    registries: [inside]\n",
		"stations:   # none\n":        "stations:   # none\n  - name: DX 2\n    facility: \"007\"\n    registries: [inside]\n",
		"stations: []\n":              "stations:\n  - name: DX 2\n    facility: \"007\"\n    registries: [inside]\n",
		"stations:\n- name: A":        "stations:\n- name: A\n- name: DX 2\n  facility: \"007\"\n  registries: [inside]\n",
		"stations: [{name: A}] # x\n": "stations: [{name: A}, {name: DX 2, facility: \"007\", registries: [inside]}] # x\n",
	} {
		e := filter.Edit{Place: len(listed(t, text).Entries), Entry: &filter.Station{Name: "DX 2", Facility: "007", Registries: []string{"inside"}}}
		if got := edited(t, text, e); got != want {
			t.Errorf("of\n%s\nbecame\n%s\nwant\n%s", text, got, want)
		}
	}
}

func TestAChangedStationKeepsItsCommentsAndItsForm(t *testing.T) {
	off := false
	list := listed(t, byHand).Entries
	change := func(place int, fn func(*filter.Station)) filter.Edit {
		s := list[place]
		fn(&s)
		return filter.Edit{Place: place, Entry: &s}
	}
	for old, c := range map[string]struct {
		e   filter.Edit
		new string
	}{
		"  - name: CT1                 # room 3\n    facility: \"100001\"\n": {
			change(0, func(s *filter.Station) { s.Paused = true }), "  - name: CT1 # room 3\n    facility: \"100001\"\n    paused: true\n"},
		"  - {name: RF Lab 1, facility: \"100001\"}   # till May\n": {
			change(1, func(s *filter.Station) { s.Facility = "2" }), "  - {name: RF Lab 1, facility: \"2\"} # till May\n"},
		"    registries: [dir]\n": {
			change(2, func(s *filter.Station) { s.Registries = nil; s.Send = &off }), "    send: false\n"},
	} {
		if got, want := edited(t, byHand, c.e), strings.Replace(byHand, old, c.new, 1); got != want {
			t.Errorf("became\n%s\nwant\n%s", got, want)
		}
	}
}

func TestARemovedStationGoesWithItsCommentAlone(t *testing.T) {
	want := strings.Replace(byHand, byHand[strings.Index(byHand, "  # New since"):strings.Index(byHand, "  - {name: CT9")], "", 1)
	if got := edited(t, byHand, filter.Edit{Place: 2}); got != want {
		t.Errorf("became\n%s\nwant\n%s", got, want)
	}
	if got := edited(t, "stations:\n  - name: A\n", filter.Edit{Place: 0}); got != "stations: []\n" {
		t.Errorf("became %q", got)
	}
}

func TestAnEditThatBreaksTheListIsRefused(t *testing.T) {
	for what, e := range map[string]filter.Edit{
		"an unknown registry": {Place: 4, Entry: &filter.Station{Name: "X", Registries: []string{"nowhere"}}},
		"the same keys":       {Place: 4, Entry: &filter.Station{Name: "ct1"}},
		"no keys":             {Place: 0, Entry: &filter.Station{Facility: "1"}},
		"a place beyond":      {Place: 9},
	} {
		if list, err := listed(t, byHand).Edited(e, []string{"dir"}); err == nil {
			t.Errorf("%s: became\n%s", what, list.Text())
		}
	}
}

func TestAFileThatWasChangedByHandIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stations.yaml")
	if err := os.WriteFile(path, []byte(byHand), 0o640); err != nil {
		t.Fatal(err)
	}
	e := filter.Edit{Place: 4, Entry: &filter.Station{Name: "X"}}
	if _, err := filter.EditFile(path, listed(t, "stations: []").Fingerprint(), []string{"dir"}, e); !errors.Is(err, filter.ErrEdited) {
		t.Errorf("%v", err)
	}
	if text, _ := os.ReadFile(path); string(text) != byHand {
		t.Errorf("it is now\n%s", text)
	}
	list, err := filter.EditFile(path, listed(t, byHand).Fingerprint(), []string{"dir"}, e)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 || len(list.Entries) != 5 {
		t.Errorf("%v, %v", left, list.Entries)
	}
}

// Whatever stands in a name, the list that is written reads back as it was meant.
func TestAnyEditReadsBack(t *testing.T) {
	text := rapid.StringMatching(`[ -~äß€]{0,20}`)
	rapid.Check(t, func(rt *rapid.T) {
		list := listed(t, rapid.SampledFrom([]string{byHand, "", "stations: [{name: A}]", "stations:\n- name: A\n\n- aet: B # c\n"}).Draw(rt, "list"))
		e := filter.Edit{Place: rapid.IntRange(0, len(list.Entries)).Draw(rt, "place")}
		if e.Place == len(list.Entries) || rapid.Bool().Draw(rt, "set") {
			e.Entry = &filter.Station{Name: text.Draw(rt, "name"), AET: "X" + text.Draw(rt, "aet"), Paused: rapid.Bool().Draw(rt, "paused")}
		}
		want := slices.Clone(list.Entries)
		if e.Entry == nil {
			want = slices.Delete(want, e.Place, e.Place+1)
		} else {
			want = append(want[:e.Place:e.Place], append([]filter.Station{*e.Entry}, want[min(e.Place+1, len(want)):]...)...)
		}
		got, err := list.Edited(e, []string{"dir", "inside"})
		if err != nil {
			rt.Fatalf("%v", err)
		}
		if len(got.Entries) != len(want) {
			rt.Fatalf("%v, want %v", got.Entries, want)
		}
		for i := range want {
			if got.Entries[i].Name != want[i].Name || got.Entries[i].AET != want[i].AET {
				rt.Fatalf("%v, want %v", got.Entries, want)
			}
		}
	})
}
