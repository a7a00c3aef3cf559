package config

import (
	"fmt"
	"regexp"
	"strings"
)

// Route is what a report must match, with all keys that are given, and where it
// goes then.
type Route struct {
	// Kind is CT, XA/RF, DX, MG or NM.
	Kind string `koanf:"kind"`

	// Template is a template identifier, such as 10011.
	Template string `koanf:"template"`

	// Source is the name of the source that the report lies in.
	Source string `koanf:"source"`

	// AET is the AE title of who sent it there.
	AET string `koanf:"aet"`

	// Sender is the name of a way that reports come by, of those under senders.
	Sender string `koanf:"sender"`

	// Registries are where it goes.
	Registries []string `koanf:"registries"`

	// Facility is the registry's facility ID, for stations that have none of
	// their own.
	Facility string `koanf:"facility"`
}

func (k *checker) route(i int, r Route) {
	at := fmt.Sprintf("routes[%d]", i)
	var registries, senders []string
	for _, s := range k.c.Senders {
		senders = append(senders, s.Name)
	}
	for _, to := range k.c.Registries {
		registries = append(registries, to.Name)
	}
	if len(r.Registries) == 0 {
		k.wrong(at+".registries", "must name at least one of %s", strings.Join(registries, ", "))
	}
	for _, name := range r.Registries {
		k.oneOf(at+".registries", name, registries...)
	}
	if r.Source != "" {
		k.oneOf(at+".source", r.Source, k.sourceNames()...)
	}
	if r.Sender != "" {
		k.oneOf(at+".sender", r.Sender, senders...)
	}
	if r.Kind != "" {
		k.oneOf(at+".kind", r.Kind, "CT", "XA/RF", "DX", "MG", "NM")
	}
	if r.Template != "" {
		k.oneOf(at+".template", r.Template, templates...)
	}
	if r.Facility != "" && !facilityForm.MatchString(r.Facility) {
		k.wrong(at+".facility", "must be of letters, digits and . _ -, at most 64")
	}
}

// facilityForm is that of stations.yaml.
var facilityForm = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)
