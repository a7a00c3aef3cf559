package pipeline_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// historiesVariable says how many random histories are run: 100000 for the
// figures, few in a usual run.
const historiesVariable = "DOSEGATE_HISTORIES"

// TestRandomHistoriesBreakNoRule lets reports, time, clocks, lists, faults, people
// and kills come in any order, and looks after every turn whether a rule of the
// design is broken: no report is ever deleted before its day, none is both
// delivered and expired, none disappears, and no hold that waits for a person ever
// expires. In the end everything is mended, and every report has to come to its end.
func TestRandomHistoriesBreakNoRule(t *testing.T) {
	want, err := strconv.Atoi(cmp.Or(os.Getenv(historiesVariable), "1500"))
	must(t, err)
	const workers = 2
	must(t, flag.Set("rapid.checks", strconv.Itoa((want+workers-1)/workers)))
	defer flag.Set("rapid.checks", "100")
	t.Run("all", func(t *testing.T) {
		for i := range workers {
			t.Run(fmt.Sprint("worker ", i+1), func(t *testing.T) {
				t.Parallel()
				shelf := newShelf(t)
				rapid.Check(t, func(rt *rapid.T) {
					s := newSim(rt, shelf)
					defer s.end()
					rt.Repeat(s.actions())
					s.converge()
					s.checkEnd()
				})
			})
		}
	})
}
