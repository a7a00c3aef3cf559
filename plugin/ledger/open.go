package ledger

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the database driver
)

// patience is how long a write waits for other processes. Every transaction of
// ours is short, so a longer wait means that something is wrong.
const patience = 10 * time.Second

//go:embed migrations/*.sql
var migrations embed.FS

// Ledger is an open ledger. Its methods may be called from several goroutines,
// and several processes may have the same file open.
type Ledger struct {
	path string
	now  func() time.Time

	// SQLite takes one writer at a time, and many readers beside it (WAL). So
	// writes share one connection, for which goroutines queue in order, and
	// reads never wait for them.
	db     *sql.DB
	writer *sql.DB
}

// Options change how a ledger behaves; the zero value is right for a program.
type Options struct {
	Now func() time.Time // nil: the wall clock
}

// Open opens the SQLite ledger at path, and makes or migrates it as needed. A
// ledger written by a newer dosegate is refused: this one would not know what
// its columns mean.
func Open(ctx context.Context, path string, o Options) (*Ledger, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("find ledger %s: %w", path, err)
	}
	if err := makePrivate(path); err != nil {
		return nil, err
	}
	l := &Ledger{path: path, now: o.Now}
	if l.now == nil {
		l.now = time.Now
	}
	if l.db, err = sql.Open("sqlite", dsn(path, patience)); err != nil {
		return nil, l.fail("open", err)
	}
	if l.writer, err = sql.Open("sqlite", dsn(path, 0)); err != nil {
		return nil, l.fail("open", err)
	}
	l.db.SetMaxOpenConns(8)
	l.db.SetMaxIdleConns(8) // opening a connection runs the pragmas again
	l.writer.SetMaxOpenConns(1)
	if err := l.migrate(ctx); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// Close closes the ledger. What was recorded is on the disk already.
func (l *Ledger) Close() error {
	return l.fail("close", errors.Join(l.writer.Close(), l.db.Close()))
}

// dsn asks for a write-ahead log, so that commands may read while serve writes;
// for a full sync of every commit, since a change that the feed has moved past
// must survive a power cut; and for transactions that take the write lock at
// their start, because one that reads first and then finds another writer
// would fail instead of waiting.
func dsn(path string, wait time.Duration) string {
	q := url.Values{
		"_txlock": {"immediate"},
		"_pragma": {
			fmt.Sprintf("busy_timeout(%d)", wait.Milliseconds()),
			"journal_mode(WAL)",
			"synchronous(FULL)",
			"foreign_keys(1)",
		},
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// makePrivate makes the file before SQLite does, or narrows its mode: SQLite
// gives its companions (-wal, -shm) the mode of the database.
func makePrivate(path string) error {
	f, err := os.OpenFile(path, os.O_RDONLY|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open ledger: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("open ledger: %w", err)
	}
	if info.IsDir() {
		return fmt.Errorf("open ledger %s: it is a directory", path)
	}
	if info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	if err := f.Chmod(0o600); err != nil {
		return fmt.Errorf("make ledger private: %w", err)
	}
	return nil
}

// migrate brings the schema up to date. Two processes may start at the same
// moment; the one that comes second fails on what the first has just made, so
// a failure counts only when the schema is still old after several tries.
func (l *Ledger) migrate(ctx context.Context) error {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, l.db, dir, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return l.fail("read migrations", err)
	}
	for try := 1; ; try++ {
		have, want, err := p.GetVersions(ctx)
		if err == nil && have > want {
			return fmt.Errorf("open ledger %s: its version is %d, this dosegate knows %d: use the newer dosegate that wrote it",
				l.path, have, want)
		}
		if err == nil && have == want {
			return nil
		}
		if err == nil {
			_, err = p.Up(ctx)
		}
		if err != nil && try == 5 {
			return l.fail("migrate", err)
		}
	}
}
