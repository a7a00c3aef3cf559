package main

import (
	"cmp"
	"fmt"
	"strings"
)

const readmeHead = `# Dose reports made up for tests

Every file here is written by the program in ` + "`make/`" + `, on github.com/suyashkumar/dicom's writer:

    go run ./testdata/make

It writes the same bytes every time, and a test in ` + "`make/`" + ` fails when what is committed is something else. The go tool skips
folders named testdata in ` + "`./...`" + `, so name it: ` + "`go test ./testdata/make`" + `. Nobody in these files ever lived, no device ever
stood anywhere; the doses are of the usual size.

| file | what it holds |
|---|---|
| ` + "`expected.tsv`" + ` | what recognition should say of each file below |
| ` + "`corpus.tsv`" + ` | the same for a set of real reports that is not part of the project; written by hand from those files |
| ` + "`planted.tsv`" + ` | every planted identity: file, path, the shortest token that betrays it, kind |

Kinds in ` + "`planted.tsv`" + `: patient (names), id, issuer, birth, person (staff), institution, order (numbers of order, study and step),
address (AE titles, URL, telephone, street), freetext, device (a serial number and a station name that are not the scanner's own),
uid. None may leave under any profile, except that a profile which retains device or institution identity, or UIDs, may keep
those where the standard's option says so. The scanner's own station name and serial number in the header are not listed.
` + "`expected.tsv`" + ` counts irradiation events by the concepts of TID 10003, 10013, 10022 and 10042 (130501).

## Files
Unless the table says otherwise a file is explicit VR little endian with defined lengths, ISO_IR 100, with a degree sign in the
units of the projection reports. "The usual" identities are in the header, its request attributes and referenced request, and in
the observer's room (121017), as far as the file has these.

| file | what it is | its trouble | planted |
|---|---|---|---|
`

const readmeTail = `
Paths in ` + "`planted.tsv`" + ` are those of the report as it was built. Where the encoding hides the structure (a private sequence in
implicit VR, a sequence under a false VR) a reader sees one opaque value there, and the bytes are in it all the same.

## How they were checked
pydicom reads every file, dcmdump every file but the two of which the table says that it gives up. dciodvfy of dicom3tools finds
errors only where trouble is meant:

| file | errors |
|---|---|
| ` + "`ct-sloppy`" + `, ` + "`ct-wrong-vr`" + `, ` + "`ct-un-explicit`" + `, ` + "`ct-no-group-length`" + ` | what the table says of them |
| ` + "`ct-identities`" + `, ` + "`rf-identities`" + ` | the IOD has no DATE items; Subject Birth Date (121031) is one |
| ` + "`ct-no-device`" + ` | Manufacturer is missing |
| ` + "`rf`" + ` | the age |
| ` + "`rf-latin1-undeclared`" + ` | the degree sign |
| ` + "`ct-deflated`" + `, ` + "`enhanced-xray`" + ` | dciodvfy reads no deflated files and does not know the SOP class |
`

// readme is the whole of README.md, so that no file is without its row.
func readme(files []file) string {
	var b strings.Builder
	b.WriteString(readmeHead)
	for _, f := range files {
		planted := strings.ReplaceAll(f.planted, usual, "the usual")
		fmt.Fprintf(&b, "| `%s.dcm` | %s | %s | %s |\n", f.name, f.what, cmp.Or(f.trouble, "none"), planted)
	}
	b.WriteString(readmeTail)
	return b.String()
}
