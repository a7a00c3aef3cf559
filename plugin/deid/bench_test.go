package deid_test

import (
	"os"
	"testing"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/rdsr"
)

func BenchmarkDeidentify(b *testing.B) {
	for _, name := range []string{"ct-enhanced-sr", "ct-250k"} {
		b.Run(name, func(b *testing.B) {
			file, err := os.ReadFile("../../testdata/" + name + ".dcm")
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
