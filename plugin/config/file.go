package config

import (
	"fmt"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// layer is the values from one kind of place. It is a koanf.Parser, so that
// koanf lays one over the other. Scalars stay the text that stands in the file:
// what they mean is the key's affair, and YAML would turn a password of 0123
// into 83. A list of entries with names is a map by name.
type layer struct {
	values   map[string]any
	origins  map[string]Origin
	order    map[string][]string // the names in a list, as they follow each other
	problems []error

	place Place
	name  string // the file, or the variable
	dir   string // that relative paths start from
}

func newLayer(place Place, name, dir string) *layer {
	return &layer{values: map[string]any{}, origins: map[string]Origin{}, order: map[string][]string{},
		place: place, name: name, dir: dir}
}

// Unmarshal reads a YAML document.
func (l *layer) Unmarshal(data []byte) (map[string]any, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", l.name, err)
	}
	if len(doc.Content) == 0 {
		return l.values, nil
	}
	if tree, ok := l.read(doc.Content[0], reflect.TypeFor[Config](), "").(map[string]any); ok {
		l.values = tree
	}
	return l.values, nil
}

// Marshal is not needed.
func (l *layer) Marshal(map[string]any) ([]byte, error) {
	return nil, fmt.Errorf("the configuration is not written by dosegate")
}

// problem notes what is wrong with a key.
func (l *layer) problem(n *yaml.Node, key, format string, args ...any) {
	l.problems = append(l.problems, problem(l.origin(n), key, fmt.Sprintf(format, args...)))
}

func (l *layer) origin(n *yaml.Node) Origin {
	o := Origin{Place: l.place, Name: l.name}
	if l.place == FromFile {
		o.Line = n.Line
	}
	return o
}

// read turns a node into the tree of a type. It gives nil for what is empty or
// wrong.
func (l *layer) read(n *yaml.Node, t reflect.Type, key string) any {
	switch {
	case n.Kind == yaml.AliasNode:
		l.problem(n, key, "YAML aliases are not supported")
		return nil
	case n.Tag == "!!null":
		return nil // a key without a value is as good as none
	case isGroup(t):
		return l.readGroup(n, t, key)
	case isNamed(t):
		return l.readNamed(n, t, key)
	case t.Kind() == reflect.Slice:
		return l.readList(n, t, key)
	case n.Kind != yaml.ScalarNode:
		l.problem(n, key, "must be a single value")
		return nil
	}
	if err := parse(t, n.Value); err != nil {
		l.problem(n, key, "%v", err)
		return nil
	}
	l.origins[key] = l.origin(n)
	return n.Value
}

func (l *layer) readGroup(n *yaml.Node, t reflect.Type, key string) any {
	if n.Kind != yaml.MappingNode {
		l.problem(n, key, "must have keys below it: %s", strings.Join(keysOf(t), ", "))
		return nil
	}
	tree := map[string]any{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		path := join(key, name.Value)
		target, isFile := secretOf(t, name.Value)
		f, ok := fieldOf(t, target)
		if !ok {
			l.problem(name, path, "unknown key%s", suggest(name.Value, keysOf(t)))
			continue
		}
		if _, twice := tree[target]; twice {
			l.problem(name, path, "is given twice")
			continue
		}
		v := l.read(value, f.typ, join(key, target))
		if text, ok := v.(string); ok && isFile {
			v = secretFile(absolute(l.dir, text))
		}
		if v != nil {
			tree[target] = v
		}
	}
	return tree
}

// keysOf lists what may stand in a group.
func keysOf(t reflect.Type) (keys []string) {
	for _, f := range fieldsOf(t) {
		keys = append(keys, f.key)
		if f.typ == secretType {
			keys = append(keys, f.key+"_file")
		}
	}
	return keys
}

// secretOf gives the key whose secret lies in the file that this key names.
func secretOf(t reflect.Type, key string) (target string, isFile bool) {
	base, ok := strings.CutSuffix(key, "_file")
	if f, known := fieldOf(t, base); ok && known && f.typ == secretType {
		return base, true
	}
	return key, false
}

// nameForm keeps names fit for a variable, a dotted key and a table.
var nameForm = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9_-]{0,30}[A-Za-z0-9])?$`)

func (l *layer) readNamed(n *yaml.Node, t reflect.Type, key string) any {
	if n.Kind != yaml.SequenceNode {
		l.problem(n, key, "must be a list: begin each entry with - name: …")
		return nil
	}
	tree := map[string]any{}
	for i, entry := range n.Content {
		at := fmt.Sprintf("%s[%d]", key, i)
		name := nameOf(entry)
		switch {
		case name == "":
			l.problem(entry, at, "has no name: add name: …")
			continue
		case !nameForm.MatchString(name) || strings.Contains(name, "__"):
			l.problem(entry, at+".name", "%q must be of letters, digits, single _ and -, at most 32", name)
			continue
		case l.hasName(key, name):
			l.problem(entry, at+".name", "%q is there already: names differ in more than case, - and _", name)
			continue
		}
		l.order[key] = append(l.order[key], name)
		if v := l.read(entry, t.Elem(), join(key, name)); v != nil {
			tree[name] = v
		}
	}
	return tree
}

func (l *layer) hasName(key, name string) bool {
	for _, n := range l.order[key] {
		if variable(n) == variable(name) {
			return true
		}
	}
	return false
}

// nameOf finds the name of an entry before the entry is read.
func nameOf(n *yaml.Node) string {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == "name" && n.Content[i+1].Kind == yaml.ScalarNode {
			return n.Content[i+1].Value
		}
	}
	return ""
}

func (l *layer) readList(n *yaml.Node, t reflect.Type, key string) any {
	if n.Kind != yaml.SequenceNode {
		l.problem(n, key, "must be a list, such as [a, b]")
		return nil
	}
	list := []any{}
	for i, entry := range n.Content {
		if v := l.read(entry, t.Elem(), fmt.Sprintf("%s[%d]", key, i)); v != nil {
			list = append(list, v)
		}
	}
	l.origins[key] = l.origin(n)
	return list
}

func join(key, name string) string {
	if key == "" {
		return name
	}
	return key + "." + name
}

func absolute(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}
