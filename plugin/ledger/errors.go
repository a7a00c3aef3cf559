package ledger

import (
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

var (
	// ErrConflict means that the report or delivery is not, or no longer, in a
	// state that the operation may start from. Nothing was written. A loop
	// leaves it: somebody else was quicker, and the next look finds out.
	ErrConflict = errors.New("not possible in its present state")

	// ErrNotFound means that the ledger has no such report or delivery.
	ErrNotFound = errors.New("not in the ledger")

	// ErrLocked means that another serve holds the ledger.
	ErrLocked = errors.New("locked by another dosegate serve")
)

// trouble says in words what an error of the database file means to the person
// who has to mend it.
var trouble = map[int]string{
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

// fail is the border that every error passes on its way out: it says what was
// tried, and names the file when the file is the trouble.
func (l *Ledger) fail(op string, err error) error {
	if err == nil {
		return nil
	}
	var broken *sqlite.Error
	if !errors.As(err, &broken) {
		return fmt.Errorf("%s: %w", op, err)
	}
	// The low byte of an extended result code is the primary one.
	if words, ok := trouble[broken.Code()&0xff]; ok {
		return fmt.Errorf("%s: ledger %s %s: %w", op, l.path, words, err)
	}
	return fmt.Errorf("%s: ledger %s: %w", op, l.path, err)
}
