package ledger_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/postgrestest"
)

// writerVariable makes the test binary a process that does nothing but write
// into the ledger that it names, and pagesVariable says how much; 0 is for ever.
const (
	writerVariable = "DOSEGATE_TEST_LEDGER_WRITER"
	pagesVariable  = "DOSEGATE_TEST_LEDGER_PAGES"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(writerVariable); path != "" {
		if err := write(path, os.Getenv(pagesVariable)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(postgrestest.Run(m))
}

// write records page after page, each of a held and an accepted report, and says
// which one is in the ledger.
func write(path, pages string) error {
	l, err := ledger.Open(ctx, path, ledger.Options{})
	if err != nil {
		return err
	}
	source := fmt.Sprint("writer", os.Getpid())
	last, err := strconv.ParseInt(pages, 10, 64)
	if err != nil {
		return err
	}
	for seq := int64(2); last == 0 || seq <= 2*last; seq += 2 {
		page := ledger.Page{Seq: seq, Reports: []ledger.Seen{
			{Report: ledger.Report{OrthancID: fmt.Sprint(seq - 1), Seq: seq - 1, State: ledger.Held}},
			{Report: ledger.Report{OrthancID: fmt.Sprint(seq), Seq: seq, State: ledger.Accepted}, Registries: []string{"dir"}},
		}}
		if err := l.Record(ctx, source, page); err != nil {
			return err
		}
		if _, err := fmt.Println(source, seq); err != nil {
			return err
		}
	}
	return l.Close()
}

// writer is a process that writes.
type writer struct {
	cmd *exec.Cmd
	out *bufio.Scanner
}

func startWriter(t *testing.T, path string, pages int) *writer {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), writerVariable+"="+path, pagesVariable+"="+strconv.Itoa(pages))
	cmd.Stderr = os.Stderr
	pipe, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	w := &writer{cmd, bufio.NewScanner(pipe)}
	t.Cleanup(func() { w.kill() })
	return w
}

// next waits for the writer to say what is recorded.
func (w *writer) next(t *testing.T) (source string, seq int64) {
	t.Helper()
	if !w.out.Scan() {
		t.Fatal("the writer ended")
	}
	return parseWritten(t, w.out.Text())
}

func parseWritten(t *testing.T, line string) (source string, seq int64) {
	t.Helper()
	source, number, _ := strings.Cut(line, " ")
	seq, err := strconv.ParseInt(number, 10, 64)
	must(t, err)
	return source, seq
}

func (w *writer) kill() {
	w.cmd.Process.Kill()
	w.cmd.Wait()
}

func TestAKilledProcessLosesNothingThatWasRecorded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dosegate.db")
	for round := range 3 {
		w := startWriter(t, path, 0)
		source, seq := w.next(t)
		for range 20 * (round + 1) {
			source, seq = w.next(t)
		}
		must(t, w.cmd.Process.Kill())
		for w.out.Scan() { // said before it died
			source, seq = parseWritten(t, w.out.Text())
		}
		w.cmd.Wait()
		l := open(t, path, ledger.Options{})
		at, ok, err := l.Position(ctx, source)
		must(t, err)
		position := at.Seq
		// It may have died between writing a page and saying so.
		if !ok || position < seq || position > seq+2 {
			t.Errorf("position %d, it said %d", position, seq)
		}
		for s := int64(1); s <= position; s++ {
			if _, ok, err := l.Lookup(ctx, source, fmt.Sprint(s)); !ok || err != nil {
				t.Fatalf("report %d is gone: %v", s, err)
			}
		}
		if _, ok, _ := l.Lookup(ctx, source, fmt.Sprint(position+1)); ok {
			t.Error("half a page is there")
		}
		must(t, l.Close())
	}
}

func TestACommandWorksBesideAProcessThatWrites(t *testing.T) {
	b := newBook(t)
	w := startWriter(t, b.path, 0)
	w.next(t)
	// A command beside them reads a list and changes what it sees, while the
	// list is still open.
	n, deadline := 0, time.Now().Add(time.Minute)
	for n < 50 && time.Now().Before(deadline) {
		must(t, b.List(ctx, ledger.Query{State: ledger.Held, Limit: 10}, func(r ledger.Row) error {
			n++
			return b.Discard(ctx, r.Report.ID, "not needed", "person:discard")
		}))
		w.next(t)
	}
	if n < 50 {
		t.Errorf("%d reports discarded in a minute", n)
	}
}

func TestSeveralProcessesMayMakeTheLedgerAtOnce(t *testing.T) {
	for range 5 {
		path := filepath.Join(t.TempDir(), "dosegate.db")
		writers := []*writer{startWriter(t, path, 1), startWriter(t, path, 1), startWriter(t, path, 1)}
		for _, w := range writers {
			w.next(t)
			if err := w.cmd.Wait(); err != nil {
				t.Fatal(err)
			}
		}
		open(t, path, ledger.Options{})
	}
}
