package ledger_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/postgrestest"
	"github.com/jackc/pgx/v5"
)

// TestALedgerThatMustBeIsNotMade asks PostgreSQL for its tables afterwards.
func TestALedgerThatMustBeIsNotMade(t *testing.T) {
	for name, address := range map[string]string{"SQLite": filepath.Join(t.TempDir(), "dosegate.db"), "PostgreSQL": postgrestest.Database(t)} {
		t.Run(name, func(t *testing.T) {
			for range 2 { // the second would find what the first has made
				if _, err := ledger.Open(ctx, address, ledger.Options{MustBe: true, AsItIs: true}); !errors.Is(err, ledger.ErrNone) {
					t.Fatalf("error %v", err)
				}
			}
			if ledger.IsPostgres(address) {
				if n := tablesOf(t, address); n != 0 {
					t.Errorf("%d tables were made", n)
				}
			} else if _, err := os.Stat(address); err == nil {
				t.Error("the file was made")
			}
			open(t, address, ledger.Options{})
			open(t, address, ledger.Options{MustBe: true, AsItIs: true})
		})
	}
}

func tablesOf(t *testing.T, address string) (n int) {
	t.Helper()
	c, err := pgx.Connect(ctx, address)
	must(t, err)
	defer c.Close(ctx)
	must(t, c.QueryRow(ctx, `SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'public'`).Scan(&n))
	return n
}

func TestAnOlderLedgerStaysAsItIs(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		b.in("queued")
		must(t, b.Downgrade(ctx, 4))
		for range 2 {
			if _, err := ledger.Open(ctx, b.path, ledger.Options{MustBe: true, AsItIs: true}); !errors.Is(err, ledger.ErrOlder) {
				t.Fatalf("error %v", err)
			}
		}
		l := open(t, b.path, ledger.Options{MustBe: true})
		if rows, err := l.Held(ctx, "", 9); err != nil || len(rows) != 0 {
			t.Errorf("%v, %v", rows, err)
		}
	})
}
