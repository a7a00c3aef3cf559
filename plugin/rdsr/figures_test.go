package rdsr_test

import (
	"os"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/rdsr"
)

// figuresOf words the figures of a shipped report.
func figuresOf(t *testing.T, name string) (totals, first string, events int, doc *rdsr.Document) {
	t.Helper()
	file, err := os.ReadFile("../../testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	doc, err = rdsr.Recognise(file, dataset.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	all, each := doc.Figures()
	words := func(list []rdsr.Figure) string {
		var texts []string
		for _, f := range list {
			texts = append(texts, f.Name+" "+f.Value+" "+f.Unit)
		}
		return strings.Join(texts, ", ")
	}
	if len(each) > 0 {
		first = words(each[len(each)-1].Figures)
	}
	return words(all), first, len(each), doc
}

func TestEveryKindOfReportTellsItsDose(t *testing.T) {
	for name, want := range map[string]struct{ total, event string }{
		"ct-small.dcm": {"DLP total 773.52 mGy.cm", "CTDIvol 48.83 mGy, DLP 773.52 mGy.cm"},
		"rf.dcm":       {"Fluoroscopy time, total", "DAP "},
		"mg.dcm":       {"AGD accumulated", "AGD "},
		"nm.dcm":       {"", "Administered activity "},
		"dx.dcm":       {"DAP total", "DAP "},
	} {
		totals, event, events, doc := figuresOf(t, name)
		if !strings.Contains(totals, want.total) || !strings.Contains(event, want.event) {
			t.Errorf("%s: totals are %q, the last event is %q", name, totals, event)
		}
		if events != doc.IrradiationEvents {
			t.Errorf("%s: figures of %d events, there are %d", name, events, doc.IrradiationEvents)
		}
	}
}

func TestFiguresHoldNothingButNumbers(t *testing.T) {
	for _, name := range []string{"ct-identities.dcm", "rf-identities.dcm", "ct-sloppy.dcm", "ct-40-events.dcm", "ct-enhanced-sr.dcm", "rf-ir87.dcm"} {
		_, _, _, doc := figuresOf(t, name)
		totals, events := doc.Figures()
		for _, e := range events {
			totals = append(totals, e.Figures...)
		}
		for _, f := range totals {
			if strings.Trim(f.Value, "0123456789.+-eE") != "" || len(f.Unit) > 12 {
				t.Errorf("%s: %+v", name, f)
			}
		}
	}
}

func TestAFigureThatIsNoNumberHasNoValue(t *testing.T) {
	file, err := os.ReadFile("../../testdata/ct-small.dcm")
	if err != nil {
		t.Fatal(err)
	}
	broken := []byte(strings.Replace(strings.Replace(string(file), "773.52", "Ida^X ", 2), "mGy.cm", "Secret", -1))
	doc, err := rdsr.Recognise(broken, dataset.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	totals, _ := doc.Figures()
	for _, f := range totals {
		if f.Name == "DLP total" && f != (rdsr.Figure{Name: "DLP total"}) {
			t.Errorf("%+v", f)
		}
	}
	found := false
	for _, m := range doc.Missing() {
		found = found || m.Path[len(m.Path)-1] == "CT Dose Length Product Total"
	}
	if !found {
		t.Errorf("its total is not missing: %+v", doc.Missing())
	}
}

func TestMandatoryRowsThatAreEmptyAreMissing(t *testing.T) {
	_, _, _, whole := figuresOf(t, "ct-small.dcm")
	if m := whole.Missing(); len(m) > 0 {
		t.Errorf("of a whole report is missing: %+v", m)
	}
	file, err := os.ReadFile("../../testdata/ct-small.dcm")
	if err != nil {
		t.Fatal(err)
	}
	// Another concept in the place of Mean CTDIvol and of the acquisition type.
	text := strings.NewReplacer("113830", "999930", "113820", "999920").Replace(string(file))
	doc, err := rdsr.Recognise([]byte(text), dataset.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]rdsr.Missing{}
	for _, m := range doc.Missing() {
		got[strings.Join(m.Path, " › ")] = m
	}
	if m := got["CT Acquisition › CT Acquisition Type"]; m.Count != 2 || m.Of != 2 {
		t.Errorf("%+v", got)
	}
	if m := got["CT Acquisition › CT Dose › Mean CTDIvol"]; m.Count != 1 || m.Of != 1 {
		t.Errorf("%+v", got)
	}
	if len(got) != 2 {
		t.Errorf("%+v", got)
	}
}
