package main

import (
	"bytes"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/dosegate/dosegate/plugin/ledger"
)

func TestServeNamesALedgerThatItCannotUse(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(t *testing.T, path string)
		says  string
	}{
		"damaged": {func(t *testing.T, path string) {
			write(t, path, strings.Repeat("no database at all. ", 500))
		}, "is not a ledger, or is damaged"},
		"a folder":     {func(t *testing.T, path string) { must(t, os.Mkdir(path, 0o700)) }, "is a directory"},
		"in no folder": {func(t *testing.T, path string) { must(t, os.RemoveAll(filepath.Dir(path))) }, "no such file or directory"},
		"of a newer dosegate": {func(t *testing.T, path string) {
			l, err := ledger.Open(t.Context(), path, ledger.Options{})
			must(t, err)
			must(t, l.Close())
			sqlite(t, path, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)")
		}, "use the newer dosegate"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t).withKey(t)
			must(t, os.Mkdir(h.path("data"), 0o700))
			h.configure(t, "ledger: sqlite:data/dosegate.db\n")
			c.spoil(t, h.path("data/dosegate.db"))
			before := snapshot(h.path("data/dosegate.db"))
			h.run(t, "serve").want(t, exitFailed, h.path("data/dosegate.db"), c.says)
			if after := snapshot(h.path("data/dosegate.db")); !bytes.Equal(before, after) {
				t.Error("it was changed")
			}
		})
	}
}

// snapshot is what a file holds, nil for what is none.
func snapshot(path string) []byte {
	text, _ := os.ReadFile(path)
	return text
}

// TestAFullDiskIsNamedAndTheReportsStayInOrthanc has the ledger on a small file
// system of its own, which runs full while serve follows the feed.
func TestAFullDiskIsNamedAndTheReportsStayInOrthanc(t *testing.T) {
	h := newFullHouse(t)
	disk := h.path("disk")
	must(t, os.Mkdir(disk, 0o700))
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=2m,mode=700"); err != nil {
		t.Skipf("a file system of its own needs root: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(disk, syscall.MNT_DETACH) })
	h.configure(t, "ledger: sqlite:disk/dosegate.db\n")
	s := h.serve(t)
	ids := h.store(t, "ct-small.dcm", "dx.dcm")
	h.report(t, ids[0], "delivered")
	h.report(t, ids[1], "held")
	ballast := filepath.Join(disk, "ballast")
	f, err := os.Create(ballast)
	must(t, err)
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	must(t, f.Close())
	more := h.store(t, "rf.dcm")
	h.until(t, "the full disk is named", func() bool {
		return strings.Contains(s.log.String(), disk+"/dosegate.db cannot grow, its disk is full")
	})
	if have := h.gateway.Instances(t); len(have) != 3 {
		t.Errorf("Orthanc has %d instances, want 3", len(have))
	}
	if code := s.end(); code != exitDone {
		t.Errorf("serve ended with %d", code)
	}
	h.run(t, "serve").want(t, exitFailed, disk+"/dosegate.db", "disk is full")
	must(t, os.Remove(ballast))
	h.serve(t)
	h.report(t, more[0], "held")
	if have := h.sent(t); len(have) != 1 {
		t.Errorf("the registry has %v", have)
	}
}

// TestALedgerOnAReadOnlyDiskIsNamedAndTheReportsStayInOrthanc has the kernel mount the
// ledger's disk read-only, as it does after errors.
func TestALedgerOnAReadOnlyDiskIsNamedAndTheReportsStayInOrthanc(t *testing.T) {
	h := newFullHouse(t)
	disk := h.path("disk")
	must(t, os.Mkdir(disk, 0o700))
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=8m,mode=700"); err != nil {
		t.Skipf("a file system of its own needs root: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(disk, syscall.MNT_DETACH) })
	h.configure(t, "ledger: sqlite:disk/dosegate.db\n")
	h.serve(t).end()
	ids := h.store(t, "ct-small.dcm", "dx.dcm")
	must(t, syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	h.run(t, "serve").want(t, exitFailed, disk+"/dosegate.db", "read-only")
	if have := h.gateway.Instances(t); len(have) != 2 {
		t.Errorf("Orthanc has %d instances, want 2", len(have))
	}
	must(t, syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT, ""))
	h.serve(t)
	h.report(t, ids[0], "delivered")
	h.report(t, ids[1], "held")
}

// TestALedgerDamagedInsideIsNamedAndTheReportsStayInOrthanc has pages spoiled that a
// start does not need.
func TestALedgerDamagedInsideIsNamedAndTheReportsStayInOrthanc(t *testing.T) {
	h := newFullHouse(t)
	h.configure(t, "holding: {for: 2s}\n")
	h.store(t, "ct-small.dcm", "dx.dcm")
	h.serve(t).end() // whatever it has done by now
	before := h.gateway.Instances(t)
	f, err := os.OpenFile(h.path("dosegate.db"), os.O_RDWR, 0)
	must(t, err)
	info, err := f.Stat()
	must(t, err)
	_, err = f.WriteAt(bytes.Repeat([]byte{0xff}, int(info.Size()-4096)), 4096)
	must(t, errors.Join(err, f.Close()))
	h.run(t, "serve").want(t, exitFailed, h.path("dosegate.db"), "damaged")
	h.run(t, "reports").want(t, exitFailed, h.path("dosegate.db"), "damaged")
	if after := h.gateway.Instances(t); len(after) != len(before) {
		t.Errorf("Orthanc has %d instances, had %d", len(after), len(before))
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// sqlite runs a statement on a file.
func sqlite(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	must(t, err)
	_, err = db.Exec(statement)
	must(t, errors.Join(err, db.Close()))
}
