package registry

import (
	"bytes"
	"crypto/rand"
	"io"
	"strings"

	"github.com/hashicorp/go-retryablehttp"
)

// body is a request of one part, or of none: PS3.18 8.6.1.2, multipart/related.
// The file is read from where it lies; a second try reads it again.
type body struct {
	boundary   string
	head, tail string
	file       []byte
}

func newBody(file []byte) *body {
	b := &body{boundary: boundaryFor(file), file: file}
	if file != nil {
		b.head = "--" + b.boundary + "\r\nContent-Type: application/dicom\r\n\r\n"
		b.tail = "\r\n"
	}
	b.tail += "--" + b.boundary + "--\r\n"
	return b
}

// boundaryFor makes a boundary that does not occur in the file.
func boundaryFor(file []byte) string {
	for {
		b := "dosegate-" + rand.Text()
		if !bytes.Contains(file, []byte(b)) {
			return b
		}
	}
}

func (b *body) contentType() string {
	return `multipart/related; type="application/dicom"; boundary=` + b.boundary
}

func (b *body) length() int64 { return int64(len(b.head) + len(b.file) + len(b.tail)) }

func (b *body) reader() retryablehttp.ReaderFunc {
	return func() (io.Reader, error) {
		return io.MultiReader(strings.NewReader(b.head), bytes.NewReader(b.file), strings.NewReader(b.tail)), nil
	}
}
