package config_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/dosegate/dosegate/plugin/config"
)

const samples = "../../orthanc-config"

func TestTheSampleLoads(t *testing.T) {
	c := mustLoad(t, filepath.Join(samples, "dosegate.yaml"), config.Surroundings{Environ: []string{}, SecretsDir: t.TempDir()})
	if c.Orthanc[0].Role != config.Gateway || c.Holding.For.String() != "14d" || len(c.Filter.Exclude) != 2 {
		t.Errorf("loaded %+v", c)
	}
	if _, err := os.Stat(c.StationsFile); err != nil {
		t.Error(err)
	}
}

// commented is a key of the sample that is commented out.
var commented = regexp.MustCompile(`(?m)^(\s*)# ((?:  )*(?:- )?[a-z0-9_]+:(?: .*)?)$`)

func TestTheSampleLoadsWithEverythingThatIsCommentedOut(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(samples, "dosegate.yaml"))
	must(t, err)
	text := commented.ReplaceAllString(string(data), "$1$2")
	text = regexp.MustCompile(`(?m)^ +password: .*$`).ReplaceAllString(text, "") // instead of password_file
	dir := t.TempDir()
	for _, secret := range []string{"orthanc.secret", "dir.secret", "ledger.secret", "token.secret", "id_ed25519", "doorbell.secret", "mail.secret", "webhook-token.secret"} {
		must(t, os.WriteFile(filepath.Join(dir, secret), []byte("invented\n"), 0o600))
	}
	must(t, os.WriteFile(filepath.Join(dir, "webhook.secret"), []byte("https://hook.example/invented\n"), 0o600))
	path := filepath.Join(dir, "dosegate.yaml")
	must(t, os.WriteFile(path, []byte(text), 0o600))
	with := mustLoad(t, path, config.Surroundings{Environ: []string{}, SecretsDir: dir})
	for _, key := range config.Keys() {
		if !shown(with, key) {
			t.Errorf("the sample does not show the key %s", key)
		}
	}
	// What is commented out as a default is the default.
	without := mustLoad(t, filepath.Join(samples, "dosegate.yaml"), config.Surroundings{Environ: []string{}, SecretsDir: dir})
	without.Orthanc[0].Username, without.Orthanc[0].Password = with.Orthanc[0].Username, with.Orthanc[0].Password
	without.Orthanc[0].BrowserURL, without.Orthanc[0].Issuer = with.Orthanc[0].BrowserURL, with.Orthanc[0].Issuer
	without.Registries[0].Username, without.Registries[0].Password = with.Registries[0].Username, with.Registries[0].Password
	without.LedgerPassword, without.Doorbell.Token = with.LedgerPassword, with.Doorbell.Token
	with.Registries, with.Routes, with.Senders = with.Registries[:1], nil, nil // the others are other ways
	if n := with.Notify; n.Weekly != without.Notify.Weekly || n.ExpiresIn != without.Notify.ExpiresIn || n.Mail.TLS != without.Notify.Mail.TLS || n.Webhook.AllowHTTP {
		t.Errorf("not the defaults: %+v", n)
	}
	with.Notify = without.Notify
	without.Web.Prefix, without.Web.Hosts = with.Web.Prefix, with.Web.Hosts
	with.Web.CertificateFile, with.Web.CertificateKeyFile = "", ""
	if a, b := asYAML(t, without, samples), asYAML(t, with, dir); a != b {
		t.Errorf("without the comments it is\n%s\nwith them\n%s", a, b)
	}
}

// shown reports whether the file has a key, in any entry of a list.
func shown(c *config.Config, key string) bool {
	names := []string{"main"}
	for _, r := range c.Registries {
		names = append(names, r.Name)
	}
	for _, name := range names {
		if c.Origin(strings.ReplaceAll(key, "*", name)).Place == config.FromFile {
			return true
		}
	}
	return false
}

// asYAML writes a configuration down, with paths as they would be in dir.
func asYAML(t *testing.T, c *config.Config, dir string) string {
	t.Helper()
	data, err := yaml.Marshal(c)
	must(t, err)
	dir, err = filepath.Abs(dir)
	must(t, err)
	return strings.ReplaceAll(string(data), dir, "")
}

func TestTheSampleOfStationsIsYAML(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(samples, "stations.yaml"))
	must(t, err)
	var list struct{ Stations []map[string]any }
	must(t, yaml.Unmarshal(data, &list))
	if len(list.Stations) != 6 {
		t.Errorf("%d stations", len(list.Stations))
	}
}
