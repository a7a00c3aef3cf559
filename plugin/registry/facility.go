package registry

import (
	"errors"
	"strings"
)

// placeholder stands in an address or a header for the facility that the
// registry knows the report's station by.
const placeholder = "{facility}"

// ErrNoFacility is the cause of an error that is about the station's entry: nothing was
// sent, and it passes when that is mended.
var ErrNoFacility = errors.New("its address or a header asks for the facility, and neither the station's entry in stations.yaml nor a route names one")

// noFacility makes the error of a report that goes nowhere for want of a facility.
func noFacility(registry string) *Error {
	return &Error{Kind: Transient, Op: "registry " + registry, Err: ErrNoFacility}
}

// forFacility puts a report's facility into an address, escaped as it has to be
// there. One that leads to another place is none.
func forFacility(address, facility string, escape func(string) string) (string, error) {
	if !strings.Contains(address, placeholder) {
		return address, nil
	}
	if facility == "" || strings.Trim(facility, ".") == "" || strings.ContainsAny(facility, `/\`) {
		return "", ErrNoFacility
	}
	return strings.ReplaceAll(address, placeholder, escape(facility)), nil
}
