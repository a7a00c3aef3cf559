package rdsr_test

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/rdsr"
	"github.com/google/go-cmp/cmp"
)

// row is the expected recognition of one file, written by an independent
// reader from the file itself (see the head of the TSV).
type row struct {
	File string
	Dose bool
	rdsr.Report
}

func expectations(t *testing.T, path string) []row {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var rows []row
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		c := strings.Split(lines.Text(), "\t")
		if strings.HasPrefix(c[0], "#") || c[0] == "file" {
			continue
		}
		if len(c) < 13 {
			t.Fatalf("%s: %d columns in %q", path, len(c), c)
		}
		events, err := strconv.Atoi(c[11])
		if err != nil {
			t.Fatalf("%s: %s: %v", path, c[0], err)
		}
		rows = append(rows, row{File: c[0], Dose: c[1] == "true", Report: rdsr.Report{SOPClassUID: c[3], Template: c[4],
			Kind: c[5], StationName: c[6], DeviceObserverName: c[7], Manufacturer: c[8], Model: c[9], SerialNumber: c[10],
			IrradiationEvents: events, TransferSyntax: c[12]}})
	}
	if len(rows) == 0 {
		t.Fatalf("%s names no file", path)
	}
	return rows
}

func TestEveryFileOfTheCorpusIsRecognised(t *testing.T) {
	const corpus = "../../../shared/corpus"
	if _, err := os.Stat(corpus); err != nil {
		t.Skip("the corpus of real reports is not beside the project: ", corpus)
	}
	checkRecognition(t, corpus, "../../testdata/corpus.tsv")
}

func TestEveryShippedReportIsRecognised(t *testing.T) {
	checkRecognition(t, "../../testdata", "../../testdata/expected.tsv")
}

func checkRecognition(t *testing.T, folder, table string) {
	for _, want := range expectations(t, table) {
		t.Run(want.File, func(t *testing.T) {
			file, err := os.ReadFile(filepath.Join(folder, want.File))
			if err != nil {
				t.Fatal(err)
			}
			doc, err := rdsr.Recognise(file, dataset.Limits{})
			var not *rdsr.NotDoseError
			if dose := err == nil; dose != want.Dose {
				t.Errorf("dose report: %t (%v), want %t", dose, err, want.Dose)
			} else if !dose && !errors.As(err, &not) {
				t.Errorf("want a reason why it is none, got %v", err)
			}
			if diff := cmp.Diff(want.Report, doc.Report); diff != "" {
				t.Errorf("want (-) and got (+):\n%s", diff)
			}
		})
	}
}
