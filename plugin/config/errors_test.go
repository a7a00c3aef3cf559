package config_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/config"
)

// at gives the minimal file with one text replaced.
func at(old, new string) string { return strings.Replace(minimal, old, new, 1) }

func TestAMistakeInTheFileIsNamedWithKeyAndLine(t *testing.T) {
	for name, c := range map[string]struct{ yaml, want string }{
		"unknown key":          {minimal + "holdin: {for: 1d}\n", `dosegate.yaml:6: holdin: unknown key, did you mean "holding"?`},
		"unknown nested key":   {minimal + "holding:\n  fro: 1d\n", `:7: holding.fro: unknown key, did you mean "for"?`},
		"unknown entry key":    {at("role:", "roll:"), `:3: orthanc.main.roll: unknown key, did you mean "role"?`},
		"far from any key":     {minimal + "kubernetes: 1\n", ":6: kubernetes: unknown key"},
		"other kind of home":   {at("stow:", "mailbox:"), ":5: registries.dir.mailbox: unknown key"},
		"two homes":            {at("stow:", "folder: outbox, stow:"), ":5: registries.dir.folder: must not be given beside stow"},
		"out of the house":     {at("stow:", "deidentify: none, stow:"), ":5: registries.dir.deidentify: must not be none"},
		"odd place for it":     {at("stow:", "facility_attribute: header, stow:"), `:5: registries.dir.facility_attribute: "header" is not one of clinical_trial_site_id`},
		"facility as it is":    {at("stow:", "inside: true, deidentify: none, facility_attribute: clinical_trial_site_id, stow:"), "facility_attribute: must not be given beside deidentify: none"},
		"another's key":        {at("stow:", "host_key: invented, stow:"), ":5: registries.dir.host_key: is not for a registry of the kind stow"},
		"half of what we show": {at("stow:", "certificate_file: site.pem, stow:"), ":5: registries.dir.certificate_file: must be given with certificate_key_file"},
		"half of oauth2":       {at("stow:", "oauth2: {token_url: \"https://a.example/token\"}, stow:"), "registries.dir.oauth2.client_id: must be given"},
		"header of no value":   {at("stow:", "headers: [X-Site], stow:"), ":5: registries.dir.headers: must each be of the form"},
		"via nobody":           {at("stow: \"https://registry.example/dicom-web/studies\"", "dimse: REGISTRY, via: other"), `:5: registries.dir.via: "other" is not one of main`},
		"sender of all":        {minimal + "senders: [{name: rdim}]\n", "senders.rdim.aet: must be given, or one of called, origin and source"},
		"no pattern":           {minimal + "senders: [{name: rdim, aet: 'CT['}]\n", "senders.rdim.aet: is no pattern"},
		"nor to exclude":       {minimal + "filter: {exclude: [{patient_id: 'QA\\'}]}\n", ":6: filter.exclude[0].patient_id: is no pattern"},
		"odd origin":           {minimal + "senders: [{name: rdim, origin: Fax}]\n", `senders.rdim.origin: "Fax" is not one of DicomProtocol`},
		"no such sender":       {minimal + "routes: [{sender: rdim, registries: [dir]}]\n", `routes[0].sender: "rdim" is not one of`},
		"no role":              {at(", role: gateway", ""), "orthanc.main.role: must be given: gateway"},
		"other role":           {at("gateway", "router"), `:3: orthanc.main.role: "router" is not one of gateway, archive`},
		"no source":            {at(`{name: main, url: "http://127.0.0.1:8042", role: gateway}`, ""), "orthanc[0]: has no name"},
		"no registry":          {"orthanc:\n  - {name: main, url: \"http://127.0.0.1:8042\", role: gateway}\n", "registries: must be given"},
		"no name":              {at("name: main, ", ""), ":3: orthanc[0]: has no name"},
		"odd name":             {at("name: main", "name: a.b"), ":3: orthanc[0].name: \"a.b\" must be"},
		"name twice":           {minimal + "  - {name: DIR, stow: \"https://a.example/studies\"}\n", `:6: registries[1].name: "DIR" is there already`},
		"key twice":            {minimal + "log: {level: info, level: debug}\n", ":6: log.level: is given twice"},
		"secret twice":         {at("role:", "username: u, password: a, password_file: b, role:"), ":3: orthanc.main.password_file: is given twice"},
		"bad duration":         {minimal + "holding: {for: 2 weeks}\n", `:6: holding.for: "2 weeks" is not a time span such as 14d`},
		"no duration":          {minimal + "holding: {for: 0s}\n", ":6: holding.for: must be at least 1s"},
		"endless duration":     {minimal + "holding: {for: 99999999999999999999d}\n", "hundred years"},
		"delivered at once":    {minimal + "holding: {delivered: 0s}\n", "holding.delivered"},
		"delay in words":       {at("stow:", "deliver_after: a week, stow:"), `:5: registries.dir.deliver_after: "a week" is neither a time span such as 1d nor two such as 1d..7d`},
		"delay backwards":      {at("stow:", "deliver_after: 7d..1d, stow:"), `registries.dir.deliver_after: "7d..1d" ends before it begins: write it as 1d..7d`},
		"fast poll":            {at("role:", "poll: 0s, role:"), "orthanc.main.poll: must be at least 1s"},
		"bad since":            {at("role:", "since: 31.1.2026, role:"), "orthanc.main.since: \"31.1.2026\" is neither all, nor now, nor a date"},
		"bad marks":            {at("role:", "marks: labels, role:"), "orthanc.main.marks: \"labels\" is not one of none, metadata, metadata+labels"},
		"http registry":        {at("https://registry", "http://registry"), ":5: registries.dir.stow: must be https"},
		"no address":           {at("https://registry.example/dicom-web/studies", "registry.example"), "registries.dir.stow: is not an http or https address"},
		"missing address":      {at(`, stow: "https://registry.example/dicom-web/studies"`, ""), "registries.dir.stow: must be given"},
		"query":                {at("/studies", "/studies?site=1"), "must not have a query"},
		"half a login":         {at("role:", "username: u, role:"), "orthanc.main.password: must be given with the username"},
		"other half":           {at("role:", "password: p, role:"), "orthanc.main.username: must be given with the password"},
		"colon in username":    {at("role:", "username: 'u:v', password: p, role:"), "orthanc.main.username: must not have a colon"},
		"unknown template":     {minimal + "filter: {templates: ['10012']}\n", `:6: filter.templates: "10012" is not one of 10001`},
		"no template":          {minimal + "filter: {templates: []}\n", "filter.templates: must name at least one"},
		"exclude typo":         {minimal + "filter: {exclude: [{patientid: 'QA*'}]}\n", `:6: filter.exclude[0].patientid: unknown key, did you mean "patient_id"?`},
		"exclude nothing":      {minimal + "filter: {exclude: [{}]}\n", "filter.exclude[0]: must have a pattern"},
		"profile":              {minimal + "deidentify: {profile: none}\n", `"none" is not one of registry, strict`},
		"dates":                {minimal + "deidentify: {dates: shifted}\n", `deidentify.dates: "shifted" is not one of full, modified, year, removed`},
		"uids":                 {minimal + "deidentify: {retain: {uids: true}}\n", ":6: deidentify.retain.uids: must be false"},
		"characteristics":      {minimal + "deidentify: {retain: {patient_characteristics: [name]}}\n", `"name" is not one of sex, age, size, weight`},
		"oldest age":           {minimal + "deidentify: {oldest_age: 121}\n", "deidentify.oldest_age: must be from 1 to 120"},
		"age in words":         {minimal + "deidentify: {oldest_age: old}\n", `"old" is not a whole number`},
		"no bool":              {at("stow:", "allow_http: yes, stow:"), `registries.dir.allow_http: "yes" is neither true nor false`},
		"other ledger":         {minimal + "ledger: dosegate.db\n", "ledger: must be sqlite: and a path"},
		"password in query":    {minimal + "ledger: postgres://db/x?password=sesame\n", "ledger: must not have a password behind the question mark"},
		"odd login":            {minimal + "ledger: postgres://u:ses/ame@db/x\n", "ledger: has a login with a / or a ? in it"},
		"listen":               {minimal + "web: {listen: 8480}\n", `web.listen: "8480" must be host:port`},
		"prefix":               {minimal + "web: {prefix: dosegate/}\n", `:6: web.prefix: "dosegate/" must be a path such as /dosegate`},
		"host with a port":     {minimal + "web: {hosts: ['dose.example:443']}\n", `web.hosts: "dose.example:443" must be the name of a host`},
		"mail to nobody":       {minimal + "notify: {mail: {server: 'smtp.example:25', from: a@b.example}}\n", "notify.mail.to: must be given"},
		"mail to a name":       {minimal + "notify: {mail: {server: 'smtp.example:25', from: a@b.example, to: ['PACS <c@d.example>']}}\n", ":6: notify.mail.to: \"PACS <c@d.example>\" must be an address"},
		"mail by no server":    {minimal + "notify: {mail: {from: a@b.example, to: [c@d.example]}}\n", `notify.mail.server: "" must be host:port`},
		"mail in clear":        {minimal + "notify: {mail: {server: 'smtp.example:25', tls: none, username: u, password: p, from: a@b.example, to: [c@d.example]}}\n", "notify.mail.tls: must not be none with a username"},
		"half a mail login":    {minimal + "notify: {mail: {server: 'smtp.example:25', username: u, from: a@b.example, to: [c@d.example]}}\n", "notify.mail.username: must be given with the password"},
		"lines in the site":    {minimal + "notify: {site: \"a\\nBcc: b\"}\n", "notify.site: must be of at most 64 printable"},
		"webhook in clear":     {minimal + "notify: {webhook: {url: 'http://hook.example/sesame'}}\n", ":6: notify.webhook.url: must be https"},
		"token to nobody":      {minimal + "notify: {webhook: {token: t}}\n", "notify.webhook.url: must be given with the token"},
		"half a certificate":   {minimal + "web: {certificate_file: a.pem}\n", "web.certificate_file: and certificate_key_file must be given together"},
		"log":                  {minimal + "log: {format: xml}\n", `log.format: "xml" is not one of text, json`},
		"group as value":       {minimal + "holding: 14d\n", ":6: holding: must have keys below it: for, delivered"},
		"value as group":       {minimal + "ledger: {sqlite: a}\n", "ledger: must be a single value"},
		"list as value":        {minimal + "filter: {templates: '10011'}\n", "filter.templates: must be a list"},
		"entries as a group":   {"orthanc: {name: main}\n", "orthanc: must be a list"},
		"alias":                {strings.Replace(at("name: main", "name: &a main"), "name: dir", "name: dir, username: *a", 1), "YAML aliases are not supported"},
		"no YAML":              {"orthanc: [\n", "dosegate.yaml"},
		"no mapping":           {"- a\n", "must have keys below it"},
		"missing secret file":  {at("role:", "username: u, password_file: no.secret, role:"), "no.secret: no such file or directory"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, c.yaml)
			_, err := s.load()
			mustSay(t, err, c.want, s.path("dosegate.yaml"))
		})
	}
}

