package config

import "reflect"

// Keys gives every key, with * for the name of an entry.
func Keys() []string { return keysBelow(reflect.TypeFor[Config](), "") }

func keysBelow(t reflect.Type, key string) (keys []string) {
	for _, f := range fieldsOf(t) {
		at := join(key, f.key)
		switch {
		case isNamed(f.typ):
			keys = append(keys, keysBelow(f.typ.Elem(), at+".*")...)
		case isGroup(f.typ):
			keys = append(keys, keysBelow(f.typ, at)...)
		default:
			keys = append(keys, at)
		}
	}
	return keys
}
