package deid_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/rdsr"
)

func BenchmarkDeidentify(b *testing.B) {
	names := []string{"../../testdata/ct-enhanced-sr", "../../testdata/ct-250k"}
	if large := os.Getenv("DOSEGATE_BENCH"); large != "" { // where testdata/make -large wrote
		names = append(names, large+"/ct-250k-measured")
	}
	if files, _ := filepath.Glob("../../../shared/corpus/pyskindose/*.dcm"); files != nil { // of devices
		for _, name := range files {
			names = append(names, strings.TrimSuffix(name, ".dcm"))
		}
	}
	for _, name := range names {
		b.Run(filepath.Base(name), func(b *testing.B) {
			file, err := os.ReadFile(name + ".dcm")
			if err != nil {
				b.Fatal(err)
			}
			ring, err := deid.NewKeyring()
			if err != nil {
				b.Fatal(err)
			}
			x := deid.New(deid.Registry)
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			for b.Loop() {
				doc, err := rdsr.Recognise(file, dataset.Limits{})
				if err != nil {
					b.Fatal(err)
				}
				if _, err := x.Deidentify(doc, deid.Context{Key: ring.Keys()[0]}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
