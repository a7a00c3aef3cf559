package ledger_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/dosegate/dosegate/plugin/ledger"
)

func TestTheLedgerIsPrivateToItsOwner(t *testing.T) {
	b := newBook(t)
	b.in("queued")
	lock, err := ledger.TakeLock(b.path)
	must(t, err)
	defer lock.Release()
	files, err := filepath.Glob(b.path + "*")
	must(t, err)
	if len(files) != 4 {
		t.Errorf("files: %v, want the database, -wal, -shm and .lock", files)
	}
	for _, name := range files {
		info, err := os.Stat(name)
		must(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %s", filepath.Base(name), info.Mode())
		}
	}
}

func mustPrivate(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("%s has mode %s", filepath.Base(path), info.Mode())
	}
}

func TestALedgerThatOthersMayReadIsMadePrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dosegate.db")
	must(t, os.WriteFile(path, nil, 0o644))
	must(t, os.Chmod(path, 0o644))
	open(t, path, ledger.Options{})
	info, err := os.Stat(path)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %s", info.Mode())
	}
}

func TestAnOddFileNameIsTakenAsItIs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dose gate?mode=ro#%41.db")
	open(t, path, ledger.Options{})
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		t.Errorf("%v, %v", info, err)
	}
}

// mustName checks that an error tells a person which file is the trouble.
func mustName(t *testing.T, err error, path string, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for _, w := range append(words, path) {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q does not say %q", err, w)
		}
	}
}

func TestANewerLedgerIsRefused(t *testing.T) {
	b := newBook(t)
	b.in("queued")
	must(t, b.Close())
	db, err := sql.Open("sqlite", b.path)
	must(t, err)
	_, err = db.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)`)
	must(t, errors.Join(err, db.Close()))
	_, err = ledger.Open(ctx, b.path, ledger.Options{})
	mustName(t, err, b.path, "999", "newer dosegate")
}

func TestADamagedLedgerIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dosegate.db")
	must(t, os.WriteFile(path, []byte(strings.Repeat("no database at all. ", 500)), 0o600))
	_, err := ledger.Open(ctx, path, ledger.Options{})
	mustName(t, err, path, "damaged")
}

func TestALedgerDamagedInsideIsNamed(t *testing.T) {
	b := newBook(t)
	for i := range 200 {
		b.record(b.seen(fmt.Sprint("report", i), ledger.Accepted, "dir"))
	}
	must(t, b.Close())
	f, err := os.OpenFile(b.path, os.O_WRONLY, 0)
	must(t, err)
	info, err := f.Stat()
	must(t, err)
	// Everything after the schema's page.
	_, err = f.WriteAt([]byte(strings.Repeat("\xff", int(info.Size()-4096))), 4096)
	must(t, errors.Join(err, f.Close()))
	l, err := ledger.Open(ctx, b.path, ledger.Options{})
	if err == nil {
		defer l.Close()
		err = l.List(ctx, ledger.Query{}, func(ledger.Row) error { return nil })
	}
	mustName(t, err, b.path, "damaged")
}

func TestAMissingFolderIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing", "dosegate.db")
	_, err := ledger.Open(ctx, path, ledger.Options{})
	mustName(t, err, path)
	_, err = ledger.TakeLock(path)
	mustName(t, err, path)
	_, err = ledger.Open(ctx, filepath.Dir(filepath.Dir(path)), ledger.Options{})
	mustName(t, err, filepath.Dir(filepath.Dir(path)), "directory")
}

func TestAReadOnlyLedgerIsNamed(t *testing.T) {
	b := newBook(t)
	b.in("queued")
	must(t, b.Close())
	must(t, os.Chmod(b.path, 0o400))
	asNobody(t, b.path, func() {
		l, err := ledger.Open(ctx, b.path, ledger.Options{})
		if err == nil {
			defer l.Close()
			err = l.SetPosition(ctx, "gw", ledger.Position{Seq: 9})
		}
		mustName(t, err, b.path, "read-only")
	})
}

// asNobody runs fn without root's right to write everywhere, as the owner of
// the file and its folder.
func asNobody(t *testing.T, path string, fn func()) {
	t.Helper()
	if os.Getuid() != 0 {
		fn()
		return
	}
	const nobody = 65534
	dir := filepath.Dir(path)
	must(t, errors.Join(os.Chown(path, nobody, nobody), os.Chown(dir, nobody, nobody), os.Chmod(filepath.Dir(dir), 0o711)))
	// The file system's user is one of the thread, and gives up root's rights
	// over files as long as it is not root.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	must(t, syscall.Setfsuid(nobody))
	defer syscall.Setfsuid(0)
	fn()
}

func TestAFullDiskIsNamedAndLeavesNoHalfPage(t *testing.T) {
	b := newBook(t)
	b.in("queued")
	must(t, b.FillDisk(ctx))
	page := ledger.Page{}
	for i := range 500 {
		s := b.seen(fmt.Sprint("report", i), ledger.Accepted, "dir")
		page.Reports, page.Seq = append(page.Reports, s), s.Seq
	}
	err := b.Record(ctx, "gw", page)
	mustName(t, err, b.path, "disk is full")
	if rows := b.rows(); len(rows) != 1 {
		t.Errorf("%d rows", len(rows))
	}
	if at, _, _ := b.Position(ctx, "gw"); at.Seq != 1 {
		t.Errorf("position %d", at.Seq)
	}
}

func TestOnlyOneServeHasTheLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dosegate.db")
	first, err := ledger.TakeLock(path)
	must(t, err)
	_, err = ledger.TakeLock(path)
	mustName(t, err, path+".lock", "another dosegate serve")
	if !errors.Is(err, ledger.ErrLocked) {
		t.Errorf("error %v", err)
	}
	must(t, first.Release())
	second, err := ledger.TakeLock(path)
	must(t, err)
	must(t, second.Release())
}

func TestACancelledContextEndsAnOperation(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		cancelled, cancel := context.WithCancel(ctx)
		cancel()
		if err := b.SetPosition(cancelled, "gw", ledger.Position{Seq: 1}); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	})
}

func TestSettingsKeepText(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		if _, ok, err := b.Setting(ctx, "key"); ok || err != nil {
			t.Errorf("before: %v, %v", ok, err)
		}
		must(t, b.SetSetting(ctx, "key", []byte("ab")))
		must(t, b.SetSetting(ctx, "key", []byte("cd")))
		if v, ok, err := b.Setting(ctx, "key"); string(v) != "cd" || !ok || err != nil {
			t.Errorf("after: %q, %v, %v", v, ok, err)
		}
		if err := b.SetSetting(ctx, "key", []byte{0xff}); err == nil {
			t.Error("bytes that are no text were kept")
		}
	})
}
