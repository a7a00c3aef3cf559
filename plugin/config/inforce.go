package config

import (
	"encoding"
	"fmt"
	"net/url"
	"reflect"
	"strings"
)

// Setting is one key as it is in force.
type Setting struct {
	Key    string // with dots; an entry of a list by its name
	Value  string // as it would stand in the file; of a secret only whether there is one
	Origin Origin
	Secret bool
}

// Settings are all keys with their values in force, in the order of the
// documentation.
func (c *Config) Settings() []Setting {
	return c.settings(reflect.ValueOf(*c), "")
}

func (c *Config) settings(v reflect.Value, at string) (all []Setting) {
	for _, f := range fieldsOf(v.Type()) {
		value, key := valueOf(v, f.key), join(at, f.key)
		switch {
		case isGroup(f.typ):
			all = append(all, c.settings(value, key)...)
		case isNamed(f.typ):
			for i := range value.Len() {
				entry := value.Index(i)
				all = append(all, c.settings(entry, join(key, valueOf(entry, "name").String()))...)
			}
		default:
			all = append(all, c.setting(key, value))
		}
	}
	return all
}

func valueOf(v reflect.Value, key string) reflect.Value {
	for i := range v.NumField() {
		if v.Type().Field(i).Tag.Get("koanf") == key {
			return v.Field(i)
		}
	}
	return reflect.Value{}
}

func (c *Config) setting(key string, v reflect.Value) Setting {
	s := Setting{Key: key, Origin: c.Origin(key)}
	switch value := v.Interface().(type) {
	case Secret:
		s.Secret, s.Value = true, "not set"
		if value.Reveal() != "" {
			s.Value = "set, not shown"
		}
	case []Exclude:
		var rules []string
		for _, e := range value {
			rules = append(rules, fmt.Sprintf("patient_id: %q, study_description: %q", e.PatientID, e.StudyDescription))
		}
		s.Value = strings.Join(rules, "; ")
	case []string:
		if strings.HasSuffix(key, ".headers") {
			value = headerNames(value)
		}
		s.Value = strings.Join(value, ", ")
	case encoding.TextMarshaler:
		if text, err := value.MarshalText(); err == nil {
			s.Value = string(text)
		}
	default:
		s.Value = withoutLogin(fmt.Sprint(value))
	}
	return s
}

// headerNames leaves out the values of headers: a key of the registry's may be one.
func headerNames(headers []string) (names []string) {
	for _, h := range headers {
		name, _, _ := strings.Cut(h, ":")
		names = append(names, name+": not shown")
	}
	return names
}

// withoutLogin leaves the password out of an address, as that of a proxy may have
// one.
func withoutLogin(text string) string {
	if u, err := url.Parse(text); err == nil && u.User != nil {
		return u.Redacted()
	}
	return text
}
