package dicomtest

import (
	"os"
	"testing"
)

// The other independent reader finds as many.
func TestFiguresAreThoseThatPydicomFinds(t *testing.T) {
	for name, events := range map[string]int{"ct-small": 2, "rf-identities": 4, "mg": 4} {
		path := "../../testdata/" + name + ".dcm"
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := ReadFigures(file)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, times := range f.Numbers {
			n += times
		}
		if want := len(Pydicom(t, path)[path].Numbers); n != want || n == 0 {
			t.Errorf("%s: %d numbers, pydicom finds %d", name, n, want)
		}
		if len(f.Events) != events {
			t.Errorf("%s: %d irradiation events, want %d", name, len(f.Events), events)
		}
	}
}
