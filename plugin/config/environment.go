package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// prefix begins the name of every variable and run secret of ours.
const prefix = "DOSEGATE__"

// variable is how a key or a name is written in the environment.
func variable(name string) string { return strings.ToUpper(strings.ReplaceAll(name, "-", "_")) }

// overlay is what the environment and the run secrets lay over the file. It
// knows the names in the file's lists: only entries that are there can be meant.
type overlay struct {
	names   map[string][]string
	dir     string
	secrets *layer // run secrets
	files   *layer // _SECRET variables
	direct  *layer // variables
}

func newOverlay(file *layer) *overlay {
	return &overlay{
		names:   file.order,
		dir:     file.dir,
		secrets: newLayer(FromRunSecret, "", file.dir),
		files:   newLayer(FromSecretFile, "", file.dir),
		direct:  newLayer(FromEnvironment, "", file.dir),
	}
}

// environment takes the variables.
func (o *overlay) environment(environ []string) {
	environ = slices.Sorted(slices.Values(environ)) // errors in a settled order
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		if base, ok := strings.CutSuffix(name, "_SECRET"); ok {
			o.files.name = name
			o.secret(o.files, base, absolute(o.dir, value))
			continue
		}
		o.direct.name = name
		key, t, err := o.locate(name)
		if err != nil {
			o.direct.problem(nil, "", "%v", err)
			continue
		}
		o.value(key, t, value)
	}
}

// runSecrets takes the files in the folder where containers put secrets.
func (o *overlay) runSecrets(folder string) {
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		o.secrets.name = folder
		o.secrets.problem(nil, "", "cannot be read: %v", reason(err))
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), prefix) {
			path := filepath.Join(folder, e.Name())
			o.secrets.name = path
			o.secret(o.secrets, e.Name(), path)
		}
	}
}

// secret notes the file of a secret.
func (o *overlay) secret(l *layer, name, path string) {
	key, t, err := o.locate(name)
	if err == nil && t != secretType {
		err = fmt.Errorf("%s is not a secret: set %s instead", key, name)
	}
	if err != nil {
		l.problem(nil, "", "%v", err)
		return
	}
	l.set(key, secretFile(path))
}

// value notes the value of a variable. Lists are written with commas, or as in YAML.
func (o *overlay) value(key string, t reflect.Type, text string) {
	l := o.direct
	var v any
	switch {
	case isGroup(t) || isNamed(t):
		l.problem(nil, key, "cannot be set as a whole, only the keys below it")
		return
	case strings.HasSuffix(key, ".name"):
		l.problem(nil, key, "cannot be set here: an entry is meant by the name it has in the file")
		return
	case t.Kind() == reflect.Slice && (isGroup(t.Elem()) || strings.HasPrefix(text, "[")):
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(text), &doc); err != nil || len(doc.Content) == 0 {
			l.problem(nil, key, "is not a list as YAML writes it")
			return
		}
		v = l.read(doc.Content[0], t, key)
	case t.Kind() == reflect.Slice:
		v = split(text)
	default:
		if err := parse(t, text); err != nil {
			l.problem(nil, key, "%v", err)
			return
		}
		v = text
	}
	if v != nil {
		l.set(key, v)
	}
}

// set puts a value into the tree.
func (l *layer) set(key string, v any) {
	l.origins[key] = Origin{Place: l.place, Name: l.name}
	parts := strings.Split(key, ".")
	tree := l.values
	for _, p := range parts[:len(parts)-1] {
		below, ok := tree[p].(map[string]any)
		if !ok {
			below = map[string]any{}
			tree[p] = below
		}
		tree = below
	}
	tree[parts[len(parts)-1]] = v
}

// locate finds the key that a variable means.
func (o *overlay) locate(name string) (key string, t reflect.Type, err error) {
	t = reflect.TypeFor[Config]()
	for part := range strings.SplitSeq(strings.TrimPrefix(name, prefix), "__") {
		var known []string
		switch {
		case isNamed(t):
			known = o.names[key]
		case isGroup(t):
			for _, f := range fieldsOf(t) {
				known = append(known, f.key)
			}
		default:
			return "", nil, fmt.Errorf("%s has no keys below it", key)
		}
		i := slices.IndexFunc(known, func(k string) bool { return variable(k) == variable(part) })
		if i < 0 {
			return "", nil, o.unknown(key, t, part, known)
		}
		if isNamed(t) {
			t = t.Elem()
		} else {
			f, _ := fieldOf(t, known[i])
			t = f.typ
		}
		key = join(key, known[i])
	}
	return key, t, nil
}

// unknown says what to do about a part that is not known.
func (o *overlay) unknown(key string, t reflect.Type, part string, known []string) error {
	if isNamed(t) {
		return fmt.Errorf("the file has no entry of that name in %s: %s%s", key, part, suggest(part, known))
	}
	if base, isFile := secretOf(t, strings.ToLower(part)); isFile {
		return fmt.Errorf("a secret's file is given as %s_SECRET here", variable(base))
	}
	return fmt.Errorf("unknown key %s%s", join(key, strings.ToLower(part)), suggest(part, known))
}
