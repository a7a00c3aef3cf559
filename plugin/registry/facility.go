package registry

import (
	"errors"
	"strings"
)

// placeholder stands in an address or a header for the facility that the
// registry knows the report's station by.
const placeholder = "{facility}"

// errNoFacility is about the station's entry, and passes when that is mended.
var errNoFacility = errors.New("its address asks for a facility, and the station's entry in stations.yaml names none")

// forFacility puts a report's facility into an address, escaped as it has to be
// there. One that leads to another place is none.
func forFacility(address, facility string, escape func(string) string) (string, error) {
	if !strings.Contains(address, placeholder) {
		return address, nil
	}
	if facility == "" || strings.Trim(facility, ".") == "" || strings.ContainsAny(facility, `/\`) {
		return "", errNoFacility
	}
	return strings.ReplaceAll(address, placeholder, escape(facility)), nil
}
