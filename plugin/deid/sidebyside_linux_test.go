package deid_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/dosegate/dosegate/plugin/dicomtest"
)

// BenchmarkSideBySide compares what de-identifies a dose report, in one run, and
// prints tables. scripts/bench-deid starts it, with DOSEGATE_BENCH naming the
// folder of the large reports and DOSEGATE_BENCH_ROUNDS how often everybody has
// a turn.
func BenchmarkSideBySide(b *testing.B) {
	folder := os.Getenv("DOSEGATE_BENCH")
	if folder == "" {
		b.Skip("run ./scripts/bench-deid")
	}
	rounds, err := strconv.Atoi(os.Getenv("DOSEGATE_BENCH_ROUNDS"))
	if err != nil {
		b.Fatal(err)
	}
	reports := []*benchReport{
		benchRead(b, "../../testdata", "ct-enhanced-sr"),
		benchRead(b, "../../testdata", "ct-250k"),
		benchRead(b, folder, "ct-250k-measured"),
		benchRead(b, folder, "ct-4m-measured"),
	}
	all := contestants(b)
	turns := make(map[*benchReport][]*turn)
	for _, r := range reports {
		fmt.Printf("warming up with %s\n", r.name)
		for _, c := range all {
			turns[r] = append(turns[r], newTurn(b, c, r))
		}
	}
	// Everybody has a turn in every round, so that what else the machine does
	// meets all of them.
	for i := range rounds {
		fmt.Printf("round %d of %d\n", i+1, rounds)
		for _, r := range reports {
			for _, t := range turns[r] {
				t.take(b)
			}
		}
	}
	for _, r := range reports {
		judge(b, r, turns[r])
		printTurns(r, turns[r])
	}
	printShares(b, reports)
}

// benchReport is a report and what is planted in it.
type benchReport struct {
	name    string
	path    string
	file    []byte
	planted map[string]bool // false for a UID
}

func benchRead(t testing.TB, folder, name string) *benchReport {
	r := &benchReport{name: name, path: filepath.Join(folder, name+".dcm"), planted: make(map[string]bool)}
	var err error
	r.file, err = os.ReadFile(r.path)
	must(t, err)
	table, err := os.ReadFile(filepath.Join(folder, "planted.tsv"))
	must(t, err)
	for line := range strings.Lines(string(table)) {
		c := strings.Split(strings.TrimSpace(line), "\t")
		if len(c) == 4 && c[0] == name+".dcm" && c[3] != "device" { // the profile retains the device
			r.planted[c[2]] = c[3] != "uid"
		}
	}
	if len(r.planted) < 20 {
		t.Fatalf("%s: only %d identities are planted", name, len(r.planted))
	}
	return r
}

// leaks counts the planted identities, and the planted UIDs, in some bytes.
func (r *benchReport) leaks(out []byte) (identities, uids, ofIdentities, ofUIDs int) {
	for value, identity := range r.planted {
		found := 0
		if strings.Contains(string(out), value) {
			found = 1
		}
		if identity {
			identities, ofIdentities = identities+found, ofIdentities+1
		} else {
			uids, ofUIDs = uids+found, ofUIDs+1
		}
	}
	return identities, uids, ofIdentities, ofUIDs
}

// judge looks at what everybody made of a report: what is left of the people,
// and what is lost of the figures.
func judge(t testing.TB, r *benchReport, turns []*turn) {
	before, err := dicomtest.ReadFigures(r.file)
	must(t, err)
	numbers := 0
	for _, n := range before.Numbers {
		numbers += n
	}
	for _, u := range turns {
		identities, uids, ofIdentities, ofUIDs := r.leaks(u.output)
		u.leaked = fmt.Sprintf("%d of %d", identities, ofIdentities)
		u.uidsLeft = fmt.Sprintf("%d of %d", uids, ofUIDs)
		after, err := dicomtest.ReadFigures(u.output)
		if err != nil {
			u.lost = "cannot be read"
			continue
		}
		lost := 0
		for number, n := range before.Numbers {
			lost += max(0, n-after.Numbers[number])
		}
		u.lost = fmt.Sprintf("%d of %d", lost, numbers)
	}
}

func printTurns(r *benchReport, turns []*turn) {
	fmt.Printf("\n%s, %d KB\n", r.name, (len(r.file)+500)/1000)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\treports/s/core\tms/report\tDosegate is faster\tMB/op\tallocs/op\tidentities leaked\tUIDs left\tNUM values lost")
	ours := turns[0]
	for _, u := range turns {
		each := median(u.each).Seconds()
		memory, allocs := "", ""
		if u.allocs > 0 {
			memory, allocs = fmt.Sprintf("%.2f", float64(u.bytes)/1e6), strconv.Itoa(int(u.allocs))
		}
		fmt.Fprintf(w, "%s\t%.4g\t%.3f\t%.1f×\t%s\t%s\t%s\t%s\t%s\n", u.name, 1/each, each*1000, ratio(u, ours), memory, allocs, u.leaked, u.uidsLeft, u.lost)
	}
	w.Flush()
}

// ratio is the median over the rounds in which both had a turn.
func ratio(theirs, ours *turn) float64 {
	var all []float64
	for i := range min(len(theirs.each), len(ours.each)) {
		all = append(all, float64(theirs.each[i])/float64(ours.each[i]))
	}
	return median(all)
}

func median[T float64 | time.Duration](all []T) T {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}
