package deid

import (
	"sort"
	"strings"
	"testing"
)

// codeRows are the rows of codes.tsv, read apart from the code under test.
func codeCells(t *testing.T) [][]string {
	t.Helper()
	var rows [][]string
	for _, line := range strings.Split(strings.TrimSuffix(codesTable, "\n"), "\n") {
		if !strings.HasPrefix(line, "#") && line != "scheme\tcode\tmeaning" {
			rows = append(rows, strings.Split(line, "\t"))
		}
	}
	return rows
}

func TestCodesMetInDoseReportsHaveTheirListedMeaning(t *testing.T) {
	for _, c := range []struct{ scheme, code, want string }{
		{"DCM", "113701", "X-Ray Radiation Dose Report"},
		{"DCM", "113819", "CT Acquisition"},
		{"DCM", "130501", "Irradiation Event Summary Data"},
		{"UCUM", "mGy", "mGy"},
		{"UCUM", "Gy.m2", "Gy.m2"},
		{"UCUM", "{pulse}/s", "pulse/s"},
		{"UCUM", "{no units}", "no units"},
		{"UCUM", "1", "no units"},
		{"SCT", "77477000", "Computed Tomography X-Ray"},
		{"SRT", "P5-08000", "Computed Tomography X-Ray"},
		{"SNM3", "P5-08000", "Computed Tomography X-Ray"},
		{"99SDM", "P5-40010", "Mammography"},
		{"SCT", "80891009", "Heart"},                // not "Endo-cardiac", a transducer's place
		{"SRT", "R-10242", "cranio-caudal"},         // not "caudad"
		{"SRT", "R-10226", "medio-lateral oblique"}, // not "Medio-Lateral"
		{"SCT", "44491008", "Fluoroscopy"},
		{"NCIt", "C67447", "Activity Session"},
		{"RFC5646", "en-US", "English (United States)"},
	} {
		if got, ok := meaningOf(c.scheme, c.code); !ok || got != c.want {
			t.Errorf("%s %s: %q, %t, want %q", c.scheme, c.code, got, ok, c.want)
		}
	}
}

func TestCodesThatNobodyListsHaveNoMeaning(t *testing.T) {
	for _, c := range [][2]string{
		{"DCM", "000000"}, {"dcm", "113701"}, {"99SOMEBODY", "113701"}, {"", ""}, {"UCUM", "MGY"}, {"SRT", ""}, {"scheme", "code"},
	} {
		if got, ok := meaningOf(c[0], c[1]); ok || got != "" {
			t.Errorf("%q: %q, %t", c, got, ok)
		}
	}
}

func TestSchemesAreListedOrNot(t *testing.T) {
	for _, scheme := range []string{"DCM", "SCT", "SRT", "SNM3", "99SDM", "UCUM", "LN", "NCIt", "UMLS", "FMA", "RADLEX"} {
		if !listedScheme(scheme) {
			t.Errorf("%s is not listed", scheme)
		}
	}
	for _, scheme := range []string{"", "scheme", "99SOMEBODY", "L", "#"} {
		if listedScheme(scheme) {
			t.Errorf("%q is listed", scheme)
		}
	}
}

// PS3.3 8.3: Code Meaning is LO, of at most 64 characters; ASCII fits every
// Specific Character Set.
func TestEveryRowOfCodesFitsACodeMeaning(t *testing.T) {
	for _, row := range codeCells(t) {
		if len(row) != 3 {
			t.Fatalf("%d columns in %q", len(row), row)
		}
		for _, cell := range row {
			if cell == "" || len(cell) > 64 || strings.TrimSpace(cell) != cell {
				t.Errorf("%q is empty, too long or padded", row)
			}
			for _, r := range cell {
				if r < ' ' || r > '~' || r == '\\' {
					t.Errorf("%q holds %q", row, r)
				}
			}
		}
	}
}

func TestCodesAreSortedAndNoneStandsTwice(t *testing.T) {
	rows := codeCells(t)
	if len(rows) < 18000 {
		t.Errorf("%d rows: the table is not whole", len(rows))
	}
	before := func(a, b []string) bool { return a[0] < b[0] || a[0] == b[0] && a[1] < b[1] }
	if !sort.SliceIsSorted(rows, func(i, j int) bool { return before(rows[i], rows[j]) }) {
		t.Error("the rows are not sorted")
	}
	for i := 1; i < len(rows); i++ {
		if !before(rows[i-1], rows[i]) {
			t.Errorf("%q stands behind %q", rows[i], rows[i-1])
		}
	}
}

func TestLookingUpACodeAllocatesNothing(t *testing.T) {
	scheme, value := []byte("DCM"), []byte("113701")
	found := false
	meaningOf("", "") // read the table
	if n := testing.AllocsPerRun(100, func() { _, found = meaningOf(string(scheme), string(value)) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if !found {
		t.Error("not found")
	}
}
