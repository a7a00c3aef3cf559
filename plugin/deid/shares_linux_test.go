package deid_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/pprof"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
)

// passes are the ways through the code in the order in which a report takes
// them, by the function that each is entered by.
var passes = []struct{ name, function string }{
	{"recognise", "/rdsr.Recognise"},
	{"gather identities", "/deid.newJob"},
	{"rewrite", "/deid.(*job).elements"},
	{"mark", "/deid.(*job).mark"},
	{"encode", "/deid.(*job).encode"},
	{"last look", "/deid.lastLook"},
}

// printShares prints what share of Dosegate's CPU time each of its passes has,
// by a profile of its own.
func printShares(t testing.TB, reports []*benchReport) {
	fmt.Printf("\nShares of Dosegate's CPU time\n")
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, p := range passes {
		fmt.Fprintf(w, "\t%s", p.name)
	}
	fmt.Fprintln(w, "\tthe rest, garbage collection\t")
	ours := dosegate(t)
	for _, r := range reports {
		shares := profileOf(t, r, ours)
		rest := 100.0
		fmt.Fprint(w, r.name)
		for _, p := range passes {
			rest -= shares[p.function]
			fmt.Fprintf(w, "\t%.0f %%", shares[p.function])
		}
		fmt.Fprintf(w, "\t%.0f %%\t\n", rest)
	}
	w.Flush()
}

// cumulative is a line of go tool pprof -top: flat, flat%, sum%, cum, cum%, name.
var cumulative = regexp.MustCompile(`(?m)^\s*\S+\s+\S+%\s+\S+%\s+\S+\s+(\S+)%\s+(\S+)`)

// profileOf gives the share of each pass in percent.
func profileOf(t testing.TB, r *benchReport, ours contestant) map[string]float64 {
	path := filepath.Join(t.TempDir(), "cpu.profile")
	f, err := os.Create(path)
	must(t, err)
	turn := newTurn(t, ours, r)
	must(t, pprof.StartCPUProfile(f))
	ours.times(t, r, 5*turn.n)
	pprof.StopCPUProfile()
	must(t, f.Close())
	out, err := exec.CommandContext(t.Context(), "go", "tool", "pprof", "-top", "-cum", "-nodefraction=0", "-nodecount=10000", path).Output()
	must(t, err)
	shares := make(map[string]float64)
	for _, line := range cumulative.FindAllStringSubmatch(string(out), -1) {
		for _, p := range passes {
			if strings.HasSuffix(line[2], p.function) {
				shares[p.function], err = strconv.ParseFloat(line[1], 64)
				must(t, err)
			}
		}
	}
	return shares
}
