// Command make writes the test files of this folder: dose reports in the encodings, character sets and conditions in which
// real ones arrive, with invented identities in the places where real ones have them.
//
//	go run ./testdata/make [FOLDER]
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	folder := "testdata"
	if len(os.Args) > 1 {
		folder = os.Args[1]
	}
	if err := write(folder); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// write makes every file in folder, over what is there.
func write(folder string) error {
	for name, content := range outputs() {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// outputs is every file that this program makes, by name.
func outputs() map[string][]byte {
	files := catalogue()
	out := map[string][]byte{
		"expected.tsv": []byte(expectedTable(files)),
		"planted.tsv":  []byte(plantedTable(files)),
		"README.md":    []byte(readme(files)),
	}
	for _, f := range files {
		out[f.name+".dcm"] = f.enc.file(f.data)
	}
	return out
}
