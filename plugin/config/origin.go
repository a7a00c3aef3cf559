package config

import "fmt"

// Place is a kind of place that a value comes from.
type Place string

// The places, the farthest first.
const (
	FromDefault     Place = "default"
	FromFile        Place = "file"
	FromRunSecret   Place = "run secret"
	FromSecretFile  Place = "secret file"
	FromEnvironment Place = "environment"
)

// Origin is where the value of a key comes from.
type Origin struct {
	Place Place
	Name  string // the file's path, or the variable's name
	Line  int    // in the configuration file
}

// String says it as an error does.
func (o Origin) String() string {
	switch {
	case o.Place == FromDefault:
		return "default"
	case o.Line > 0:
		return fmt.Sprintf("%s:%d", o.Name, o.Line)
	default:
		return o.Name
	}
}

// Origin says where the value of a key comes from. A key is written with dots,
// and an entry of a list with its name: registries.dir.password.
func (c *Config) Origin(key string) Origin {
	if o, ok := c.origins[key]; ok {
		return o
	}
	return Origin{Place: FromDefault}
}
