package deid_test

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// pixelMedReports are small ones of every kind, by several makers, since each
// takes the validator a minute and more. Those of the corpus are left out where
// that is missing.
var pixelMedReports = []string{"ct-small.dcm", "nm.dcm", "openrem_themorlan/DX-RDSR-Canon_CXDI.dcm",
	"openrem_themorlan/CT-RDSR-Siemens-Multi-1.dcm", "openrem_themorlan/MG-RDSR-Hologic_2D.dcm"}

// The validator's XPath expressions are larger than Java allows by default.
var pixelMedOptions = []string{"-Xss8m", "-Djdk.xml.xpathExprGrpLimit=0", "-Djdk.xml.xpathExprOpLimit=0", "-Djdk.xml.xpathTotalOpLimit=0"}

// Numbers of items, and meanings: those of listed codes become the listed ones.
var pixelMedVolatile = regexp.MustCompile(`\b[0-9]+(\.[0-9]+)+\b|"[^"]*"`)

// pixelMedWording is said of meanings such as "Thoracic structure", which the
// validator's edition of 2022 words as "Chest": codes.tsv is of a later one.
const pixelMedWording = "has different code meaning"

// pixelMedFaults are what PixelMed's DicomSRValidator finds in a file by the
// templates of PS3.16.
func pixelMedFaults(t *testing.T, jar, path string) map[string]int {
	t.Helper()
	args := append(slices.Clone(pixelMedOptions), "-cp", jar, "com.pixelmed.validate.DicomSRValidator", path)
	out, err := exec.CommandContext(t.Context(), "java", args...).CombinedOutput()
	// It ends well, whatever happens: its last words tell that it came to the end.
	if err != nil || !strings.Contains(string(out), "IOD validation complete") || !strings.Contains(string(out), "Root Template Validation Complete") {
		t.Fatalf("the validator did not come to its end: %v\n%.2000s", err, out)
	}
	found := map[string]int{}
	for line := range strings.Lines(string(out)) {
		if (strings.HasPrefix(line, "Error") || strings.HasPrefix(line, "Warning")) && !strings.Contains(line, pixelMedWording) {
			found[pixelMedVolatile.ReplaceAllString(strings.TrimSpace(line), "*")]++
		}
	}
	return found
}

// DOSEGATE_PIXELMED is PixelMed's jar; scripts/validate-pixelmed runs this.
func TestPixelMedFindsNoFaultThatTheInputDidNotHave(t *testing.T) {
	jar := os.Getenv("DOSEGATE_PIXELMED")
	if jar == "" {
		t.Skip("minutes long: run ./scripts/validate-pixelmed")
	}
	asked := 0
	for _, p := range reports(t) {
		if !slices.Contains(pixelMedReports, p.name) {
			continue
		}
		asked++
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			before := pixelMedFaults(t, jar, p.before)
			after := pixelMedFaults(t, jar, p.after)
			for fault := range after {
				if before[fault] == 0 {
					t.Error(fault)
				}
			}
			t.Logf("%d kinds of faults before, %d after", len(before), len(after))
		})
	}
	if asked < 2 {
		t.Errorf("only %d reports", asked)
	}
}
