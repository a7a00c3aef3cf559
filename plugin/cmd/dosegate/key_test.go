package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/ledger"
)

func TestKeyNewWritesAPrivateFileOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	dosegate(t, "key", "new", file).want(t, exitDone, "fingerprint")
	if mode(t, file) != 0o600 {
		t.Errorf("mode is %v", mode(t, file))
	}
	before := read(t, file)
	dosegate(t, "key", "new", file).want(t, exitFailed, "never overwritten")
	if !bytes.Equal(read(t, file), before) {
		t.Error("the key was overwritten")
	}
}

// secrets are the words of a key file that nobody may see.
func secrets(t *testing.T, file string) []string {
	t.Helper()
	var all []string
	for line := range strings.Lines(string(read(t, file))) {
		if fields := strings.Fields(line); fields[0] == "dosegate-key" {
			all = append(all, fields[2])
		}
	}
	return all
}

func TestKeyRotateAddsAKeyAndShowTellsNone(t *testing.T) {
	file := newKey(t)
	first := secrets(t, file)
	rotated := dosegate(t, "key", "rotate", file).want(t, exitDone, "It counts for reports that Orthanc receives from")
	shown := dosegate(t, "key", "show", file).want(t, exitDone, "the beginning")
	all := secrets(t, file)
	if len(all) != 2 || all[0] != first[0] {
		t.Fatalf("a ring of %d keys came of rotating one", len(all))
	}
	if lines := strings.Count(shown.stdout, "\n"); lines != 3 {
		t.Errorf("%d lines for two keys:\n%s", lines, shown.stdout)
	}
	for _, secret := range all {
		if strings.Contains(rotated.stdout+rotated.stderr+shown.stdout+shown.stderr, secret) {
			t.Error("a key was shown")
		}
	}
	if mode(t, file) != 0o600 {
		t.Errorf("mode after rotating is %v", mode(t, file))
	}
}

func TestKeyCommandsTakeTheFileOfTheConfiguration(t *testing.T) {
	h := newHouse(t)
	show := []string{"key", "show", "-c", h.config}
	dosegate(t, show...).want(t, exitUsage, "there is no key file", h.path("key"))
	h.withKey(t)
	dosegate(t, "key", "rotate", "-c", h.config).want(t, exitDone, h.path("key"))
	if lines := strings.Count(dosegate(t, show...).want(t, exitDone).stdout, "\n"); lines != 3 {
		t.Errorf("%d lines for two keys", lines)
	}
}

func TestTheKeyIsNotRotatedUnderARunningServe(t *testing.T) {
	h := newHouse(t).withKey(t)
	lock, err := ledger.TakeLock(h.path("dosegate.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Release()
	before := read(t, h.path("key"))
	dosegate(t, "key", "rotate", "-c", h.config).want(t, exitFailed, "dosegate serve is running", "stop it")
	if !bytes.Equal(read(t, h.path("key")), before) {
		t.Error("the key was rotated")
	}
}

func TestADamagedKeyFileIsRefusedWithoutShowingIt(t *testing.T) {
	file := newKey(t)
	secret := secrets(t, file)[0]
	cut := strings.Replace(string(read(t, file)), secret, secret[:20], 1)
	if err := os.WriteFile(file, []byte(cut), 0o600); err != nil {
		t.Fatal(err)
	}
	said := dosegate(t, "key", "show", file).want(t, exitUsage, "32 bytes")
	if strings.Contains(said.stderr, secret[:20]) {
		t.Error("the key was shown")
	}
}
