package deid_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// faultsOnPurpose are what a validator finds in an output and not in the input,
// each with the rule that is the reason.
var faultsOnPurpose = []struct{ file, fault, why string }{
	{"ct-sloppy.dcm", "", "the reader left the subtree out before, since its value type was no defined term"},
}

// validators of other projects, with what they write before a fault.
var validators = []struct {
	name  string
	args  []string
	fault *regexp.Regexp
}{
	{"dciodvfy", nil, regexp.MustCompile(`^Error`)},
	// -E: go on after a fault; many real reports have some.
	{"dsrdump", []string{"-Er", "-Ev", "-Ec", "-Ee", "-Ei"}, regexp.MustCompile(`^[EW]:`)},
}

// Numbers of items, values and offsets differ between input and output.
var volatile = regexp.MustCompile(`\[[0-9]+\]|(is|value) <[^>]*>|"[^"]*"|'[^']*'|\b[0-9]+(\.[0-9]+)+\b|= ?[0-9]+|\b[0-9]+\b`)

// faults are what a validator finds in a file, normalised.
func faults(t *testing.T, tool string, args []string, fault *regexp.Regexp, path string) map[string]int {
	t.Helper()
	// A fault makes the exit 1, which is what is asked for here.
	out, err := exec.CommandContext(t.Context(), tool, append(args, path)...).CombinedOutput()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		t.Fatal(err)
	}
	found := map[string]int{}
	for line := range strings.Lines(string(out)) {
		if fault.MatchString(line) {
			found[volatile.ReplaceAllString(strings.TrimSpace(line), "*")]++
		}
	}
	return found
}

func TestValidatorsFindNoFaultThatTheInputDidNotHave(t *testing.T) {
	for _, v := range validators {
		all := reports(t)
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(v.name); err != nil {
				if os.Getenv("DOSEGATE_TEST_REQUIRE") == "" {
					t.Skipf("%s is not installed: run ./scripts/test", v.name)
				}
				t.Fatal(err)
			}
			known := 0
			for _, p := range all {
				before := faults(t, v.name, v.args, v.fault, p.before)
				known += len(before)
				for fault := range faults(t, v.name, v.args, v.fault, p.after) {
					if before[fault] == 0 && !faultOnPurpose(p.name, fault) {
						t.Errorf("%s: %s", p.name, fault)
					}
				}
			}
			t.Logf("%d reports, %d kinds of faults in the inputs", len(all), known)
		})
	}
}

func faultOnPurpose(file, fault string) bool {
	for _, f := range faultsOnPurpose {
		if (f.file == "" || f.file == file) && strings.Contains(fault, f.fault) {
			return true
		}
	}
	return false
}
