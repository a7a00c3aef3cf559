package ledger_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/postgrestest"
)

// all is everything that a ledger says of its reports.
func (b *book) all() []string {
	b.t.Helper()
	var list []string
	must(b.t, b.List(ctx, ledger.Query{}, func(r ledger.Row) error {
		list = append(list, fmt.Sprintf("%+v %+v", r.Report, r.Delivery))
		return nil
	}))
	for _, line := range slices.Clone(list) {
		var id string
		fmt.Sscanf(line, "{ID:%s", &id)
		list = append(list, fmt.Sprint(b.history(id)))
	}
	return list
}

func TestACopyIsTheLedgerAtOneMomentAndGoesAnywhere(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		one := b.record(b.seen("one", ledger.Held))
		b.record(b.seen("two", ledger.Accepted, "dir", "research"))
		must(t, b.Delivered(ctx, b.record(b.seen("three", ledger.Accepted, "dir")).ID, "dir", sent("2.25.3")))
		must(t, b.SetSetting(ctx, "stations", []byte("stations: []\n")))
		path := filepath.Join(t.TempDir(), "copy.db")
		must(t, b.CopyTo(ctx, path))
		mustPrivate(t, path)
		before := b.all()
		must(t, b.Discard(ctx, one.ID, "not in the copy", "person:discard"))
		if err := b.CopyTo(ctx, path); err == nil {
			t.Error("a file was overwritten")
		}
		for _, address := range []string{filepath.Join(t.TempDir(), "restored.db"), postgrestest.Database(t), path} {
			t.Run("", func(t *testing.T) {
				restored := newBookAt(t, address)
				if address != path {
					must(t, restored.CopyFrom(ctx, open(t, path, ledger.Options{})))
				}
				if after := restored.all(); !slices.Equal(before, after) {
					t.Errorf("it is\n%v, was\n%v", after, before)
				}
				mustCountRight(t, restored.Ledger)
				must(t, restored.Sound(ctx))
				if at, _, err := restored.Position(ctx, "gw"); at.Seq != 3 || err != nil {
					t.Errorf("position %d, %v", at.Seq, err)
				}
				// It is a ledger like any other.
				must(t, restored.Discard(ctx, one.ID, "not needed", "person:discard"))
				if err := restored.CopyFrom(ctx, b.Ledger); !errors.Is(err, ledger.ErrNotEmpty) {
					t.Errorf("copied over it: %v", err)
				}
			})
		}
	})
}

func TestACopyMadeWhileAnotherProcessWritesHasWholePages(t *testing.T) {
	for name, address := range map[string]string{"SQLite": filepath.Join(t.TempDir(), "dosegate.db"), "PostgreSQL": postgrestest.Database(t)} {
		t.Run(name, func(t *testing.T) {
			l := open(t, address, ledger.Options{})
			w := startWriter(t, address, 0)
			source, _ := w.next(t)
			for round := range 3 {
				for range 10 {
					w.next(t)
				}
				path := filepath.Join(t.TempDir(), fmt.Sprint(round, ".db"))
				must(t, l.CopyTo(ctx, path))
				made := open(t, path, ledger.Options{})
				at, _, err := made.Position(ctx, source)
				must(t, err)
				n := int64(0)
				must(t, made.List(ctx, ledger.Query{}, func(ledger.Row) error { n++; return nil }))
				if n != at.Seq || n == 0 {
					t.Errorf("%d reports, and the position is %d", n, at.Seq)
				}
			}
		})
	}
}
