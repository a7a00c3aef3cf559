package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/postgrestest"
)

const passphrase = "correct horse battery staple"

// reportsOf is what the ledger says, for comparing, but for the attempts that a
// running serve goes on to make.
func (h *house) reportsOf(t *testing.T) string {
	t.Helper()
	var all []string
	for _, r := range h.run(t, "reports", "--json").want(t, exitDone).objects(t) {
		delete(r, "attempts")
		delete(r, "next_attempt_at")
		delete(r, "last_error")
		all = append(all, fmt.Sprint(r))
	}
	return strings.Join(all, "\n")
}

func TestABackupIsRestoredToTheSameLedgerListAndKey(t *testing.T) {
	h := newHouse(t).withKey(t)
	h.withReports(t)
	s := h.serve(t) // a backup is made while serve runs
	write(t, h.path("passphrase"), passphrase+"\n")
	h.run(t, "backup", "--with-key", "--passphrase-file", h.path("passphrase"), h.path("saved")).want(t, exitDone, "holds the site key too")
	if code := s.end(); code != exitDone {
		t.Errorf("serve ended with %d", code)
	}
	for _, file := range []string{backupLedger, backupKey, backupStations, backupManifest} {
		if mode(t, h.path("saved/"+file)) != 0o600 {
			t.Errorf("%s has mode %v", file, mode(t, h.path("saved/"+file)))
		}
		for _, secret := range secrets(t, h.path("key")) {
			if bytes.Contains(read(t, h.path("saved/"+file)), []byte(secret)) {
				t.Errorf("%s shows the key", file)
			}
		}
	}
	before := h.reportsOf(t)
	for name, ledger := range map[string]string{"to a file": "", "to PostgreSQL": "ledger: " + postgrestest.Database(t) + "\n"} {
		t.Run(name, func(t *testing.T) {
			other := newHouse(t)
			other.configure(t, ledger)
			if err := os.Remove(other.path("stations.yaml")); err != nil {
				t.Fatal(err)
			}
			write(t, other.path("wrong"), "not the passphrase")
			other.run(t, "restore", "--passphrase-file", other.path("wrong"), h.path("saved")).want(t, exitFailed, "decrypt the key")
			if exists(other.path("dosegate.db")) || exists(other.path("key")) {
				t.Error("half of it was restored")
			}
			other.run(t, "restore", "--passphrase-file", h.path("passphrase"), h.path("saved")).want(t, exitDone, "is as it was on")
			if after := other.reportsOf(t); after != before {
				t.Errorf("it is\n%s, was\n%s", after, before)
			}
			for _, file := range []string{"key", "stations.yaml"} {
				if !bytes.Equal(read(t, other.path(file)), read(t, h.path(file))) {
					t.Errorf("%s is another one", file)
				}
			}
			again := other.run(t, "restore", "--passphrase-file", h.path("passphrase"), h.path("saved"))
			again.want(t, exitFailed, map[bool]string{true: "is there already", false: "there are reports or settings in it already"}[ledger == ""])
			other.serve(t).end()
			if left, _ := filepath.Glob(other.path("restoring-*")); len(left) > 0 {
				t.Errorf("left over: %v", left)
			}
		})
	}
}

func TestABackupWithoutTheKeySaysSo(t *testing.T) {
	h := newHouse(t).withKey(t)
	h.withReports(t)
	h.run(t, "backup", h.path("saved")).want(t, exitDone, "does not hold the site key", h.path("key"))
	if exists(h.path("saved/" + backupKey)) {
		t.Error("the key is in it")
	}
	h.run(t, "backup", h.path("saved")).want(t, exitUsage, "exists already")
	other := newHouse(t)
	other.run(t, "restore", h.path("saved")).want(t, exitDone, "put your copy at "+other.path("key"))
	if err := os.Remove(other.path("dosegate.db")); err != nil {
		t.Fatal(err)
	}
	other.withKey(t)
	other.stations(t, "stations: []\n")
	other.run(t, "restore", h.path("saved")).want(t, exitDone, "stays as it is")
}

func TestAShortPassphraseIsRefused(t *testing.T) {
	h := newHouse(t).withKey(t)
	h.withReports(t)
	write(t, h.path("passphrase"), "short\n")
	h.run(t, "backup", "--with-key", "--passphrase-file", h.path("passphrase"), h.path("saved")).want(t, exitUsage, "at least 10 characters")
	if exists(h.path("saved")) || exists(h.path("saved.partial")) {
		t.Error("something was made")
	}
}

func TestNothingIsRestoredFromADamagedBackupOrUnderARunningServe(t *testing.T) {
	h := newHouse(t).withKey(t)
	h.withReports(t)
	h.run(t, "backup", h.path("saved")).want(t, exitDone)
	other := newHouse(t)
	other.run(t, "restore", other.dir).want(t, exitFailed, "is no backup")
	s := other.serve(t)
	other.run(t, "restore", h.path("saved")).want(t, exitFailed, "dosegate serve is running", "stop it")
	s.end()
	other = newHouse(t)
	whole := read(t, h.path("saved/"+backupLedger))
	write(t, h.path("saved/"+backupLedger), string(whole[:len(whole)/2]))
	other.run(t, "restore", h.path("saved")).want(t, exitFailed, "is not what was backed up")
	if exists(other.path("dosegate.db")) {
		t.Error("something was restored")
	}
}

func TestHistoryTellsAReportsEvents(t *testing.T) {
	h := newHouse(t).withKey(t)
	l := h.withReports(t)
	r, _, err := l.Lookup(t.Context(), "main", "orthanc-4")
	if err != nil {
		t.Fatal(err)
	}
	said := h.run(t, "history", r.ID).want(t, exitDone, "WHEN (UTC)", "rejected", "registry dir: refused", "deliver", "follow")
	if lines := strings.Count(said.stdout, "\n"); lines != 4 {
		t.Errorf("%d lines for three events:\n%s", lines, said.stdout)
	}
	events := h.run(t, "history", "--json", r.ID).want(t, exitDone).objects(t)
	if len(events) != 3 || events[2]["to"] != "rejected" || events[0]["from"] != "" {
		t.Errorf("events are %v", events)
	}
	for _, e := range events {
		wantKeys(t, e, "id at registry from to why by")
	}
	h.run(t, "history", "nosuch").want(t, exitFailed, "not in the ledger")
}
