package deid_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/deid"
)

func TestAKeyFileIsReadBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	ring, err := deid.NewKeyring()
	must(t, err)
	must(t, ring.Save(path, true))
	must(t, ring.Rotate(time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)))
	must(t, ring.Save(path, false))
	again, err := deid.LoadKeyring(path)
	must(t, err)
	if len(again.Keys()) != 2 {
		t.Fatalf("%d keys", len(again.Keys()))
	}
	for i, k := range ring.Keys() {
		if again.Keys()[i].Fingerprint() != k.Fingerprint() || !again.Keys()[i].From.Equal(k.From) {
			t.Errorf("key %d is another one", i)
		}
	}
	info, err := os.Stat(path)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("its mode is %v", info.Mode())
	}
}

func TestAReportUsesTheKeyInForceAtItsReception(t *testing.T) {
	ring, err := deid.NewKeyring()
	must(t, err)
	rotated := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	must(t, ring.Rotate(rotated))
	keys := ring.Keys()
	for at, want := range map[time.Time]deid.Key{{}: keys[0], rotated.Add(-time.Second): keys[0], rotated: keys[1], rotated.AddDate(1, 0, 0): keys[1]} {
		if got := ring.At(at); got.Fingerprint() != want.Fingerprint() {
			t.Errorf("at %v another key is in force", at)
		}
	}
	if err := ring.Rotate(rotated); err == nil {
		t.Error("a key that begins no later is taken")
	}
}

func TestAKeyFileIsRefusedWithAReason(t *testing.T) {
	dir := t.TempDir()
	good := filepath.Join(dir, "good")
	ring, err := deid.NewKeyring()
	must(t, err)
	must(t, ring.Save(good, true))
	text, err := os.ReadFile(good)
	must(t, err)
	secret := string(bytes.Fields(text[bytes.LastIndex(text, []byte("dosegate-key")):])[2])

	if err := ring.Save(good, true); err == nil || !strings.Contains(err.Error(), "never overwritten") {
		t.Errorf("a key is overwritten: %v", err)
	}
	if _, err := deid.LoadKeyring(filepath.Join(dir, "none")); !errors.Is(err, deid.ErrNoKey) {
		t.Errorf("a missing file: %v", err)
	}
	for name, content := range map[string]string{
		"empty": "", "cut": string(text[:len(text)-8]), "short": "dosegate-key - AAAA\n", "words": "secret\n",
		"unsorted": "dosegate-key 2026-01-01T00:00:00Z " + secret + "\ndosegate-key 2025-01-01T00:00:00Z " + secret + "\n",
		"time":     "dosegate-key yesterday " + secret + "\n",
	} {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, []byte(content), 0o600))
		_, err := deid.LoadKeyring(path)
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), secret[:12]) {
			t.Errorf("%s: the error tells the key", name)
		}
	}
	must(t, os.Chmod(good, 0o640))
	if _, err := deid.LoadKeyring(good); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a key that others can read: %v", err)
	}
}
