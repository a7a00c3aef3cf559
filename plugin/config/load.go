package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/rawbytes"
	"github.com/knadh/koanf/v2"
)

// Surroundings are where values come from beside the file. The zero value is
// right for a program.
type Surroundings struct {
	Environ    []string // nil: that of the process
	SecretsDir string   // empty: /run/secrets
}

// Load reads and checks the configuration file at path with what lies over it.
// Its error tells everything that is wrong, a line each.
func Load(path string, s Surroundings) (*Config, error) {
	if s.Environ == nil {
		s.Environ = os.Environ()
	}
	if s.SecretsDir == "" {
		s.SecretsDir = "/run/secrets"
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("find configuration %s: %w", path, err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}

	k := koanf.New(".")
	file := newLayer(FromFile, path, filepath.Dir(path))
	if err := k.Load(rawbytes.Provider(data), file); err != nil {
		return nil, fmt.Errorf("read configuration %w", err)
	}
	over := newOverlay(file)
	over.runSecrets(s.SecretsDir)
	over.environment(s.Environ)
	layers := []*layer{file, over.secrets, over.files, over.direct}
	for _, l := range layers[1:] {
		if err := k.Load(confmap.Provider(l.values, "."), nil); err != nil {
			return nil, fmt.Errorf("lay %s over the configuration: %w", l.place, err)
		}
	}
	c, err := build(k.Raw(), layers)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// build makes the configuration of what koanf laid together.
func build(tree map[string]any, layers []*layer) (*Config, error) {
	file := layers[0]
	c := &Config{file: file.name, origins: map[string]Origin{}}
	var problems []error
	for _, l := range layers { // the nearest last
		problems = append(problems, l.problems...)
		for key, o := range l.origins {
			c.origins[key] = o
		}
	}
	problems = append(problems, readSecrets(tree, "", c)...)
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	if err := decode(withDefaults(tree, reflect.TypeFor[Config](), "", file.order), c); err != nil {
		return nil, fmt.Errorf("read configuration %s: %w", file.name, err)
	}
	c.settle(file.dir)
	if problems = c.check(); len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return c, nil
}

// readSecrets puts the content of secret files in their place.
func readSecrets(tree map[string]any, key string, c *Config) (problems []error) {
	for name, v := range tree {
		at := join(key, name)
		switch v := v.(type) {
		case map[string]any:
			problems = append(problems, readSecrets(v, at, c)...)
		case secretFile:
			text, err := v.read()
			if err != nil {
				problems = append(problems, problem(c.Origin(at), at, err.Error()))
			}
			tree[name] = text
		}
	}
	return problems
}

// withDefaults lays the tree over the defaults, and turns maps by name into the
// lists that they were in the file.
func withDefaults(tree map[string]any, t reflect.Type, key string, order map[string][]string) map[string]any {
	full := defaults(t)
	for _, f := range fieldsOf(t) {
		v, ok := tree[f.key]
		at := join(key, f.key)
		switch below, isMap := v.(map[string]any); {
		case isNamed(f.typ):
			list := []any{}
			for _, name := range order[at] {
				entry, _ := below[name].(map[string]any)
				list = append(list, withDefaults(entry, f.typ.Elem(), join(at, name), order))
			}
			full[f.key] = list
		case isGroup(f.typ) && isMap:
			full[f.key] = withDefaults(below, f.typ, at, order)
		case ok:
			full[f.key] = v
		}
	}
	return full
}

// decode writes the tree into the structs. The texts were parsed once already,
// to say in our words what is wrong with them.
func decode(tree map[string]any, c *Config) error {
	k := koanf.New(".")
	if err := k.Load(confmap.Provider(tree, ""), nil); err != nil {
		return err
	}
	return k.UnmarshalWithConf("", c, koanf.UnmarshalConf{DecoderConfig: &mapstructure.DecoderConfig{
		DecodeHook:       mapstructure.TextUnmarshallerHookFunc(),
		Result:           c,
		TagName:          "koanf",
		WeaklyTypedInput: true,
		ErrorUnused:      true,
	}})
}

// settle makes paths absolute, and fills in what depends on another key.
func (c *Config) settle(dir string) {
	c.StationsFile = absolute(dir, c.StationsFile)
	c.Deidentify.KeyFile = absolute(dir, c.Deidentify.KeyFile)
	for _, path := range []*string{&c.Web.UsersFile, &c.Web.CertificateFile, &c.Web.CertificateKeyFile,
		&c.Notify.Mail.CAFile, &c.Notify.Webhook.CAFile} {
		if *path != "" {
			*path = absolute(dir, *path)
		}
	}
	if path, ok := strings.CutPrefix(c.Ledger, sqlitePrefix); ok && path != "" {
		c.Ledger = sqlitePrefix + absolute(dir, path)
	}
	c.hidePassword()
	for i := range c.Registries {
		c.Registries[i].settle(dir)
	}
	for i := range c.Orthanc {
		s := &c.Orthanc[i]
		since, marks := SinceAll, MarksMetadataAndLabels
		if s.Role == Archive {
			since, marks = SinceNow, MarksNone
		}
		if s.Since == "" {
			s.Since = since
		}
		if s.Marks == "" {
			s.Marks = marks
		}
		if s.BrowserURL == "" {
			s.BrowserURL = s.URL
		}
	}
}

// problem is one line of Load's error: where, which key, what, and what to do.
func problem(o Origin, key, what string) error {
	if key == "" {
		return fmt.Errorf("%s: %s", o, what)
	}
	return fmt.Errorf("%s: %s: %s", o, key, what)
}
