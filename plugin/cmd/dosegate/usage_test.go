package main

import (
	"strings"
	"testing"
)

func TestWrongUsageExitsWith2AndSaysWhatIsWrong(t *testing.T) {
	h := newHouse(t)
	for _, c := range []struct {
		args string
		says string
	}{
		{"", "name a command"},
		{"nosuch", `unknown command "nosuch"`},
		{"version extra", "unknown command"},
		{"serve", "name the configuration"},
		{"serve --nosuch", "unknown flag: --nosuch"},
		{"check", "name the configuration"},
		{"check -c nosuch.yaml", "nosuch.yaml"},
		{"inspect", "requires at least 1 arg"},
		{"inspect --aet CT x.dcm", "--source, --aet, --called and --origin are for a verdict"},
		{"inspect -c CONFIG --source nosuch x.dcm", `no "nosuch" under orthanc`},
		{"deidentify --key-file k in", "accepts 2 arg"},
		{"deidentify in out", "name the site key"},
		{"deidentify -c CONFIG in out", "there is no key file"},
		{"reports -c CONFIG --state lost", "held, queued, delivered, rejected, expired, withdrawn"},
		{"release -c CONFIG", "either one report by its ID or a station"},
		{"release -c CONFIG --station CT1 ID", "either one report by its ID or a station"},
		{"resend -c CONFIG", "accepts 1 arg"},
		{"discard -c CONFIG ID", "say why with --reason"},
		{"discard -c CONFIG --reason x", "accepts 1 arg"},
		{"key", "new, rotate or show"},
		{"key new", "accepts 1 arg"},
		{"key rotate", "either the key file or the configuration"},
		{"key show -c CONFIG FILE", "either the key file or the configuration"},
		{"healthcheck", "name the configuration"},
	} {
		t.Run(c.args, func(t *testing.T) {
			args := strings.Fields(strings.ReplaceAll(c.args, "CONFIG", h.config))
			dosegate(t, args...).want(t, exitUsage, c.says)
		})
	}
}

func TestABadConfigurationExitsWith2AndNamesKeyAndFile(t *testing.T) {
	for name, c := range map[string]struct{ settings, says string }{
		"unknown key": {"holding: {fro: 3d}\n", "holding.fro"},
		"bad value":   {"holding: {for: soon}\n", "holding.for"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.configure(t, c.settings)
			for _, command := range []string{"serve", "check", "reports", "stations", "healthcheck"} {
				h.run(t, command).want(t, exitUsage, c.says, h.config)
			}
		})
	}
}

func TestWithoutALedgerCommandsSayWhoMakesIt(t *testing.T) {
	h := newHouse(t)
	for _, args := range [][]string{{"reports"}, {"stations"}, {"release", "X"}, {"resend", "X"}, {"discard", "--reason", "r", "X"}} {
		h.run(t, args[0], args[1:]...).want(t, exitFailed, "there is none yet", "dosegate serve")
	}
}

func TestVersionIsOneLine(t *testing.T) {
	if said := dosegate(t, "version").want(t, exitDone, "dosegate ").stdout; strings.Count(said, "\n") != 1 {
		t.Errorf("version says %q", said)
	}
}

func TestHelpNamesEveryCommand(t *testing.T) {
	dosegate(t, "--help").want(t, exitDone, "serve", "check", "inspect", "deidentify", "reports", "stations", "release",
		"resend", "discard", "missing", "key", "healthcheck", "version")
}
