package ledger

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
)

// patience is how long a write waits for other processes. Every transaction of
// ours is short, so a longer wait means that something is wrong.
const patience = 10 * time.Second

//go:embed migrations/*.sql
var migrations embed.FS

// Ledger is an open ledger. Its methods may be called from several goroutines,
// and several processes may have the same one open.
type Ledger struct {
	name   string // for messages: a path, or an address without its password
	now    func() time.Time
	kind   kind
	before time.Time // what the clock said at the last write by another one
	fence  int64     // the generation of the lease that every write needs; 0: none
	beaten *beaten   // when the lease was last confirmed; nil without one
	marked []string  // the sources in which reports bear marks

	// A ledger has one writer at a time, and many readers beside it. So writes
	// share one connection, for which goroutines queue in order, and reads never
	// wait for them.
	db     *sql.DB
	writer *sql.DB
	reads  *statements // of db; nil where the driver keeps them
}

// kind is what differs between SQLite and PostgreSQL: how they are opened, how a
// writer waits for its turn, and what their errors mean. The SQL is the same.
type kind interface {
	open() (db, writer *sql.DB, err error)
	provider(db *sql.DB, migrations fs.FS) (*goose.Provider, error)
	begin(ctx context.Context, writer *sql.DB) (*sql.Tx, error)
	noTable(err error) bool                                  // there is no table of a name
	moment(ctx context.Context, db *sql.DB) (*sql.Tx, error) // a transaction that reads as of one moment, for as long as it takes
	trouble(err error) string                                // in words, "" where it is none of the database's
	bound() time.Duration                                    // how long any statement may take; 0: it cannot hang
}

// Options change how a ledger behaves; the zero value is right for a program.
type Options struct {
	Now      func() time.Time // nil: the wall clock
	Password string           // of PostgreSQL; empty: as its own variables and files say
	MustBe   bool             // where there is none it is ErrNone, and none is made
	AsItIs   bool             // where it is older it is ErrOlder, and stays so
	Marked   []string         // the sources in which reports bear marks
}

// Troubles with the way to a server, and not with what is there. Of these, trying
// again at once does not mend that it is unreachable.
const (
	unreachable = "cannot be reached"
	broken      = "broke the connection"
	silent      = "did not answer in time"
	starting    = "is just starting, or stopping"
	stopping    = "is being stopped"
)

// passes says which troubles are over when the server is back.
var passes = map[string]bool{unreachable: true, broken: true, silent: true, starting: true, stopping: true}

// IsPostgres says whether an address is one of a PostgreSQL and not a path.
func IsPostgres(address string) bool {
	return strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://")
}

// NameOf is how messages name the ledger at an address: a password in it is not shown.
func NameOf(address string) string {
	if IsPostgres(address) {
		return withoutLogin(address)
	}
	return address
}

// Open opens the ledger at an address: the path of an SQLite file, or the URL of
// a PostgreSQL database. It makes or migrates it as needed. A ledger written by a
// newer dosegate is refused: this one would not know what its columns mean.
func Open(ctx context.Context, address string, o Options) (*Ledger, error) {
	l := &Ledger{now: o.Now, marked: o.Marked}
	if l.now == nil {
		l.now = time.Now
	}
	var err error
	if IsPostgres(address) {
		l.name, l.kind, err = newPostgres(address, o.Password)
	} else if _, missing := os.Stat(address); o.MustBe && errors.Is(missing, fs.ErrNotExist) {
		return nil, fmt.Errorf("open ledger %s: %w", address, ErrNone)
	} else {
		l.name, l.kind, err = newSQLite(address)
	}
	if err != nil {
		return nil, err
	}
	if l.db, l.writer, err = l.kind.open(); err != nil {
		return nil, l.fail("open", err)
	}
	if err := l.prepare(ctx, o); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	if _, isFile := l.kind.(sqliteFile); isFile {
		l.reads = newStatements(l.db)
	}
	if l.before, err = l.LastWrite(ctx); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// Name is how messages name the ledger.
func (l *Ledger) Name() string { return l.name }

// Close closes the ledger. What was recorded is on the disk already.
func (l *Ledger) Close() error {
	return l.fail("close", errors.Join(l.writer.Close(), l.db.Close()))
}

// bounded gives an operation its time: a machine that was cut off would keep it
// waiting for a quarter of an hour.
func (l *Ledger) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if bound := l.kind.bound(); bound > 0 {
		return context.WithTimeout(ctx, bound)
	}
	return ctx, func() {}
}

// prepare makes or migrates the ledger, as far as it may.
func (l *Ledger) prepare(ctx context.Context, o Options) error {
	if o.MustBe {
		// Asking goose for its version would make its table.
		_, err := l.db.ExecContext(ctx, `SELECT version_id FROM goose_db_version LIMIT 1`)
		if err != nil && l.kind.noTable(err) {
			err = ErrNone
		}
		if err != nil {
			return l.fail("open ledger "+l.name, err)
		}
	}
	if o.AsItIs {
		p, err := l.migrations()
		if err != nil {
			return err
		}
		have, want, err := p.GetVersions(ctx)
		if err == nil && have < want {
			err = ErrOlder
		}
		if err != nil {
			return l.fail("open ledger "+l.name, err)
		}
	}
	return l.migrate(ctx)
}

func (l *Ledger) migrations() (*goose.Provider, error) {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	p, err := l.kind.provider(l.db, dir)
	return p, l.fail("read migrations", err)
}

// migrate brings the schema up to date. Two processes may start at the same
// moment; the one that comes second fails on what the first has just made, so
// a failure counts only when the schema is still old after several tries.
func (l *Ledger) migrate(ctx context.Context) error {
	p, err := l.migrations()
	if err != nil {
		return err
	}
	for try := 1; ; try++ {
		have, want, err := p.GetVersions(ctx)
		if err == nil && have > want {
			return fmt.Errorf("open ledger %s: its version is %d, this dosegate knows %d: use the newer dosegate that wrote it",
				l.name, have, want)
		}
		if err == nil && have == want {
			return nil
		}
		if err == nil {
			_, err = p.Up(ctx)
		}
		if err != nil && (try == 20 || l.kind.trouble(err) == unreachable) {
			return l.fail("migrate", err)
		}
		select {
		case <-time.After(rand.N(10 * time.Millisecond)):
		case <-ctx.Done():
			return l.fail("migrate", ctx.Err())
		}
	}
}
