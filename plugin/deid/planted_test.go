package deid_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/dicomtest"
)

// identityTags are the attributes whose original values may be nowhere in the
// output: names, IDs, dates of birth, orders, the institution and its people.
var identityTags = regexp.MustCompile(`(^|\.)(00100010|00100020|00101000|00101001|00101005|00101060|00100030|00101040|00102154|` +
	`00080050|00200010|00380010|00402016|00402017|00401001|00400253|00400009|00080080|00080081|00081040|00080090|00081048|00081050|` +
	`00081060|00081070|00321032|00321033|0040A075|0040A123|0040A027|001021B0|00104000|00081190)$`)

// tooCommon are originals that stand for none, or that a code or a word of the
// standard happens to be: they prove nothing.
func tooCommon(v string) bool {
	switch strings.ToUpper(v) {
	case "", "REMOVED", "ANONYMOUS", "ANON", "NONE", "UNKNOWN", "NULL", "XXXX":
		return true
	}
	return len(v) < 3
}

func TestNoIdentifierOfTheOriginalComesOut(t *testing.T) {
	all, by := readings(t)
	originals := 0
	for _, p := range all {
		var out strings.Builder
		after := map[string]bool{}
		for _, e := range by[p.after].Texts {
			out.WriteString(e[1] + "\n")
			after[e[1]] = true
		}
		for _, e := range by[p.before].Texts {
			uid := strings.Count(e[1], ".") >= 4 && strings.Trim(e[1], "0123456789.") == "" && !strings.HasPrefix(e[1], "1.2.840.10008.") &&
				!strings.HasPrefix(e[1], "2.16.840.1.113883.6.")
			if !uid && !identityTags.MatchString(e[0]) || tooCommon(e[1]) {
				continue
			}
			originals++
			// Short and numeric IDs are figures as well: they count as a whole value.
			whole := len(e[1]) < 8 || e[0] == "00081040" || strings.Trim(e[1], "0123456789.") == "" && !uid
			if whole && after[e[1]] && !figure(by[p.after], e[1]) || !whole && strings.Contains(out.String(), e[1]) {
				t.Errorf("%s: the original of %s comes out", p.name, e[0])
			}
		}
	}
	t.Logf("%d reports, %d identifiers looked for", len(all), originals)
}

// figure reports whether a text stands in the output only where numbers, dates
// and codes do, which it may equal by chance.
func figure(r dicomtest.Reading, text string) bool {
	for _, e := range r.Texts {
		if e[1] != text {
			continue
		}
		switch tag := e[0][strings.LastIndex(e[0], ".")+1:]; tag {
		case "0040A30A", "00080100", "00080104", "00200011", "00200013", "00080020", "00080021", "00080023", "00080012", "00400244", "00180023":
		default:
			return false
		}
	}
	return true
}

// kept are the kinds of planted values that a report keeps: the device, which
// the profile retains, and the free text around the planted words.
var kept = map[string]bool{"device": true, "freetext": true}

func TestNoPlantedIdentityComesOut(t *testing.T) {
	text, err := os.ReadFile("../../testdata/planted.tsv")
	if err != nil {
		t.Fatal(err)
	}
	bytesOf := map[string]string{}
	for _, p := range reports(t) {
		b, err := os.ReadFile(p.after)
		if err != nil {
			t.Fatal(err)
		}
		bytesOf[filepath.ToSlash(p.name)] = string(b)
	}
	looked := 0
	for _, line := range strings.Split(string(text), "\n") {
		c := strings.Split(line, "\t")
		if len(c) != 4 || c[0] == "file" || strings.HasPrefix(c[0], "#") || kept[c[3]] {
			continue
		}
		out, dose := bytesOf[c[0]]
		if !dose {
			continue
		}
		looked++
		if strings.Contains(out, c[2]) {
			t.Errorf("%s: the %s planted at %s comes out", c[0], c[3], c[1])
		}
	}
	if looked < 1000 {
		t.Errorf("only %d planted identities were looked for", looked)
	}
}
