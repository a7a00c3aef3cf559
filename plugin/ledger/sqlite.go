package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite" // the database driver
	sqlite3 "modernc.org/sqlite/lib"
)

// sqliteFile is a ledger in a file of this machine.
type sqliteFile struct{ path string }

func newSQLite(path string) (name string, k kind, err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return "", nil, fmt.Errorf("find ledger %s: %w", path, err)
	}
	return path, sqliteFile{path}, makePrivate(path)
}

func (f sqliteFile) open() (db, writer *sql.DB, err error) {
	if db, err = sql.Open("sqlite", f.dsn(patience)); err != nil {
		return nil, nil, err
	}
	if writer, err = sql.Open("sqlite", f.dsn(0)); err != nil {
		return nil, nil, err
	}
	db.SetMaxOpenConns(8)
	db.SetMaxIdleConns(8) // opening a connection runs the pragmas again
	writer.SetMaxOpenConns(1)
	return db, writer, nil
}

// dsn asks for a write-ahead log, so that commands may read while serve writes;
// for a full sync of every commit, since a change that the feed has moved past
// must survive a power cut; and for transactions that take the write lock at
// their start, because one that reads first and then finds another writer
// would fail instead of waiting.
func (f sqliteFile) dsn(wait time.Duration) string {
	q := url.Values{
		"_txlock": {"immediate"},
		"_pragma": {
			fmt.Sprintf("busy_timeout(%d)", wait.Milliseconds()),
			"journal_mode(WAL)",
			"synchronous(FULL)",
			"foreign_keys(1)",
		},
	}
	return "file:" + (&url.URL{Path: f.path}).EscapedPath() + "?" + q.Encode()
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

func (f sqliteFile) provider(db *sql.DB, migrations fs.FS) (*goose.Provider, error) {
	return goose.NewProvider(goose.DialectSQLite3, db, migrations, goose.WithDisableGlobalRegistry(true))
}

// begin waits for its turn among processes. SQLite's own waiting ends up looking
// ten times a second, and starves beside a serve that writes one transaction
// after the other; this looks often enough to find the gaps.
func (f sqliteFile) begin(ctx context.Context, writer *sql.DB) (*sql.Tx, error) {
	for deadline := time.Now().Add(patience); ; {
		tx, err := writer.BeginTx(ctx, nil)
		var busy *sqlite.Error
		if !errors.As(err, &busy) || busy.Code()&0xff != sqlite3.SQLITE_BUSY || time.Now().After(deadline) {
			return tx, err
		}
		select {
		case <-time.After(rand.N(4 * time.Millisecond)):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (f sqliteFile) moment(ctx context.Context, db *sql.DB) (*sql.Tx, error) {
	return db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
}

// bound is none: a file that does not answer is a disk that is broken, and says
// so by itself.
func (f sqliteFile) bound() time.Duration { return 0 }

// sqliteTrouble is by SQLite's primary result codes.
var sqliteTrouble = map[int]string{
	sqlite3.SQLITE_FULL:     "cannot grow, its disk is full",
	sqlite3.SQLITE_READONLY: "cannot be written: it, its -wal or -shm file, or its folder is read-only",
	sqlite3.SQLITE_CANTOPEN: "cannot be opened, see to its folder and owner",
	sqlite3.SQLITE_PERM:     "cannot be opened, see to its owner and mode",
	sqlite3.SQLITE_NOTADB:   "is not a ledger, or is damaged",
	sqlite3.SQLITE_CORRUPT:  "is damaged",
	sqlite3.SQLITE_IOERR:    "cannot be read or written, see to its disk",
	sqlite3.SQLITE_BUSY:     "is kept locked by another process",
	sqlite3.SQLITE_LOCKED:   "is kept locked by another process",
}

func (f sqliteFile) noTable(err error) bool {
	// SQLite has one number for every mistake in a statement; this one is right.
	var broken *sqlite.Error
	return errors.As(err, &broken) && broken.Code()&0xff == sqlite3.SQLITE_ERROR
}

func (f sqliteFile) trouble(err error) string {
	var broken *sqlite.Error
	if !errors.As(err, &broken) {
		return ""
	}
	// The low byte of an extended result code is the primary one.
	if words, ok := sqliteTrouble[broken.Code()&0xff]; ok {
		return words
	}
	return "refuses"
}
