package registry

import (
	"bytes"
	"crypto/rand"
	"io"
	"slices"
	"strings"

	"github.com/hashicorp/go-retryablehttp"
)

// body is a request of one part a file, or of none: PS3.18 8.6.1.2, multipart/related.
// The files are read from where they lie; a second try reads them again.
type body struct {
	boundary string
	files    [][]byte
}

func newBody(files ...[]byte) *body { return &body{boundaryFor(files), files} }

// boundaryFor makes a boundary that does not occur in the files.
func boundaryFor(files [][]byte) string {
	for {
		b := "dosegate-" + rand.Text()
		if !slices.ContainsFunc(files, func(file []byte) bool { return bytes.Contains(file, []byte(b)) }) {
			return b
		}
	}
}

func (b *body) contentType() string {
	return `multipart/related; type="application/dicom"; boundary=` + b.boundary
}

// head and tail stand before and after each file, end after the last one.
func (b *body) head() string {
	return "--" + b.boundary + "\r\nContent-Type: application/dicom\r\n\r\n"
}
func (b *body) tail() string { return "\r\n" }
func (b *body) end() string  { return "--" + b.boundary + "--\r\n" }

func (b *body) length() int64 {
	n := len(b.end())
	for _, file := range b.files {
		n += len(b.head()) + len(file) + len(b.tail())
	}
	return int64(n)
}

func (b *body) reader() retryablehttp.ReaderFunc {
	return func() (io.Reader, error) {
		var parts []io.Reader
		for _, file := range b.files {
			parts = append(parts, strings.NewReader(b.head()), bytes.NewReader(file), strings.NewReader(b.tail()))
		}
		return io.MultiReader(append(parts, strings.NewReader(b.end()))...), nil
	}
}
