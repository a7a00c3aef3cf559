//go:build native

package main

import (
	"encoding/binary"
	"strings"
)

// sopClass reads the Media Storage SOP Class UID (0002,0002) of a file, "" where
// it has none. File meta information is explicit little endian (PS3.10 7.1); it
// is all that is read of an image.
func sopClass(file []byte) string {
	const preamble = 132
	if len(file) < preamble || string(file[128:preamble]) != "DICM" {
		return ""
	}
	for at := preamble; at+8 <= len(file) && binary.LittleEndian.Uint16(file[at:]) == 2; {
		element, length, value := binary.LittleEndian.Uint16(file[at+2:]), int(binary.LittleEndian.Uint16(file[at+6:])), at+8
		switch vr := string(file[at+4 : at+6]); vr {
		case "OB", "OW", "UN", "UT", "SQ":
			if at+12 > len(file) {
				return ""
			}
			length, value = int(binary.LittleEndian.Uint32(file[at+8:])), at+12
		}
		if length > len(file)-value {
			return ""
		}
		if element == 2 {
			return strings.Trim(string(file[value:value+length]), "\x00 ")
		}
		at = value + length
	}
	return ""
}

// structuredReport reports whether a SOP class is one of PS3.4 B.5 that hold a
// content tree.
func structuredReport(class string) bool {
	return strings.HasPrefix(class, "1.2.840.10008.5.1.4.1.1.88.")
}
