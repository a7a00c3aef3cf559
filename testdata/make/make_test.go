package main

import (
	"bytes"
	"compress/flate"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/suyashkumar/dicom"
	"github.com/suyashkumar/dicom/pkg/tag"
)

func TestCommittedFilesAreWhatTheGeneratorWrites(t *testing.T) {
	fresh := t.TempDir()
	if err := write(fresh, outputs()); err != nil {
		t.Fatal(err)
	}
	for name := range made() {
		got, want := readFile(t, filepath.Join("..", name)), readFile(t, filepath.Join(fresh, name))
		if deflated(name) {
			got, want = inflate(t, got), inflate(t, want)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what the generator writes: run go run ./testdata/make", name)
		}
	}
	committed, err := filepath.Glob("../*.dcm")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range committed {
		if _, ok := made()[filepath.Base(path)]; !ok {
			t.Errorf("%s is made by nothing", path)
		}
	}
}

func TestEveryPlantedValueIsInItsFile(t *testing.T) {
	rows := strings.Split(strings.TrimSpace(plantedTable(catalogue())), "\n")[3:]
	files := made()
	for _, row := range rows {
		column := strings.Split(row, "\t")
		content := files[column[0]]
		if deflated(column[0]) {
			content = append(content, inflate(t, content)...)
		}
		if !bytes.Contains(content, []byte(column[2])) {
			t.Errorf("%s does not hold what is planted at %s", column[0], column[1])
		}
	}
}

// TestLibraryReadsWhatItCan parses the files with the library's reader: what its writer and ours wrote fits together.
func TestLibraryReadsWhatItCan(t *testing.T) {
	cannot := map[string]string{
		"ct-implicit-stray.dcm":  "takes the string for a sequence",
		"ct-no-group-length.dcm": "wants the group length",
	}
	for _, f := range catalogue() {
		name := f.name + ".dcm"
		content := made()[name]
		_, expected := cannot[name]
		data, err := dicom.Parse(bytes.NewReader(content), int64(len(content)), nil)
		if err == nil {
			_, err = data.FindElementByTag(tag.SOPInstanceUID)
		}
		if expected != (err != nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// made is what the generator makes, made once.
var made = sync.OnceValue(outputs)

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// deflated files are compared inflated: Go's compressor may change with Go.
func deflated(name string) bool { return name == "ct-deflated.dcm" }

// inflate returns the data set of a deflated file, whose file meta information begins with its own length.
func inflate(t *testing.T, file []byte) []byte {
	t.Helper()
	const lengthAt, metaAt = 128 + 4 + 8, 128 + 4 + 12
	length := int(file[lengthAt]) | int(file[lengthAt+1])<<8
	body, err := io.ReadAll(flate.NewReader(bytes.NewReader(file[metaAt+length:])))
	if err != nil {
		t.Fatal(err)
	}
	return body
}
