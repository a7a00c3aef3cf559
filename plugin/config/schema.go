package config

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// The structs of config.go are the schema; this file reads them.

// field is one key of a struct.
type field struct {
	key string
	typ reflect.Type
	def string // the default, as it would stand in the file
}

func fieldsOf(t reflect.Type) []field {
	var list []field
	for i := range t.NumField() {
		f := t.Field(i)
		if key := f.Tag.Get("koanf"); key != "" {
			list = append(list, field{key, f.Type, f.Tag.Get("default")})
		}
	}
	return list
}

// fieldOf finds the key of a struct.
func fieldOf(t reflect.Type, key string) (field, bool) {
	fields := fieldsOf(t)
	i := slices.IndexFunc(fields, func(f field) bool { return f.key == key })
	if i < 0 {
		return field{}, false
	}
	return fields[i], true
}

var (
	secretType = reflect.TypeFor[Secret]()
	textType   = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// isText says whether a type reads its own value.
func isText(t reflect.Type) bool { return reflect.PointerTo(t).Implements(textType) }

// isGroup says whether a type has keys of its own.
func isGroup(t reflect.Type) bool { return t.Kind() == reflect.Struct && !isText(t) }

// isNamed says whether a type is a list whose entries have names.
func isNamed(t reflect.Type) bool {
	if t.Kind() != reflect.Slice || !isGroup(t.Elem()) {
		return false
	}
	_, ok := fieldOf(t.Elem(), "name")
	return ok
}

// parse checks that a text is a value of the type.
func parse(t reflect.Type, text string) error {
	switch {
	case isText(t):
		return reflect.New(t).Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text))
	case t.Kind() == reflect.Bool:
		if text != "true" && text != "false" {
			return fmt.Errorf("%q is neither true nor false", text)
		}
	case t.Kind() == reflect.Int:
		if _, err := strconv.Atoi(text); err != nil {
			return fmt.Errorf("%q is not a whole number", text)
		}
	}
	return nil
}

// defaults gives the values of the default tags below a struct, as a tree.
func defaults(t reflect.Type) map[string]any {
	tree := map[string]any{}
	for _, f := range fieldsOf(t) {
		switch {
		case isGroup(f.typ):
			tree[f.key] = defaults(f.typ)
		case f.def != "" && f.typ.Kind() == reflect.Slice:
			tree[f.key] = split(f.def)
		case f.def != "":
			tree[f.key] = f.def
		}
	}
	return tree
}

// split reads a list that is written with commas.
func split(text string) []any {
	var list []any
	for part := range strings.SplitSeq(text, ",") {
		list = append(list, strings.TrimSpace(part))
	}
	return list
}

// suggest says which key was probably meant, or nothing.
func suggest(key string, known []string) string {
	best, distance := "", 3
	for _, k := range known {
		if d := editDistance(plain(key), plain(k)); d < distance && d < len(k) {
			best, distance = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(", did you mean %q?", best)
}

// plain is a key without what is easily mistaken.
func plain(key string) string {
	return strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(key))
}

// editDistance counts the letters to change, add or leave out (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
