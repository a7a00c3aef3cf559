// Command make writes the test files of this folder: dose reports in the encodings, character sets and conditions in which
// real ones arrive, with invented identities in the places where real ones have them.
//
//	go run ./testdata/make [FOLDER]
//	go run ./testdata/make -large FOLDER
//
// The second writes reports that are too large to be part of the project, for scripts/bench-deid.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	large := flag.Bool("large", false, "write the large reports and their planted.tsv instead")
	flag.Parse()
	folder, content := "testdata", outputs
	if flag.NArg() > 0 {
		folder = flag.Arg(0)
	}
	if *large {
		if flag.NArg() != 1 {
			fmt.Fprintln(os.Stderr, "-large wants a folder: these files are no part of testdata")
			os.Exit(2)
		}
		content = largeOutputs
	}
	if err := write(folder, content()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// write makes every file in folder, over what is there.
func write(folder string, files map[string][]byte) error {
	for name, content := range files {
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
	encodeInto(out, files)
	return out
}

func encodeInto(out map[string][]byte, files []file) {
	for _, f := range files {
		out[f.name+".dcm"] = f.enc.file(f.data)
	}
}
