package identity_test

import (
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/identity"
)

// known is an identity with what add adds.
func known(add func(*identity.Identity)) *identity.Identity {
	id := identity.New(nil)
	add(id)
	return id
}

func TestANameIsFoundInItsUsualSpellings(t *testing.T) {
	for name, spellings := range map[string][]string{
		"Doe^John^Quentin^Mr":         {"Doe", "DOE", "JohnDoe", "DOEJOHN", "JDoe", "Doe2024", "CTDoe", "john doe", "Doe, J.", "D.o.e"},
		"O'Brien^Zed":                 {"OBRIEN", "O Brien", "O'Brien", "o´brien"},
		"van der Berg^Zed":            {"VANDERBERG", "van der Berg", "Berg"},
		"Smith-Jones^Zed":             {"SMITHJONES", "Jones", "Smi\u200bth", "Smi\u00adth", "S.m.i.t.h", "Smi\nth"},
		"Müller-Lüdenscheidt^Ännchen": {"MUELLER", "muller", "Müller", "Mu\u0308ller", "Aennchen", "Luedenscheidt"},
		"Mueller^Zed":                 {"Müller", "MULLER"},
		"Li^Wu":                       {"Li Wu", "WU LI", "LiWu", "li-wu"},
		"Ng^Ann":                      {"Ng Ann", "NGANN"},
		"李^明":                         {"李明", "患者李明先生"},
		"Yamada^Tarou=山田^太郎=やまだ^たろう": {"Yamada", "山田", "太郎", "やまだ", "患者山田殿"},
		"Иванов^Пётр":                {"Иванов", "ИВАНОВ", "Ivanov"},
		"Meier^Sabine^Maria":         {"smeier", "SabineMeier", "SabineMaria", "Ｍｅｉｅｒ"},
	} {
		id := known(func(id *identity.Identity) { id.AddPerson(name) })
		for _, spelling := range spellings {
			for _, text := range []string{spelling, "CT Thorax " + spelling + " 120 kV", "(" + spelling + ")"} {
				if !id.In(text) {
					t.Errorf("%s is not found in %q", name, text)
				}
			}
		}
	}
}

func TestOrdinaryTextsHoldNobody(t *testing.T) {
	id := known(func(id *identity.Identity) {
		id.AddPerson("Doe^John^Quentin^Mr")
		id.AddPerson("Li^Wu")
		id.AddPerson("Thora^Ada")
		id.AddNumber("000123")
		id.AddNumber("ZZ-44")
		id.AddDate("19610305")
		id.AddPlace("Nowhere General Hospital")
	})
	for _, text := range []string{"CT Thorax Abdomen", "Adaptive dose", "Light scan 5.3.1962", "Thoracic spine", "General chest 120 kV",
		"1.2.3", "Wuhan protocol", "3 March 2024", "slice 5 mm, 3 phases, 61 ms", "REMOVED", ""} {
		if id.In(text) {
			t.Errorf("somebody is found in %q", text)
		}
	}
}

func TestANumberIsFoundWithAndWithoutSeparators(t *testing.T) {
	for number, spellings := range map[string][]string{
		"12-34":      {"12-34", "1234", "12 34"},
		"4-711":      {"4-711", "4711", "ID4711"},
		"00004711":   {"4711", "00004711", "4711/2"},
		"4711":       {"00004711", "ID4711", "4711"},
		"MR-001234":  {"MR1234", "MR 001234", "mr001234"},
		"AB-1234567": {"ab 1234567", "1234567/3", "x1234567y", "AB1234567"},
	} {
		id := known(func(id *identity.Identity) { id.AddNumber(number) })
		for _, spelling := range spellings {
			if text := "CT " + spelling + " axial"; !id.In(text) {
				t.Errorf("%s is not found in %q", number, text)
			}
		}
	}
	if id := known(func(id *identity.Identity) { id.AddNumber("A1") }); !id.In("A1") || id.In("room A1 axial") {
		t.Error("an identifier of two characters counts as a whole text alone")
	}
}

func TestADateIsFoundInItsUsualSpellings(t *testing.T) {
	id := known(func(id *identity.Identity) { id.AddDate("19610305") })
	for _, spelling := range []string{"19610305", "1961-03-05", "05.03.1961", "5.3.1961", "3/5/1961", "5/3/61", "1961-3-5", "05-MAR-61",
		"March 5th, 1961", "5. März 1961", "050361", "5 mars 1961"} {
		if text := "geb. " + spelling + ", CT"; !id.In(text) {
			t.Errorf("the date is not found in %q", text)
		}
	}
	if !id.Told("19610305") || id.Told("19610306") {
		t.Error("Told is wrong")
	}
}

func TestAPlaceIsFoundByItsNameAndNotByWordsOfEveryHospital(t *testing.T) {
	id := known(func(id *identity.Identity) {
		id.AddPlace("UKE")
		id.AddPlace("Nowhere General Hospital, Radiology")
	})
	for text, want := range map[string]bool{"CT Thorax UKE": true, "Nowhere": true, "General": false, "Hospital bed": false, "radiology": false} {
		if id.In(text) != want {
			t.Errorf("%q: %t", text, !want)
		}
	}
}

func TestOnlyWholeWordsOfACodeCount(t *testing.T) {
	id := known(func(id *identity.Identity) {
		id.AddDate("19581012")
		id.AddNumber("77000")
		id.AddPerson("House^Gregory")
	})
	for code, want := range map[string]bool{"121058": false, "77477000": false, "77000": true, "HOUSE_GREGORY": true, "CTHEAD01": false} {
		if id.IsWord(code) != want {
			t.Errorf("%q: %t", code, !want)
		}
	}
}

func TestAPlaceholderIsNobody(t *testing.T) {
	id := known(func(id *identity.Identity) {
		id.AddPerson("Anonymous")
		id.AddNumber("REMOVED")
		id.AddNumber("0000")
		id.AddPerson("^^^")
	})
	for _, text := range []string{"Anonymous", "REMOVED", "0000", "0"} {
		if id.In(text) {
			t.Errorf("%q is somebody", text)
		}
	}
}

func TestALongTextOfOnesIsSearchedInOneGo(t *testing.T) {
	id := known(func(id *identity.Identity) { id.AddNumber("11111") })
	if !id.In(strings.Repeat("1 ", 30_000)) || !id.In(strings.Repeat("1", 60_000)) {
		t.Error("not found")
	}
}
