package main

import "math/rand/v2"

// largeFiles are reports that scripts/bench-deid wants and that nobody needs to have lying about: every figure differs from
// event to event, as a device measures them, and identities are in every place that a CT's report has for them.
func largeFiles() []file {
	return []file{
		measured("ct-250k-measured", 63),
		measured("ct-4m-measured", 1080),
	}
}

// largeOutputs is every large file and what is planted in it, by name.
func largeOutputs() map[string][]byte {
	files := largeFiles()
	out := map[string][]byte{"planted.tsv": []byte(plantedTable(files))}
	encodeInto(out, files)
	return out
}

// measured is a CT report of n events, the same whenever it is made.
func measured(name string, n int) file {
	d := ct(name)
	chance := rand.New(rand.NewPCG(1, uint64(n)))
	vary := func(figures ...*float64) {
		for _, f := range figures {
			*f *= 0.5 + chance.Float64()
		}
	}
	scans := make([]ctScan, n)
	for i := range scans {
		s := ctScans[i%len(ctScans)]
		vary(&s.seconds, &s.length, &s.pitch, &s.maxMA, &s.ma, &s.rot, &s.ctdi)
		scans[i] = s
	}
	return file{name: name, what: "TID 10011", data: add(d.header(), ctTree(d, "10011", scans, ctNames(d)...), d.hiding()),
		want: recognition{"10011", "CT", n + 1, ""}}
}
