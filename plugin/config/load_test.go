package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/config"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func mustLoad(t testing.TB, path string, s config.Surroundings) *config.Config {
	t.Helper()
	c, err := config.Load(path, s)
	must(t, err)
	return c
}

// minimal is the shortest file that is accepted.
const minimal = `
orthanc:
  - {name: main, url: "http://127.0.0.1:8042", role: gateway}
registries:
  - {name: dir, stow: "https://registry.example/dicom-web/studies"}
`

// site is a folder with a configuration and what surrounds it.
type site struct {
	t       *testing.T
	dir     string
	environ []string
}

func newSite(t *testing.T, yaml string) *site {
	t.Helper()
	s := &site{t: t, dir: t.TempDir(), environ: []string{"HOME=/nowhere", "DOSEGATE_OTHER=1"}}
	must(t, os.Mkdir(filepath.Join(s.dir, "secrets"), 0o700))
	s.write("dosegate.yaml", yaml)
	return s
}

func (s *site) write(name, text string) {
	s.t.Helper()
	must(s.t, os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600))
}

func (s *site) path(name string) string { return filepath.Join(s.dir, name) }

func (s *site) load() (*config.Config, error) {
	return config.Load(s.path("dosegate.yaml"), config.Surroundings{Environ: s.environ, SecretsDir: s.path("secrets")})
}

func (s *site) mustLoad() *config.Config {
	s.t.Helper()
	c, err := s.load()
	must(s.t, err)
	return c
}

func TestTheShortestFileHasTheDocumentedDefaults(t *testing.T) {
	s := newSite(t, minimal)
	c := s.mustLoad()
	src := c.Orthanc[0]
	for what, ok := range map[string]bool{
		"since":           src.Since == config.SinceAll,
		"marks":           src.Marks == config.MarksMetadataAndLabels,
		"poll":            time.Duration(src.Poll) == time.Second,
		"browser_url":     src.BrowserURL == src.URL,
		"templates":       slices.Equal(c.Filter.Templates, []string{"10001", "10011", "10021", "10040"}),
		"stations_file":   c.StationsFile == s.path("stations.yaml"),
		"profile":         c.Deidentify.Profile == "registry" && c.Deidentify.Dates == "full",
		"key_file":        c.Deidentify.KeyFile == s.path("key"),
		"characteristics": slices.Equal(c.Deidentify.Retain.PatientCharacteristics, []string{"sex", "age", "size", "weight"}),
		"retain":          c.Deidentify.Retain.DeviceIdentity && !c.Deidentify.Retain.InstitutionIdentity && !c.Deidentify.Retain.UIDs,
		"oldest_age":      c.Deidentify.OldestAge == 89,
		"for":             time.Duration(c.Holding.For) == 14*24*time.Hour,
		"delivered":       c.Holding.Delivered == 0,
		"ledger":          c.LedgerAddress() == s.path("dosegate.db"),
		"listen":          c.Web.Listen == "127.0.0.1:8480",
		"users_file":      c.Web.UsersFile == s.path("users.yaml") && c.Web.CertificateFile == "",
		"log":             c.Log == config.Log{Format: "text", Level: "info"},
		"allow_http":      !c.Registries[0].AllowHTTP,
		"file":            c.File() == s.path("dosegate.yaml"),
		"origin":          c.Origin("holding.for").Place == config.FromDefault,
	} {
		if !ok {
			t.Errorf("%s is not its default: %+v", what, c)
		}
	}
}

func TestAnArchiveIsLeftAloneByDefault(t *testing.T) {
	c := newSite(t, strings.Replace(minimal, "gateway", "archive", 1)).mustLoad()
	if src := c.Orthanc[0]; src.Since != config.SinceNow || src.Marks != config.MarksNone {
		t.Errorf("since %s, marks %s", src.Since, src.Marks)
	}
}

func TestAListInTheFileReplacesTheDefault(t *testing.T) {
	c := newSite(t, minimal+"filter: {templates: ['10011']}\ndeidentify: {retain: {patient_characteristics: []}}\n").mustLoad()
	if !slices.Equal(c.Filter.Templates, []string{"10011"}) || len(c.Deidentify.Retain.PatientCharacteristics) != 0 {
		t.Errorf("templates %q, kept %q", c.Filter.Templates, c.Deidentify.Retain.PatientCharacteristics)
	}
}

func TestScalarsAreTakenAsTheyAreWritten(t *testing.T) {
	c := newSite(t, strings.Replace(minimal, "studies\"}", "studies\", username: 007, password: 0123}", 1)).mustLoad()
	if r := c.Registries[0]; r.Username != "007" || r.Password.Reveal() != "0123" {
		t.Errorf("username %s, password %s", r.Username, r.Password.Reveal())
	}
}