func mustSay(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q does not say %q", err, w)
		}
	}
}

func TestAllMistakesAreToldAtOnce(t *testing.T) {
	_, err := newSite(t, at("gateway", "router")+"log: {format: xml}\nweb: {listen: x}\n").load()
	mustSay(t, err, "orthanc.main.role", "log.format", "web.listen")
	if n := strings.Count(err.Error(), "\n"); n != 2 {
		t.Errorf("%d lines:\n%v", n+1, err)
	}
}

func TestAMistakeInTheEnvironmentNamesTheVariable(t *testing.T) {
	for name, c := range map[string]struct{ variable, want string }{
		"unknown key":        {"DOSEGATE__HOLDING__FRO=1d", `DOSEGATE__HOLDING__FRO: unknown key holding.fro, did you mean "for"?`},
		"unknown entry":      {"DOSEGATE__REGISTRIES__DIRR__STOW=x", `the file has no entry of that name in registries: DIRR, did you mean "dir"?`},
		"bad value":          {"DOSEGATE__HOLDING__FOR=soon", `DOSEGATE__HOLDING__FOR: holding.for: "soon" is not a time span`},
		"value not allowed":  {"DOSEGATE__LOG__LEVEL=loud", `DOSEGATE__LOG__LEVEL: log.level: "loud" is not one of`},
		"below a value":      {"DOSEGATE__LEDGER__PATH=x", "ledger has no keys below it"},
		"a group":            {"DOSEGATE__HOLDING=14d", "holding: cannot be set as a whole"},
		"a list of entries":  {"DOSEGATE__REGISTRIES=[]", "registries: cannot be set as a whole"},
		"no list":            {"DOSEGATE__FILTER__EXCLUDE=QA*", "filter.exclude: must be a list"},
		"file of a secret":   {"DOSEGATE__REGISTRIES__DIR__PASSWORD_FILE=/x", "given as PASSWORD_SECRET"},
		"secret of no such":  {"DOSEGATE__LEDGER_SECRET=/x", "ledger is not a secret: set DOSEGATE__LEDGER instead"},
		"secret that is not": {"DOSEGATE__REGISTRIES__DIR__PASSWORD_SECRET=/nowhere/x", "DOSEGATE__REGISTRIES__DIR__PASSWORD_SECRET: registries.dir.password: read secret file /nowhere/x: no such file"},
		"renamed entry":      {"DOSEGATE__REGISTRIES__DIR__NAME=other", "registries.dir.name: cannot be set"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, at("studies\"}", "studies\", username: u, password: p}"))
			s.environ = append(s.environ, c.variable)
			_, err := s.load()
			mustSay(t, err, c.want)
		})
	}
}

