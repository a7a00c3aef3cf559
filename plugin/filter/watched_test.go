package filter_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/dosegate/dosegate/plugin/filter"
)

const (
	oneStation  = "stations:\n  - name: CT1\n"
	twoStations = "stations:\n  - name: CT1\n  - name: CT2\n"
)

// watch is a stations.yaml in a folder of its own; text nil means no file.
func watch(t *testing.T, text *string, lastGood string) (*filter.Watched, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "stations.yaml")
	if text != nil {
		save(t, path, *text)
	}
	return filter.Watch(path, []string{"dir"}, []byte(lastGood)), path
}

func save(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// expect compares the list in force and whether there is trouble, and which.
func expect(t *testing.T, when string, w *filter.Watched, list, trouble string) {
	t.Helper()
	if got := string(w.Stations().Text()); got != list {
		t.Errorf("%s: in force is %q, want %q", when, got, list)
	}
	if got := w.Trouble(); trouble == "" && got != "" || !strings.Contains(got, trouble) {
		t.Errorf("%s: trouble %q, want %q", when, got, trouble)
	}
}

// look looks so many times and says at which look another list came into
// force, 0 where none did.
func look(w *filter.Watched, times int) (changed int) {
	for i := range times {
		if w.Look() {
			changed = i + 1
		}
	}
	return changed
}

func TestTheListIsInForceAtTheStart(t *testing.T) {
	text := oneStation
	w, _ := watch(t, &text, "")
	expect(t, "at the start", w, oneStation, "")
	if changed := look(w, 3); changed != 0 {
		t.Errorf("look %d says that it changed", changed)
	}
}

func TestAListThatIsMissingAtTheStartIsTakenWhenItAppears(t *testing.T) {
	w, path := watch(t, nil, "")
	expect(t, "missing", w, "", "is missing")
	if w.Stations() != nil {
		t.Error("a list is in force that nobody wrote")
	}
	save(t, path, oneStation)
	if changed := look(w, 2); changed != 2 {
		t.Errorf("taken at look %d, want the second", changed)
	}
	expect(t, "appeared", w, oneStation, "")
}

// Editors write a file in pieces, and each piece may be a valid list.
func TestAListIsTakenWhenTwoLooksHaveSeenItTheSame(t *testing.T) {
	text := "stations:\n  - name: CT9\n"
	w, path := watch(t, &text, "")
	save(t, path, oneStation) // the first half of what is coming
	if look(w, 1) != 0 {
		t.Error("half a list came into force")
	}
	expect(t, "half", w, text, "")
	save(t, path, twoStations)
	if look(w, 1) != 0 {
		t.Error("the whole came into force when it was first seen")
	}
	expect(t, "first seen", w, text, "")
	if look(w, 1) != 1 {
		t.Error("the whole did not come into force when it was seen twice")
	}
	expect(t, "seen twice", w, twoStations, "")
}

func TestTheLastGoodListStaysWhateverHappensToTheFile(t *testing.T) {
	for _, c := range []struct{ name, text, trouble string }{
		{"cut so that it is invalid", "stations:\n  - name: CT1\n  - na", "is not valid"},
		{"a registry that is not there", "stations:\n  - {name: CT1, registries: [dri]}\n", "is not valid"},
		{"emptied", "", "suddenly empty"},
		{"all entries gone", "stations: []\n", "suddenly empty"},
		{"only comments left", "# moved elsewhere\n", "suddenly empty"},
	} {
		text := twoStations
		w, path := watch(t, &text, "")
		save(t, path, c.text)
		if changed := look(w, 3); changed != 0 {
			t.Errorf("%s: came into force at look %d", c.name, changed)
		}
		expect(t, c.name, w, twoStations, c.trouble)
		save(t, path, twoStations)
		if look(w, 1) != 0 {
			t.Errorf("%s: the same list is another one", c.name)
		}
		expect(t, c.name+", put back", w, twoStations, "")
		save(t, path, c.text)
		look(w, 2)
		save(t, path, oneStation)
		if look(w, 2) != 2 {
			t.Errorf("%s: the next good list did not come into force", c.name)
		}
		expect(t, c.name+", replaced", w, oneStation, "")
	}
}

func TestAListThatVanishesStaysInForce(t *testing.T) {
	text := oneStation
	w, path := watch(t, &text, "")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	look(w, 2)
	expect(t, "vanished", w, oneStation, "is missing")
	save(t, path, oneStation)
	look(w, 1)
	expect(t, "came back", w, oneStation, "")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	look(w, 2)
	expect(t, "a folder in its place", w, oneStation, "cannot read")
}

func TestTheListOfAnEarlierRunStaysInForceUntilThereIsAnother(t *testing.T) {
	empty, broken, other := "", "stations: [", oneStation
	for _, c := range []struct {
		name          string
		text          *string
		list, trouble string
	}{
		{"missing", nil, twoStations, "is missing"},
		{"empty", &empty, twoStations, "suddenly empty"},
		{"broken", &broken, twoStations, "is not valid"},
		{"another", &other, oneStation, ""},
	} {
		w, _ := watch(t, c.text, twoStations)
		expect(t, c.name, w, c.list, c.trouble)
	}
}

func TestAnEarlierListThatNoLongerFitsIsNone(t *testing.T) {
	w, _ := watch(t, nil, "stations:\n  - {name: CT1, registries: [gone]}\n")
	expect(t, "at the start", w, "", "is missing")
}

func TestAListThatIsEmptyFromTheStartIsNoTrouble(t *testing.T) {
	empty := "# no station yet\n"
	w, path := watch(t, &empty, "")
	expect(t, "empty", w, empty, "")
	save(t, path, oneStation)
	look(w, 2)
	expect(t, "the first station", w, oneStation, "")
}

func TestABrokenListWithNoneBeforeItIsTrouble(t *testing.T) {
	broken := "stations: ["
	w, path := watch(t, &broken, "")
	expect(t, "broken", w, "", "is not valid")
	save(t, path, oneStation)
	look(w, 2)
	expect(t, "mended", w, oneStation, "")
}

func TestLookingAndDecidingGoTogether(t *testing.T) {
	text := oneStation
	w, path := watch(t, &text, "")
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for range 200 {
				f := filter.Filter{Templates: collected, Stations: w.Stations()}
				if got := f.Decide(torus()); got.Action != filter.Accept || w.Trouble() != "" {
					t.Errorf("%+v, %s", got, w.Trouble())
					return
				}
			}
		})
	}
	for i := range 50 {
		save(t, path+".new", []string{twoStations, oneStation}[i%2])
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
		look(w, 2)
	}
	readers.Wait()
}

// What is deleted by a list is gone; so the file itself is asked, and not the
// last look at it.
func TestAFileThatNoLookHasSeenIsDoubted(t *testing.T) {
	text := oneStation
	w, path := watch(t, &text, "")
	doubt := func(when, want string) {
		t.Helper()
		if got := w.Doubt(); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: doubt %q, want %q", when, got, want)
		}
	}
	doubt("in force", "")
	save(t, path, twoStations)
	doubt("just written", "is not in force yet")
	look(w, 1)
	doubt("seen once", "is not in force yet")
	look(w, 1)
	doubt("seen twice", "")
	save(t, path, "")
	doubt("just emptied", "is not in force yet")
	look(w, 2)
	doubt("empty", "is suddenly empty")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	doubt("just gone", "is missing")
	save(t, path, twoStations)
	doubt("back, and nobody has looked", "is suddenly empty")
	look(w, 1)
	doubt("back", "")
}