func TestPathsAreRelativeToTheFile(t *testing.T) {
	s := newSite(t, minimal+"stations_file: a/s.yaml\nledger: sqlite:/var/lib/d.db\ndeidentify: {key_file: ../key}\n")
	c := s.mustLoad()
	if c.StationsFile != s.path("a/s.yaml") || c.LedgerAddress() != "/var/lib/d.db" || c.Deidentify.KeyFile != filepath.Join(filepath.Dir(s.dir), "key") {
		t.Errorf("%s, %s, %s", c.StationsFile, c.LedgerAddress(), c.Deidentify.KeyFile)
	}
}

func TestTheEnvironmentWinsOverTheFile(t *testing.T) {
	s := newSite(t, minimal+"holding: {for: 10d}\n")
	s.environ = append(s.environ,
		"DOSEGATE__HOLDING__FOR=30d",
		"DOSEGATE__ORTHANC__MAIN__URL=http://orthanc:8042",
		"DOSEGATE__DEIDENTIFY__RETAIN__PATIENT_CHARACTERISTICS=sex, age",
		"DOSEGATE__FILTER__TEMPLATES=[\"10011\"]",
		"DOSEGATE__FILTER__EXCLUDE=[{patient_id: 'QA*'}]",
		"DOSEGATE__DEIDENTIFY__OLDEST_AGE=80",
		"DOSEGATE__REGISTRIES__DIR__ALLOW_HTTP=true",
		"DOSEGATE__LOG__FORMAT=json",
	)
	c := s.mustLoad()
	got := fmt.Sprintln(c.Holding.For, c.Orthanc[0].URL, c.Deidentify.Retain.PatientCharacteristics, c.Filter.Templates,
		c.Filter.Exclude, c.Deidentify.OldestAge, c.Registries[0].AllowHTTP, c.Log.Format)
	if want := "30d http://orthanc:8042 [sex age] [10011] [{QA* }] 80 true json\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if o := c.Origin("holding.for"); o != (config.Origin{Place: config.FromEnvironment, Name: "DOSEGATE__HOLDING__FOR"}) {
		t.Errorf("origin %+v", o)
	}
	if o := c.Origin("orthanc.main.role"); o.Place != config.FromFile || o.Line != 3 || o.Name != s.path("dosegate.yaml") {
		t.Errorf("origin %+v", o)
	}
}

func TestTheNearestSecretWins(t *testing.T) {
	yaml := strings.Replace(minimal, "studies\"}", "studies\", username: site, password_file: dir.secret}", 1)
	s := newSite(t, yaml)
	check := func(want string, place config.Place, name string) {
		t.Helper()
		c := s.mustLoad()
		if got := c.Registries[0].Password.Reveal(); got != want {
			t.Errorf("password %q, want %q", got, want)
		}
		if o := c.Origin("registries.dir.password"); o.Place != place || o.Name != name {
			t.Errorf("origin %+v", o)
		}
	}
	s.write("dir.secret", "from the file\r\n")
	check("from the file", config.FromFile, s.path("dosegate.yaml"))
	s.write("secrets/DOSEGATE__REGISTRIES__DIR__PASSWORD", "from the run secret\n")
	must(t, os.Remove(s.path("dir.secret"))) // what is not needed may be missing
	check("from the run secret", config.FromRunSecret, s.path("secrets/DOSEGATE__REGISTRIES__DIR__PASSWORD"))
	s.write("other.secret", "from the variable's file")
	s.environ = append(s.environ, "DOSEGATE__REGISTRIES__DIR__PASSWORD_SECRET="+s.path("other.secret"))
	check("from the variable's file", config.FromSecretFile, "DOSEGATE__REGISTRIES__DIR__PASSWORD_SECRET")
	s.environ = append(s.environ, "DOSEGATE__REGISTRIES__DIR__PASSWORD=from the variable")
	check("from the variable", config.FromEnvironment, "DOSEGATE__REGISTRIES__DIR__PASSWORD")
}

func TestEntriesAreMeantByNameInTheEnvironment(t *testing.T) {
	s := newSite(t, strings.Replace(minimal, "name: dir", "name: Dose-Index", 1))
	s.environ = append(s.environ, "DOSEGATE__REGISTRIES__DOSE_INDEX__STOW=https://other.example/studies")
	if c := s.mustLoad(); c.Registries[0].STOW != "https://other.example/studies" || c.Registries[0].Name != "Dose-Index" {
		t.Errorf("%+v", c.Registries[0])
	}
}

func TestEntriesKeepTheOrderOfTheFile(t *testing.T) {
	s := newSite(t, minimal+"  - {name: beta, stow: \"https://b.example/studies\"}\n  - {name: alpha, stow: \"https://a.example/studies\"}\n")
	var names []string
	for _, r := range s.mustLoad().Registries {
		names = append(names, r.Name)
	}
	if !slices.Equal(names, []string{"dir", "beta", "alpha"}) {
		t.Errorf("names %v", names)
	}
}
