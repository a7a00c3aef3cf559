package config_test

import (
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/config"
)

func TestSettingsTellEveryKeyWithItsOriginAndNoSecret(t *testing.T) {
	s := newSite(t, strings.Replace(minimal, "studies\"}", "studies\", username: u, password: sesame-open, headers: ['X-Api-Key: sesame'], proxy: 'http://us:sesame@proxy.example:3128'}", 1)+
		"holding: {for: 3d}\nfilter: {exclude: [{patient_id: 'QA*'}]}\nsenders: [{name: rdim, called: RDIM}]\n")
	s.environ = []string{"DOSEGATE__LOG__LEVEL=warn"}
	found := map[string]config.Setting{}
	for _, one := range s.mustLoad().Settings() {
		found[one.Key] = one
		if strings.Contains(one.Value, "sesame") {
			t.Errorf("%s shows its secret", one.Key)
		}
	}
	for _, key := range config.Keys() {
		key = strings.NewReplacer("orthanc.*", "orthanc.main", "registries.*", "registries.dir", "senders.*", "senders.rdim").Replace(key)
		if _, ok := found[key]; !ok && !strings.Contains(key, "exclude") {
			t.Errorf("%s is missing", key)
		}
	}
	for key, want := range map[string][2]string{
		"holding.for":             {"3d", ":6"},
		"log.level":               {"warn", "DOSEGATE__LOG__LEVEL"},
		"web.listen":              {"127.0.0.1:8480", "default"},
		"registries.dir.password": {"set, not shown", ":5"},
		"orthanc.main.password":   {"not set", "default"},
		"filter.templates":        {"10001, 10011, 10021, 10040", "default"},
		"registries.dir.headers":  {"X-Api-Key: not shown", ":5"},
		"registries.dir.proxy":    {"http://us:xxxxx@proxy.example:3128", ":5"},
		"registries.dir.at_once":  {"4", "default"},
		"deidentify.retain.uids":  {"false", "default"},
		"filter.exclude":          {`patient_id: "QA*", study_description: ""`, ":7"},
		"registries.dir.stow":     {"https://registry.example/dicom-web/studies", ":5"},
	} {
		if one := found[key]; one.Value != want[0] || !strings.HasSuffix(one.Origin.String(), want[1]) {
			t.Errorf("%s is %q from %s, want %q", key, one.Value, one.Origin, want)
		}
	}
}
