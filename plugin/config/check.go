package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// checker collects what is wrong with the values.
type checker struct {
	c        *Config
	problems []error
}

// wrong notes a problem where the key's value stands. What has only a default,
// or is missing, is the file's affair.
func (k *checker) wrong(key, format string, args ...any) {
	o := k.c.Origin(key)
	if o.Place == FromDefault {
		o = Origin{Place: FromFile, Name: k.c.file}
	}
	k.problems = append(k.problems, problem(o, key, fmt.Sprintf(format, args...)))
}

// oneOf notes a value that is none of those allowed.
func (k *checker) oneOf(key, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		k.wrong(key, "%q is not one of %s", value, strings.Join(allowed, ", "))
	}
}

// check says what is wrong with values that are well-formed.
func (c *Config) check() []error {
	k := &checker{c: c}
	if len(c.Orthanc) == 0 {
		k.wrong("orthanc", "must be given: the Orthanc to follow, with name, url and role")
	}
	for _, s := range c.Orthanc {
		k.source(s)
	}
	k.filter(c.Filter)
	k.deidentify(c.Deidentify)
	if len(c.Registries) == 0 {
		k.wrong("registries", "must be given: where accepted reports go, with name and stow")
	}
	for _, r := range c.Registries {
		k.registry(r)
	}
	for _, s := range c.Senders {
		k.sender(s)
	}
	for i, r := range c.Routes {
		k.route(i, r)
	}
	if time.Duration(c.Holding.For) < time.Second {
		k.wrong("holding.for", "must be at least 1s")
	}
	k.ledger(c.Ledger)
	k.notify(c.Notify)
	k.web(c.Web)
	k.oneOf("log.format", c.Log.Format, "text", "json")
	k.oneOf("log.level", c.Log.Level, "debug", "info", "warn", "error")
	return k.problems
}

func isPort(text string) bool {
	_, err := strconv.ParseUint(text, 10, 16)
	return err == nil
}

func (k *checker) source(s Source) {
	at := "orthanc." + s.Name + "."
	k.url(at+"url", s.URL)
	if s.BrowserURL != s.URL {
		k.url(at+"browser_url", s.BrowserURL)
	}
	if s.Role == "" {
		k.wrong(at+"role", "must be given: gateway (what expires is deleted there) or archive (nothing is ever deleted)")
	} else {
		k.oneOf(at+"role", string(s.Role), string(Gateway), string(Archive))
	}
	k.oneOf(at+"marks", string(s.Marks), string(MarksNone), string(MarksMetadata), string(MarksMetadataAndLabels))
	if time.Duration(s.Poll) < time.Second {
		k.wrong(at+"poll", "must be at least 1s")
	}
	k.login(at, s.Username, s.Password)
}

// login notes half a login, which would be sent as something else than was meant.
func (k *checker) login(at, username string, password Secret) {
	if username == "" && password.Reveal() != "" {
		k.wrong(at+"username", "must be given with the password")
	}
	if username != "" && password.Reveal() == "" {
		k.wrong(at+"password", "must be given with the username: best as password_file")
	}
	if strings.Contains(username, ":") {
		k.wrong(at+"username", "must not have a colon: HTTP basic authentication ends the name there")
	}
}

// url notes what is no address. The address is not repeated, nor is the parser's
// error, which would: there may be a password in it.
func (k *checker) url(key, text string) (*url.URL, bool) {
	u, err := url.Parse(text)
	switch {
	case text == "":
		k.wrong(key, "must be given")
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		k.wrong(key, "is not an http or https address")
	case u.User != nil:
		k.wrong(key, "must not have a login in it, since addresses are shown: use username and password_file")
	default:
		return u, true
	}
	return nil, false
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// templates are those that PS3.16 gives dose reports.
var templates = []string{"10001", "10011", "10021", "10040"}

func (k *checker) filter(f Filter) {
	for _, t := range f.Templates {
		k.oneOf("filter.templates", t, templates...)
	}
	if len(f.Templates) == 0 {
		k.wrong("filter.templates", "must name at least one of %s", strings.Join(templates, ", "))
	}
	for i, e := range f.Exclude {
		if e == (Exclude{}) {
			k.wrong(fmt.Sprintf("filter.exclude[%d]", i), "must have a pattern for patient_id or study_description")
		}
		k.pattern(fmt.Sprintf("filter.exclude[%d].patient_id", i), e.PatientID)
		k.pattern(fmt.Sprintf("filter.exclude[%d].study_description", i), e.StudyDescription)
	}
}

// pattern notes a glob pattern that would match nothing, without a word.
func (k *checker) pattern(at, p string) {
	if _, err := path.Match(p, ""); err != nil {
		k.wrong(at, `is no pattern: [ begins a set such as [ab], and \ stands before a character that means itself`)
	}
}

func (k *checker) deidentify(d Deidentify) {
	k.oneOf("deidentify.profile", d.Profile, "registry", "strict")
	k.oneOf("deidentify.dates", d.Dates, "full", "modified", "year", "removed")
	for _, p := range d.Retain.PatientCharacteristics {
		k.oneOf("deidentify.retain.patient_characteristics", p, "sex", "age", "size", "weight")
	}
	if d.Retain.UIDs {
		k.wrong("deidentify.retain.uids", "must be false: original UIDs lead back to the patient, and a registry is outside the house")
	}
	if d.OldestAge < 1 || d.OldestAge > 120 {
		k.wrong("deidentify.oldest_age", "must be from 1 to 120")
	}
}