func TestARunSecretOfAnUnknownKeyIsNamed(t *testing.T) {
	s := newSite(t, minimal)
	s.write("secrets/DOSEGATE__REGISTRIES__DIR__PASWORD", "x")
	s.write("secrets/other", "of another program")
	_, err := s.load()
	mustSay(t, err, s.path("secrets/DOSEGATE__REGISTRIES__DIR__PASWORD"), `did you mean "password"?`)
}

func TestAnEmptySecretFileIsAnError(t *testing.T) {
	s := newSite(t, at("role:", "username: u, password_file: p.secret, role:"))
	s.write("p.secret", "\n")
	_, err := s.load()
	mustSay(t, err, "orthanc.main.password", s.path("p.secret"), "empty")
}

func TestAMissingFileIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dosegate.yaml")
	_, err := config.Load(path, config.Surroundings{})
	mustSay(t, err, path, "no such file")
}

func TestHTTPIsForLoopbackOrByPermission(t *testing.T) {
	for _, address := range []string{"http://127.0.0.1:8043/studies", "http://localhost/studies", "http://[::1]:80/studies"} {
		newSite(t, at("https://registry.example/dicom-web/studies", address)).mustLoad()
	}
	newSite(t, at(`stow: "https:`, `allow_http: true, stow: "http:`)).mustLoad()
	for _, address := range []string{"http://127.0.0.1.example/studies", "http://localhost.example/studies"} {
		_, err := newSite(t, at("https://registry.example/dicom-web/studies", address)).load()
		mustSay(t, err, "must be https", "allow_http")
	}
}

func TestAnAddressWithALoginIsRefusedAndNotRepeated(t *testing.T) {
	for _, address := range []string{"https://site:hunter2@registry.example/studies", "https://site:hunter2@registry.example:port/"} {
		for _, key := range []string{"http://127.0.0.1:8042", "https://registry.example/dicom-web/studies"} {
			_, err := newSite(t, at(key, address)).load()
			if err == nil || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("error %v", err)
			}
		}
	}
}
